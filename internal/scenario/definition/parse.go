package definition

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"flowviz/internal/fault"
)

// Parse reads a definition from JSON and checks it. file is how faults name the document: the path as the user wrote it.
//
// The error is a fault.List of BAD_USER_INPUT with every fault of the document, by line: Field is "file:line", Message names
// the place, what is wrong and what to do. Only what is no JSON at all is reported alone, at its first line. A byte order
// mark is accepted; comments, trailing commas, a key that stands twice and unknown fields are not.
func Parse(file string, data []byte) (*Scenario, error) {
	doc := read(data)
	if !doc.broken() {
		doc.checkShape()
	}
	if !doc.broken() {
		s, err := doc.decode()
		if err != nil {
			return nil, fmt.Errorf("decode %s: %w", file, err)
		}
		doc.checkMeaning(s)
		if len(doc.faults) == 0 {
			return s, nil
		}
	}
	return nil, doc.errors(file)
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

func (d *document) errors(file string) error {
	slices.SortFunc(d.faults, func(a, b located) int {
		return cmp.Or(cmp.Compare(d.line(a.at), d.line(b.at)), cmp.Compare(a.at, b.at), cmp.Compare(a.message, b.message))
	})
	list := make(fault.List, len(d.faults))
	for i, f := range d.faults {
		message := f.message
		if place := d.place(f.at); place != "" {
			message = place + ": " + message
		}
		list[i] = fault.BadInput(fmt.Sprintf("%s:%d", file, d.line(f.at)), "%s", message)
	}
	return list
}
