package definition

import (
	"fmt"
	"strconv"
	"strings"
)

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// escape makes a member's name a part of a JSON pointer.
func escape(name string) string { return escaper.Replace(name) }

// at is the JSON pointer of names and indices.
func at(parts ...any) string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "/%v", part)
	}
	return b.String()
}

// place names a place as a person would look for it: gates[3] "4.2" limits[0] "HEAT" anyOf[0][1].value. What has a code, a
// number, a key or a type of its own is called by it. "" is the whole document.
func (d *document) place(at string) string {
	var b strings.Builder
	value := d.root
	for _, part := range strings.Split(at, "/")[1:] {
		part = unescaper.Replace(part)
		switch parent := value.(type) {
		case []any:
			i, _ := strconv.Atoi(part)
			value = nil
			if i < len(parent) {
				value = parent[i]
			}
			fmt.Fprintf(&b, "[%d]%s", i, label(value))
		default:
			object, _ := parent.(map[string]any)
			value = object[part]
			if s := b.String(); s != "" {
				if strings.HasSuffix(s, `"`) {
					b.WriteByte(' ')
				} else {
					b.WriteByte('.')
				}
			}
			b.WriteString(cut(part))
		}
	}
	return b.String()
}

// label is the name that an entry of a list gives itself.
func label(entry any) string {
	object, _ := entry.(map[string]any)
	for _, name := range []string{"code", "number", "key", "type"} {
		if value, ok := object[name]; ok {
			return " " + short(value)
		}
	}
	return ""
}

// short quotes a value in at most about 40 characters, so that a fault's length does not depend on the document.
func short(value any) string { return strconv.Quote(cut(fmt.Sprint(value))) }

func cut(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// without is a copy of a value that leaves places out: a member goes, an entry of a list becomes null, so that those after
// it keep their index.
func without(places map[string]bool, value any, at string) any {
	if places[at] {
		return nil
	}
	switch value := value.(type) {
	case map[string]any:
		kept := make(map[string]any, len(value))
		for name, member := range value {
			if place := at + "/" + escape(name); !places[place] {
				kept[name] = without(places, member, place)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(value))
		for i, entry := range value {
			kept[i] = without(places, entry, fmt.Sprintf("%s/%d", at, i))
		}
		return kept
	}
	return value
}
