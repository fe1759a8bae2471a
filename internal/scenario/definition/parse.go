package definition

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowviz/internal/fault"
)

// Parse reads a definition from JSON and checks it. file is how faults name the document: the path as the user wrote it.
//
// The error is a fault.List of BAD_USER_INPUT with every fault of the document, by line: Field is "file:line", Message names
// the place, what is wrong and what to do. Only what is no JSON at all is reported alone, at its first line. A byte order
// mark is accepted; comments, trailing commas, a key that stands twice and unknown fields are not.
func Parse(file string, data []byte) (*Scenario, error) {
	s, faults, err := Check(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	list := make(fault.List, len(faults))
	for i, f := range faults {
		list[i] = fault.BadInput(fmt.Sprintf("%s:%d", file, f.Line), "%s", f)
	}
	if len(list) > 0 {
		return nil, list
	}
	return s, nil
}

// Fault is something that is wrong with a definition.
type Fault struct {
	Pointer string // where, as a JSON pointer (RFC 6901); "" for the whole document
	Place   string // where, as a person would look for it: gates[3] "4.2" phase; "" for the whole document
	Line    int    // from 1, of the text that was read
	Message string // what is wrong and what to do
}

// String is place and message.
func (f Fault) String() string {
	if f.Place == "" {
		return f.Message
	}
	return f.Place + ": " + f.Message
}

// Path is where it is, as a field of an input is named: gates[3].limits[0].target; "" for the whole document.
func (f Fault) Path() string {
	var b strings.Builder
	for _, part := range strings.Split(f.Pointer, "/")[1:] {
		switch _, err := strconv.Atoi(part); {
		case err == nil:
			b.WriteString("[" + part + "]")
		case b.Len() > 0:
			b.WriteString("." + cut(unescaper.Replace(part)))
		default:
			b.WriteString(cut(unescaper.Replace(part)))
		}
	}
	return b.String()
}

// Check is Parse for a document of no file: the faults are every one there is, by line. There is a Scenario where there is
// none. An error is ours.
func Check(data []byte) (*Scenario, []Fault, error) {
	doc := read(data)
	if !doc.broken() {
		doc.checkShape()
	}
	if !doc.broken() {
		s, err := doc.decode()
		if err != nil {
			return nil, nil, fmt.Errorf("decode a definition: %w", err)
		}
		doc.checkMeaning(s)
		if len(doc.faults) == 0 {
			return s, nil, nil
		}
	}
	return nil, doc.told(), nil
}

// decode makes the document a Scenario, without the values that are reported as unreadable already, so that the rest can
// still be checked.
func (d *document) decode() (*Scenario, error) {
	data, err := json.Marshal(without(d.unreadable, d.root, ""))
	if err != nil {
		return nil, err
	}
	s := new(Scenario)
	return s, json.Unmarshal(data, s)
}

// told are the faults by line.
func (d *document) told() []Fault {
	slices.SortFunc(d.faults, func(a, b located) int {
		return cmp.Or(cmp.Compare(d.line(a.at), d.line(b.at)), cmp.Compare(a.at, b.at), cmp.Compare(a.message, b.message))
	})
	faults := make([]Fault, len(d.faults))
	for i, f := range d.faults {
		faults[i] = Fault{Pointer: f.at, Place: d.place(f.at), Line: d.line(f.at), Message: f.message}
	}
	return faults
}
