package gs1

import (
	"net/url"
	"slices"
	"strings"

	"flowviz/internal/fault"
)

// gs1Host is GS1's own resolver. What has the form of a key there is one; elsewhere /2022/01/15 may be a date.
const gs1Host = "id.gs1.org"

// parseDigitalLink reads a GS1 Digital Link URI: its path ends in pairs of an AI and a value, first the key, then what
// qualifies it.
func parseDigitalLink(s string) (Key, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Key{}, ErrNotGS1
	}
	segments := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	start := keyStart(segments)
	if start < 0 || !strings.EqualFold(u.Hostname(), gs1Host) && !plausible(segments[start], segments[start+1]) {
		return Key{}, ErrNotGS1
	}
	e := elements{}
	for i := start; i < len(segments); i += 2 {
		value, err := unescape(s, segments[i+1])
		if err != nil {
			return Key{}, err
		}
		if err := e.add(segments[i], value); err != nil {
			return Key{}, err
		}
		if i > start && !slices.Contains(qualifiersOf(segments[start]), segments[i]) {
			return Key{}, fault.BadInput("", "%s has AI (%s) after AI (%s), which it can't qualify", quote(s), segments[i], segments[start])
		}
	}
	return e.key()
}

// qualifiersOf lists the AIs that can follow a key in a path (GS1 Digital Link Standard: URI Syntax, section 4.5); it is nil
// for what is no key of this package.
func qualifiersOf(ai string) []string {
	switch ai {
	case "00":
		return []string{}
	case "01":
		return []string{"22", "10", "21", "235"}
	case "414":
		return []string{"254"}
	case "417":
		return []string{"7040"}
	}
	return nil
}

// keyStart finds where the pairs begin, counted from the end, so that a lot may itself be "01" and anything may stand before
// them: the first key from the end that only AIs follow. It is -1 where there is none.
func keyStart(segments []string) int {
	for i := len(segments) - 2; i >= 0; i -= 2 {
		if qualifiersOf(segments[i]) != nil {
			return i
		}
		if !isAI(segments[i]) {
			return -1
		}
	}
	return -1
}

// plausible reports whether a value could be the number of a key, right or wrong.
func plausible(ai, value string) bool {
	if !isDigits(value) {
		return false
	}
	switch ai {
	case "00":
		return len(value) == 18
	case "01":
		return len(value) == 8 || len(value) >= 12 && len(value) <= 14
	}
	return len(value) == 13
}
