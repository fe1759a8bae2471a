package definition

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

//go:embed schema.json
var schemaJSON []byte

// shape is the compiled schema, with its text to take words from.
type shape struct {
	compiled *jsonschema.Schema
	text     any
}

// loadShape compiles schema.json once a process.
var loadShape = sync.OnceValue(func() shape {
	const location = "schema.json"
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic("definition: schema.json: " + err.Error())
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(location, text); err != nil {
		panic("definition: schema.json: " + err.Error())
	}
	return shape{compiled: compiler.MustCompile(location), text: text}
})

// checkShape reports what the schema finds, in words.
func (d *document) checkShape() {
	s := loadShape()
	err, ok := errors.AsType[*jsonschema.ValidationError](s.compiled.Validate(d.root))
	if !ok {
		return
	}
	known := d.places()
	for _, f := range s.faults(err) {
		if !covered(known, f.at) {
			d.faults = append(d.faults, f.located)
		}
		if f.unreadable {
			d.unreadable[f.at] = true
		}
		if rule, ok := strings.CutSuffix(f.at, "/type"); ok && strings.HasPrefix(rule, "/rules/") {
			d.unreadable[rule] = true // of no known type, so of no Go type
		}
	}
}

// shapeFault is a fault that the schema found.
type shapeFault struct {
	located
	unreadable bool // no Go type of this package takes the value
}

// faults are the leaves of a tree of validation errors; a broken dependence between fields is one, however many leaves it
// has.
func (s shape) faults(err *jsonschema.ValidationError) []shapeFault {
	if message := s.dependence(err.SchemaURL); message != "" {
		return []shapeFault{{located: located{firstPlace(err), message}}}
	}
	var faults []shapeFault
	switch k := err.ErrorKind.(type) {
	case *kind.UniqueItems:
		// It knows the first pair only; checkMeaning names every entry that stands twice.
	case *kind.Required:
		for _, name := range k.Missing {
			faults = append(faults, shapeFault{located: located{instance(err, name), "missing: add it"}})
		}
	case *kind.AdditionalProperties:
		message := "no field of this name here: remove it, or correct it to one of " + strings.Join(s.fields(err.SchemaURL), ", ")
		for _, name := range k.Properties {
			// encoding/json would take Phase for phase.
			faults = append(faults, shapeFault{located{instance(err, name), message}, true})
		}
	default:
		for _, cause := range err.Causes {
			faults = append(faults, s.faults(cause)...)
		}
		if len(err.Causes) == 0 {
			faults = append(faults, shapeFault{located{instance(err), s.message(err)}, unreadable(err)})
		}
	}
	return faults
}

// dependence is the description of the entry of an allOf that a schema location lies in: such entries say what one field
// demands of another, and their descriptions are written as messages. "" for all other locations.
func (s shape) dependence(url string) string {
	path := strings.Split(fragment(url), "/")
	i := slices.Index(path, "allOf")
	if i < 0 || i+1 >= len(path) {
		return ""
	}
	return s.description(strings.Join(path[:i+2], "/"))
}

// unreadable reports whether the value under an error fits no Go type, so that decoding must leave it out.
func unreadable(err *jsonschema.ValidationError) bool {
	switch k := err.ErrorKind.(type) {
	case *kind.Type, *kind.Const, *kind.Maximum:
		return true
	case *kind.Pattern:
		return strings.HasSuffix(err.SchemaURL, "/gateNumber")
	case *kind.Enum:
		_, isText := k.Got.(string)
		return !isText
	}
	return false
}

// firstPlace is the place of the first leaf. Validation goes through maps in any order, so the first is told by its name.
func firstPlace(err *jsonschema.ValidationError) string {
	if required, ok := err.ErrorKind.(*kind.Required); ok {
		return instance(err, slices.Min(required.Missing))
	}
	if len(err.Causes) == 0 {
		return instance(err)
	}
	places := make([]string, len(err.Causes))
	for i, cause := range err.Causes {
		places[i] = firstPlace(cause)
	}
	return slices.Min(places)
}

// instance is the JSON pointer of the value that an error is about, or of a member of it.
func instance(err *jsonschema.ValidationError, member ...string) string {
	var b strings.Builder
	for _, name := range slices.Concat(err.InstanceLocation, member) {
		b.WriteString("/" + escape(name))
	}
	return b.String()
}

// fragment is the JSON pointer in a schema's URL.
func fragment(url string) string {
	_, pointer, _ := strings.Cut(url, "#")
	return pointer
}

// description is what the schema says at a JSON pointer of its own.
func (s shape) description(pointer string) string {
	text, _ := s.node(pointer)["description"].(string)
	return text
}

// fields are the members that the object at a schema location may have.
func (s shape) fields(url string) []string {
	properties, _ := s.node(fragment(url))["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (s shape) node(pointer string) map[string]any {
	node := s.text
	for _, part := range strings.Split(pointer, "/")[1:] {
		switch parent := node.(type) {
		case map[string]any:
			node = parent[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(parent) {
				return nil
			}
			node = parent[i]
		}
	}
	object, _ := node.(map[string]any)
	return object
}
