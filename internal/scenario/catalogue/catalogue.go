// Package catalogue holds the scenarios that come with the program: frozen kebab rods, stirred yoghurt, a chilled ready meal.
//
// Their limits are defaults that a plant edits. One marked as assumed has no source, and must never be shown as law.
package catalogue

import (
	"embed"
	"fmt"
	"io/fs"

	"flowviz/internal/scenario/definition"
)

//go:embed *.json
var files embed.FS

// All parses the built-in scenarios, by key. An error means that the program was built from a faulty definition: it is a
// fault.List where the definition is at fault.
func All() ([]*definition.Scenario, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list the catalogue: %w", err)
	}
	scenarios := make([]*definition.Scenario, len(names))
	for i, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the catalogue: %w", err)
		}
		if scenarios[i], err = definition.Parse(name, data); err != nil {
			return nil, err
		}
	}
	return scenarios, nil
}
