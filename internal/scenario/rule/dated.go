package rule

import (
	"slices"

	"flowviz/internal/scenario/definition"
)

// Dated reports whether a rule looks at when lots of one of these types were made.
func Dated(s *definition.Scenario, inputs []string) bool {
	return slices.ContainsFunc(s.Rules, func(r definition.Rule) bool {
		var types []string
		switch r := r.(type) {
		case definition.MaxAge:
			types = r.Inputs
		case definition.SameProductionDay:
			types = r.Inputs
		}
		return slices.ContainsFunc(types, func(t string) bool { return slices.Contains(inputs, t) })
	})
}
