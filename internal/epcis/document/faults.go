package document

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"flowviz/internal/fault"
)

// maxFaults bounds a report. A person mends the first few and tries again; a document with a million faults must not fill the memory.
const maxFaults = 1000

// faults collects what is wrong with one document.
type faults struct {
	file    string
	located []located
	more    int // how many were found beyond maxFaults
}

type located struct {
	line  int
	fault *fault.Error
}

// add notes a fault. The path leads from the event to the field, as in quantityList[0].uom, and is "" for what concerns the whole
// event or document.
func (f *faults) add(line int, path, format string, args ...any) {
	if len(f.located) == maxFaults {
		f.more++
		return
	}
	where := fmt.Sprintf("%s:%d", f.file, line)
	if path != "" {
		where += ": " + path
	}
	f.located = append(f.located, located{line, fault.BadInput(where, format, args...)})
}

// err returns all faults in the order of their lines, nil where there are none.
func (f *faults) err() error {
	slices.SortStableFunc(f.located, func(a, b located) int { return cmp.Compare(a.line, b.line) })
	var list fault.List
	for _, l := range f.located {
		list = append(list, l.fault)
	}
	if f.more > 0 {
		list = append(list, fault.BadInput(f.file, "%d more faults are not shown: mend these %d first", f.more, maxFaults))
	}
	return list.Err()
}

// brief is as much of a text as fits a line of a message.
func brief(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// quote shows a value of the document in a message.
func quote(s string) string { return strconv.Quote(brief(s)) }

// join extends a path by a field's name.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// either lists alternatives for a message: "A, B or C".
func either[T ~string](names ...T) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = string(n)
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " or " + parts[last]
}
