package definition

import "flowviz/internal/quantity"

// celsius is the unit of temperatures.
const celsius = "CEL"

// derivedUnits are the units of what the server derives.
var derivedUnits = map[string]string{
	ParameterYield:              "P1",
	ParameterAgeMinutes:         "MIN",
	ParameterRemainingDays:      "DAY",
	ParameterComponentDeviation: "P1",
	ParameterRodDeviation:       "KGM",
}

func (c *checker) gate(place string, g Gate) {
	c.codes(place+"/lotTypes", g.LotTypes)
	for i, code := range g.LotTypes {
		if created, ok := c.created[code]; ok && created > g.Phase && !c.missing[g.Phase] && !covered(c.known, place+"/phase") {
			c.fault(place+"/lotTypes"+at(i), "%s is first created in phase %d, after this gate's phase %d: remove it, or move the gate", code, created, g.Phase)
		}
	}
	if f := g.Frequency; f == (Frequency{}) && !g.PerLot && !covered(c.known, place+"/perLot") {
		c.fault(place+"/frequency", "no check ever falls due: give everyMin, or make atStart, atEnd or atChangeover true")
	}
	c.itemCodes(place, g)
	for i, l := range g.Limits {
		c.limit(place+at("limits", i), l)
	}
}

// itemCodes reports codes that stand twice among the limits and the checklist of a gate: answers and measurements of a
// decision are kept under them.
func (c *checker) itemCodes(place string, g Gate) {
	seen := map[string]bool{}
	check := func(place, code string) {
		if seen[code] {
			c.fault(place, "%s stands twice among limits and checklist of this gate: choose another", cut(code))
		}
		seen[code] = true
	}
	for i, l := range g.Limits {
		check(place+at("limits", i, "code"), l.Code)
	}
	for i, item := range g.Checklist {
		check(place+at("checklist", i, "code"), item.Code)
	}
}

func (c *checker) limit(place string, l Limit) {
	values := map[string]string{}
	for i, w := range l.When {
		if value, ok := values[w.Attribute]; ok && value != w.Equals {
			c.fault(place+at("when", i), "%s is never both %s and %s: write two limits", w.Attribute, cut(value), cut(w.Equals))
		}
		values[w.Attribute] = w.Equals
	}
	for i, group := range l.AnyOf {
		c.group(place+at("anyOf", i), group)
	}
	if l.Target != nil && len(l.AnyOf) > 0 && len(l.AnyOf[0]) > 0 {
		c.target(place+"/target", *l.Target, l.AnyOf[0][0])
	}
}

// target reports an aim that no lot may have: it is in unit and dwell of the first condition.
func (c *checker) target(place string, target Number, first Condition) {
	c.temperature(place, &target, first.Unit)
	aim, _ := endOf(&target, first.Unit, first.Unit)
	if allowed, ok := bandOf(first, first.Unit); ok && !allowed.holds(aim) {
		c.fault(place, "%s misses the limit itself, %s %s: correct one of them", target, first.Parameter, allowed)
	}
}

// reading is what one value at one moment is of. Conditions on the same reading must hold together, also in different units of one kind; those with a
// dwell or a curve may be about different moments.
type reading struct {
	parameter, unit string
	aggregate       Aggregate
}

// readingOf is the reading that a condition is about: one that others are about already, in their unit, or else one of its own.
func readingOf(k Condition, others map[reading]band) reading {
	own := reading{parameter: k.Parameter, unit: k.Unit}
	if k.Aggregate != nil {
		own.aggregate = *k.Aggregate
	}
	for r := range others {
		_, err := quantity.Convert(quantity.Decimal{}, k.Unit, r.unit)
		if same := (reading{own.parameter, r.unit, own.aggregate}); r == same && err == nil {
			return r
		}
	}
	return own
}

// group reports conditions that no value can meet, alone or together.
func (c *checker) group(place string, conditions []Condition) {
	allowed := map[reading]band{}
	for i, k := range conditions {
		here := place + at(i)
		c.condition(here, k)
		r := readingOf(k, allowed)
		own, ok := bandOf(k, r.unit)
		if !ok || k.ForAtLeastS > 0 {
			continue
		}
		before := allowed[r]
		if both := before.narrow(own); both.isEmpty() {
			c.fault(here, "%s %s leaves no value that is %s, as the group demands too: correct one of them", k.Parameter, own, before)
		} else {
			allowed[r] = both
		}
	}
}

// condition reports what can't be in one condition alone.
func (c *checker) condition(place string, k Condition) {
	c.temperature(place+"/value", k.Value, k.Unit)
	c.temperature(place+"/min", k.Min, k.Unit)
	c.temperature(place+"/max", k.Max, k.Unit)
	c.temperature(place+"/fromValue", k.FromValue, k.Unit)
	c.temperature(place+"/toValue", k.ToValue, k.Unit)
	if unit, derived := derivedUnits[k.Parameter]; derived && k.Derived && k.Unit != unit {
		c.fault(place+"/unit", "%s is derived in %s: write that unit, and the values in it", k.Parameter, unit)
	}
	if k.Min != nil && k.Max != nil && k.Min.Cmp(k.Max.Decimal) >= 0 {
		c.fault(place+"/max", "%s is not above min, %s: correct one of them", k.Max, k.Min)
	}
	if k.FromValue == nil || k.ToValue == nil {
		return
	}
	switch way := k.ToValue.Cmp(k.FromValue.Decimal); {
	case k.Op == OpLE && way >= 0:
		c.fault(place+"/toValue", "%s is not below fromValue, %s: a curve with LE falls", k.ToValue, k.FromValue)
	case k.Op == OpGE && way <= 0:
		c.fault(place+"/toValue", "%s is not above fromValue, %s: a curve with GE rises", k.ToValue, k.FromValue)
	}
}

// The temperatures that a lot can have, °C: the domain refuses others at a measurement, so no limit outside can be met or
// missed.
var coldest, warmest = quantity.MustParse("-50"), quantity.MustParse("100")

// temperature reports a value outside them, in whatever unit it is; what is no temperature has none.
func (c *checker) temperature(place string, v *Number, unit string) {
	value, ok := endOf(v, unit, celsius)
	if ok && (value.value.Cmp(coldest) < 0 || value.value.Cmp(warmest) > 0) {
		c.fault(place, "%s is outside %s to %s °C, the temperatures that a lot can have", value, coldest, warmest)
	}
}
