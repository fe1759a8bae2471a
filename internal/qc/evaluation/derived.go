package evaluation

import (
	"fmt"
	"strings"

	"flowviz/internal/scenario/definition"
)

// judgeDerived says whether what the server computed meets a condition: each value, since the worst counts. One that misses
// it is enough not to meet it, one that isn't known not to decide.
func judgeDerived(k definition.Condition, values []Derived) verdict {
	b := boundsOf(k)
	var bad, unknown, good []string
	for _, d := range values {
		switch {
		case d.Endless && b.high == nil:
			good = append(good, d.in(k))
		case d.Endless:
			bad = append(bad, d.in(k))
		case d.Value == nil:
			unknown = append(unknown, d.in(k))
		case b.hold(*d.Value):
			good = append(good, d.in(k))
		default:
			bad = append(bad, d.in(k))
		}
	}
	switch {
	case len(bad) > 0:
		return verdict{StatusNotMet, fmt.Sprintf("%s, and must be %s", strings.Join(bad, ", "), requirement(k))}
	case len(unknown) > 0:
		return verdict{StatusUndecidable, fmt.Sprintf("%s: give the lot what it is computed from first, and it must be %s", strings.Join(unknown, ", "), requirement(k))}
	case len(good) > 0:
		return verdict{StatusMet, fmt.Sprintf("%s, and must be %s", strings.Join(good, ", "), requirement(k))}
	}
	return judgeDerived(k, []Derived{{}})
}

// in writes a derived value: "component_deviation of SALT is -2.1 %".
func (d Derived) in(k definition.Condition) string {
	of := ""
	if d.Of != "" {
		of = " of " + cut(d.Of)
	}
	switch {
	case d.Endless:
		return k.Parameter + of + " is without end"
	case d.Value == nil:
		return k.Parameter + of + " is not known"
	}
	return k.Parameter + of + " is " + amount(*d.Value, k.Unit)
}
