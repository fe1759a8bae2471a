package evaluation

import (
	"fmt"

	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// bounds are what a value must be between, ends included; nil is open.
type bounds struct{ low, high *quantity.Decimal }

// boundsOf are the bounds of a condition, for a curve where it has to get; Parse leaves none without its values.
func boundsOf(k definition.Condition) bounds {
	at := func(n *definition.Number) *quantity.Decimal {
		if n == nil {
			return nil
		}
		return &n.Decimal
	}
	value := k.Value
	if k.IsCurve() {
		value = k.ToValue
	}
	switch k.Op {
	case definition.OpLE:
		return bounds{nil, at(value)}
	case definition.OpGE:
		return bounds{at(value), nil}
	case definition.OpEQ:
		return bounds{at(k.Value), at(k.Value)}
	default:
		return bounds{at(k.Min), at(k.Max)}
	}
}

func (b bounds) above(v quantity.Decimal) bool { return b.high != nil && v.Cmp(*b.high) > 0 }
func (b bounds) below(v quantity.Decimal) bool { return b.low != nil && v.Cmp(*b.low) < 0 }
func (b bounds) hold(v quantity.Decimal) bool  { return !b.above(v) && !b.below(v) }

// worst is the value that is nearest to missing the bounds, or misses them most: the highest where they are closed above or
// one is above them, else the lowest.
func (b bounds) worst(values []level) level {
	low, high := values[0], values[0]
	for _, v := range values[1:] {
		if v.value.Cmp(low.value) < 0 {
			low = v
		}
		if v.value.Cmp(high.value) > 0 {
			high = v
		}
	}
	if b.high == nil || b.below(low.value) && !b.above(high.value) {
		return low
	}
	return high
}

// in writes bounds with their unit: "at most 4 °C", "from 40 to 45 °C".
func (b bounds) in(unit string) string {
	switch {
	case b.low == nil && b.high == nil:
		return "anything"
	case b.low == nil:
		return "at most " + amount(*b.high, unit)
	case b.high == nil:
		return "at least " + amount(*b.low, unit)
	case b.low.Equal(*b.high):
		return "exactly " + amount(*b.low, unit)
	}
	return "from " + b.low.String() + " to " + amount(*b.high, unit)
}

// judgeMeasured says whether a measured condition holds.
func judgeMeasured(k definition.Condition, readings []reading) verdict {
	if len(readings) == 0 {
		return verdict{StatusMissing, fmt.Sprintf("%s is not measured, and must be %s", k.Parameter, requirement(k))}
	}
	tracks := tracksOf(k, readings)
	switch {
	case k.IsCurve():
		return judgeCurve(k, tracks)
	case k.ForAtLeastS > 0:
		return judgeDwell(k, tracks)
	}
	return judgeInstant(k, tracks)
}

// requirement is a condition in words.
func requirement(k definition.Condition) string {
	words := boundsOf(k).in(k.Unit)
	switch {
	case k.IsCurve() && k.Op == definition.OpGE:
		words = fmt.Sprintf("warmed from %s to %s or more within %d s", k.FromValue, amount(k.ToValue.Decimal, k.Unit), k.WithinS)
	case k.IsCurve():
		words = fmt.Sprintf("down from %s to %s or less within %d s", k.FromValue, amount(k.ToValue.Decimal, k.Unit), k.WithinS)
	case k.ForAtLeastS > 0:
		words += fmt.Sprintf(" for %d s", k.ForAtLeastS)
	}
	if k.Aggregate != nil {
		words += fmt.Sprintf(", %s of %d probes", k.Aggregate.Fn, k.Aggregate.Probes)
	}
	return words
}

// judgeInstant says whether a condition without time holds: at every moment, since the worst counts; of an aggregate LAST, at the
// last one. Whoever measures again because a value wasn't good yet decides on the later readings.
func judgeInstant(k definition.Condition, tracks []track) verdict {
	b := boundsOf(k)
	var good, bad []level
	for _, t := range tracks {
		if k.Aggregate != nil && k.Aggregate.Fn == definition.AggregateLast {
			t = t.lastComplete(k)
		}
		for _, m := range t {
			switch l := m.level(k); m.holds(k, l) {
			case yes:
				good = append(good, l)
			case no:
				bad = append(bad, l)
			case unsaid:
			}
		}
	}
	switch {
	case len(bad) > 0:
		return verdict{StatusNotMet, fmt.Sprintf("%s is %s, and must be %s", k.Parameter, b.worst(bad).in(k.Unit), requirement(k))}
	case len(good) > 0:
		return verdict{StatusMet, fmt.Sprintf("%s is %s, and must be %s", k.Parameter, b.worst(good).in(k.Unit), requirement(k))}
	}
	return tooFew(k, tracks)
}

// tooFew says that probes are missing.
func tooFew(k definition.Condition, tracks []track) verdict {
	most := 0
	for _, t := range tracks {
		for _, m := range t {
			most = max(most, len(m))
		}
	}
	return verdict{StatusMissing, fmt.Sprintf("%s was read by %d at the same time of the %d probes needed, and must be %s", k.Parameter, most, k.Aggregate.Probes, requirement(k))}
}
