package evaluation

import (
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// What measurements may be (DOMAIN, rule 13). The numbers leave room for every conversion and mean within 19 digits.
const (
	mostMeasurements = 1000
	mostCharacters   = 100 // of a code
	mostDecimals     = 6
)

var (
	largest          = quantity.MustParse("999999999")
	coldest, warmest = quantity.MustParse("-50"), quantity.MustParse("100") // °C
)

const celsius = "CEL"

// series is what conditions are about: a parameter in the unit that a limit has it in.
type series struct{ parameter, unit string }

// reading is a measurement with its value in a limit's unit.
type reading struct {
	Measurement
	value quantity.Decimal
}

// read converts measurements to the units of the gate's conditions, sorted by time and without repetitions, and finds what
// is wrong with them.
func read(gate definition.Gate, measurements []Measurement) (map[series][]reading, fault.List) {
	units := unitsAsked(gate)
	readings := map[series][]reading{}
	seen := map[source]int{}
	var faults fault.List
	for i, m := range measurements {
		wrong := flaws(i, m, units[m.Parameter])
		if first, twice := seen[sourceOf(m)]; twice && len(wrong) == 0 {
			if !same(measurements[first], m) {
				faults = append(faults, fault.BadInput(field(i, "value"), "measurements[%d] has another value, %s %s, of the same probe at the same time: correct one of them",
					first, measurements[first].Value, measurements[first].Unit))
			}
			continue
		}
		if faults = append(faults, wrong...); len(wrong) > 0 {
			continue
		}
		seen[sourceOf(m)] = i
		for _, unit := range units[m.Parameter] {
			if v, err := quantity.Convert(m.Value, m.Unit, unit); err == nil { // it is: flaws tried
				key := series{m.Parameter, unit}
				readings[key] = append(readings[key], reading{m, v})
			}
		}
	}
	for _, list := range readings {
		slices.SortStableFunc(list, func(a, b reading) int { return a.At.Compare(b.At) })
	}
	return readings, faults
}

// source is where one reading comes from: a probe has one value at a time.
type source struct {
	parameter, probe string
	at               int64
}

func sourceOf(m Measurement) source { return source{m.Parameter, m.Probe, m.At.UnixNano()} }

// same reports whether two readings say the same, each in its unit.
func same(a, b Measurement) bool {
	v, err := quantity.Convert(b.Value, b.Unit, a.Unit)
	return err == nil && v.Equal(a.Value)
}

// unitsAsked are the units in which the gate's conditions want each parameter.
func unitsAsked(gate definition.Gate) map[string][]string {
	units := map[string][]string{}
	for _, l := range gate.Limits {
		for _, group := range l.AnyOf {
			for _, k := range group {
				if !slices.Contains(units[k.Parameter], k.Unit) {
					units[k.Parameter] = append(units[k.Parameter], k.Unit)
				}
			}
		}
	}
	return units
}

// unasked are the parameters that were measured though no limit asks for them.
func unasked(gate definition.Gate, measurements []Measurement) []string {
	units := unitsAsked(gate)
	extra := map[string]bool{}
	for _, m := range measurements {
		if len(units[m.Parameter]) == 0 {
			extra[m.Parameter] = true
		}
	}
	return slices.Sorted(maps.Keys(extra))
}

// flaws finds what is wrong with one measurement by itself; units are those that conditions want it in.
func flaws(i int, m Measurement, units []string) fault.List {
	var faults fault.List
	wrong := func(what, format string, args ...any) {
		faults = append(faults, fault.BadInput(field(i, what), format, args...))
	}
	switch n := utf8.RuneCountInString(m.Parameter); {
	case n == 0 || n > mostCharacters:
		wrong("parameter", "it has %d characters: name what was measured with 1 to %d", n, mostCharacters)
	case isDerived(m.Parameter):
		wrong("parameter", "%s is computed by the server and not measured: leave it out", m.Parameter)
	}
	if n := utf8.RuneCountInString(m.Probe); n > mostCharacters {
		wrong("probe", "it has %d characters: name a probe with at most %d", n, mostCharacters)
	}
	if m.At.IsZero() {
		wrong("at", "the time is missing: say when it was read")
	}
	if m.Value.Cmp(largest) > 0 || m.Value.Cmp(largest.Neg()) < 0 || m.Value.Scale() > mostDecimals {
		wrong("value", "%s is no measured value: give one from -%s to %s with at most %d decimals", m.Value, largest, largest, mostDecimals)
		return faults
	}
	return append(faults, unitFlaws(i, m, units)...)
}

// unitFlaws finds a unit that isn't known or measures something else, and a temperature that no lot has.
func unitFlaws(i int, m Measurement, units []string) fault.List {
	if !quantity.IsUnit(m.Unit) && !slices.Contains(units, m.Unit) {
		_, err := quantity.Convert(m.Value, m.Unit, celsius)
		return fault.List{fault.BadInput(field(i, "unit"), "%s", fault.Of(err).Message)}
	}
	for _, unit := range units {
		if _, err := quantity.Convert(m.Value, m.Unit, unit); err != nil {
			return fault.List{fault.BadInput(field(i, "unit"), "%s: %s", m.Parameter, fault.Of(err).Message)}
		}
	}
	c, err := quantity.Convert(m.Value, m.Unit, celsius)
	if isTemperature := err == nil; isTemperature && (c.Cmp(coldest) < 0 || c.Cmp(warmest) > 0) {
		return fault.List{fault.BadInput(field(i, "value"), "%s of %s is outside %s to %s °C, the temperatures that a lot can have: read it again",
			amount(m.Value, m.Unit), m.Parameter, coldest, warmest)}
	}
	return nil
}

func field(i int, what string) string { return fmt.Sprintf("measurements[%d].%s", i, what) }

func isDerived(parameter string) bool {
	switch parameter {
	case definition.ParameterYield, definition.ParameterAgeMinutes, definition.ParameterRemainingDays,
		definition.ParameterComponentDeviation, definition.ParameterRodDeviation:
		return true
	}
	return false
}

// amount writes a value with its unit: "5.2 °C", "4.61".
func amount(v quantity.Decimal, unit string) string {
	if symbol := quantity.Symbol(unit); symbol != "" {
		return v.String() + " " + symbol
	}
	return v.String()
}

func clock(t time.Time) string { return t.Format(time.RFC3339Nano) }
