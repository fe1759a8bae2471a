package rule

import (
	"slices"
	"time"

	"flowviz/internal/scenario/definition"
)

// The attributes of which one comes with the other: the category is what kind of goods the meat of a species is.
const species, category = "species", "category"

func clone(a Attributes) Attributes {
	c := Attributes{Values: map[string]string{}, Lists: map[string][]string{}, BestBefore: a.BestBefore}
	for name, value := range a.Values {
		if value != "" {
			c.Values[name] = value
		}
	}
	for name, list := range a.Lists {
		c.Lists[name] = slices.Clone(list)
	}
	return c
}

// sameAttribute refuses lots in scope that carry another value than the first, and outputs that are said to have one; the
// outputs take it.
func (a *application) sameAttribute(r definition.SameAttribute) {
	output, ok := a.outputOf(r.Outputs)
	if !ok {
		return
	}
	first := Carrier{}
	agreed := true
	for i, in := range a.Inputs {
		for _, c := range carriers(in, r) {
			switch {
			case first.Value == "":
				first = c
			case c.Value != first.Value:
				agreed = false
				a.refuse(r.Type(), inputField(i), "%s has the %s %s%s, and %s has %s: all that %s is made of has the same",
					c.Lot, r.Attribute, c.Value, through(c, in), first.Lot, first.Value, output)
			}
		}
	}
	if first.Value == "" || !agreed {
		return
	}
	for i, o := range a.Outputs {
		if slices.Contains(r.Outputs, o.LotType) {
			a.take(i, r.Attribute, first)
		}
	}
}

// carriers are the lots that an input brings into scope, each with a value; one of each value.
func carriers(in Input, r definition.SameAttribute) []Carrier {
	found := []Carrier{{in.Code, in.Attributes.Values[r.Attribute]}}
	if r.Scope == definition.ScopeAllAncestors {
		found = append(found, in.Ancestors[r.Attribute]...)
	}
	seen := map[string]bool{"": true}
	return slices.DeleteFunc(found, func(c Carrier) bool {
		was := seen[c.Value]
		seen[c.Value] = true
		return was
	})
}

func through(c Carrier, in Input) string {
	if c.Lot == in.Code {
		return ""
	}
	return " and is in " + in.Code
}

// take gives an output the value on which its inputs agree, with a species the category on which those of it agree.
func (a *application) take(output int, attribute string, from Carrier) {
	values := a.made[output].Values
	if own := values[attribute]; own != "" && own != from.Value {
		a.refuse(definition.RuleSameAttribute, outputField(output), "it is said to have the %s %s, and %s, which it is made of, has %s: correct one of them", attribute, own, from.Lot, from.Value)
		return
	}
	values[attribute] = from.Value
	if attribute != species || values[category] != "" {
		return
	}
	if common, ok := common(filter(a.Inputs, func(in Input) bool { return in.Attributes.Values[species] == from.Value }), category); ok {
		values[category] = common
	}
}

// common is the value that all of these have; ok is false where one has none or another, and for none of them.
func common(inputs []Input, attribute string) (value string, ok bool) {
	for _, in := range inputs {
		have := in.Attributes.Values[attribute]
		if have == "" || value != "" && value != have {
			return "", false
		}
		value = have
	}
	return value, value != ""
}

// inheritUnion gives every output all values that any input carries, beside its own, sorted.
func (a *application) inheritUnion(r definition.InheritUnion) {
	for i := range a.made {
		a.unite(i, r.Attribute)
	}
}

func (a *application) unite(output int, attribute string) {
	all := a.made[output].Lists[attribute]
	for _, in := range a.Inputs {
		all = append(all, in.Attributes.Lists[attribute]...)
	}
	if slices.Sort(all); len(all) > 0 {
		a.made[output].Lists[attribute] = slices.Compact(all)
	}
}

// keep gives what a SPLIT or MERGE leaves of one type all that its inputs have in common, and the values of all their lists: it
// is the same goods.
func (a *application) keep() {
	values, lists := map[string]bool{}, map[string]bool{}
	for _, in := range a.Inputs {
		for name := range in.Attributes.Values {
			values[name] = true
		}
		for name := range in.Attributes.Lists {
			lists[name] = true
		}
	}
	for i, o := range a.Outputs {
		if !a.keepsType(o.LotType) {
			continue
		}
		for name := range values {
			if value, ok := common(a.Inputs, name); ok && a.made[i].Values[name] == "" {
				a.made[i].Values[name] = value
			}
		}
		for name := range lists {
			a.unite(i, name)
		}
	}
}

// expire dates the outputs. One that is said to expire earlier keeps its date, since that is safe; a later one is refused.
// What is received keeps the date that it came with.
func (a *application) expire() {
	if a.Kind == KindReceive {
		return
	}
	for i, o := range a.Outputs {
		latest, ok := a.latest(o)
		if !ok {
			continue
		}
		switch own := a.made[i].BestBefore; {
		case own == nil:
			a.made[i].BestBefore = &latest
		case own.After(latest):
			a.refuse(definition.RuleExpiry, outputField(i), "it is said to be best before %s, and %s is so before %s at the latest", date(own.In(latest.Location())), o.LotType, date(latest))
		}
	}
}

// latest is when a lot of a type expires that is made now: under its EXPIRY rule at the earliest of its inputs' dates and of its
// production day plus the rule's days; without one its own shelf life begins anew, that of its product or else of its type. A product's also
// bounds the rule's. Splitting and merging makes nothing new: there
// the earliest of the inputs' dates counts alone. ok is false for what doesn't expire, and where the date isn't known.
func (a *application) latest(o Output) (at time.Time, ok bool) {
	earliest, dated := a.earliest()
	if a.keepsType(o.LotType) {
		return earliest, dated
	}
	days := o.ShelfLifeDays
	if r, ok := a.expiryOf(o.LotType); ok {
		if days == 0 || r.Days < days {
			days = r.Days
		}
		at = a.ProductionDay(a.At).AddDate(0, 0, days)
		if dated && earliest.Before(at) {
			at = earliest
		}
		return at, true
	}
	if days == 0 {
		t, _ := a.scenario.LotType(o.LotType)
		days = t.ShelfLifeDays
	}
	return a.ProductionDay(a.At).AddDate(0, 0, days), days > 0
}

// expiryOf is the rule that dates a lot type, if there is one.
func (a *application) expiryOf(lotType string) (rule definition.Expiry, ok bool) {
	for _, r := range a.scenario.Rules {
		if e, is := r.(definition.Expiry); is && slices.Contains(e.Outputs, lotType) {
			return e, true
		}
	}
	return definition.Expiry{}, false
}

// earliest is the first of the inputs' dates; ok is false where none has one.
func (a *application) earliest() (at time.Time, ok bool) {
	for _, in := range a.Inputs {
		if b := in.Attributes.BestBefore; b != nil && (!ok || b.Before(at)) {
			at, ok = *b, true
		}
	}
	return at, ok
}
