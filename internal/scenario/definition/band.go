package definition

import "flowviz/internal/quantity"

// end is one end of a band, as the scenario wrote it and as it compares with others.
type end struct {
	Number
	unit  string
	value quantity.Decimal // in the unit that its band is compared in
}

// endOf converts what was written in one unit for comparisons in another; ok is false where that can't be done, and for what wasn't written.
func endOf(v *Number, unit, in string) (e *end, ok bool) {
	if v == nil {
		return nil, false
	}
	value, err := quantity.Convert(v.Decimal, unit, in)
	return &end{*v, unit, value}, err == nil
}

// String is the end as written, with its unit: "167 °F".
func (e *end) String() string {
	if symbol := quantity.Symbol(e.unit); symbol != "" {
		return e.Number.String() + " " + symbol
	}
	return e.Number.String()
}

// band is what a value may be, ends included; a nil end is open.
type band struct{ low, high *end }

// bandOf is the band that a condition leaves, compared in a unit; ok is false for a curve, and where its values make no band.
func bandOf(k Condition, in string) (b band, ok bool) {
	if k.Op == OpBetween {
		low, isLow := endOf(k.Min, k.Unit, in)
		high, isHigh := endOf(k.Max, k.Unit, in)
		return band{low, high}, isLow && isHigh && k.Min.Cmp(k.Max.Decimal) < 0
	}
	value, ok := endOf(k.Value, k.Unit, in)
	switch k.Op {
	case OpLE:
		return band{nil, value}, ok
	case OpGE:
		return band{value, nil}, ok
	case OpEQ:
		return band{value, value}, ok
	case OpBetween:
	}
	return band{}, false
}

// narrow is what both bands leave.
func (b band) narrow(o band) band {
	if b.low == nil || o.low != nil && o.low.value.Cmp(b.low.value) > 0 {
		b.low = o.low
	}
	if b.high == nil || o.high != nil && o.high.value.Cmp(b.high.value) < 0 {
		b.high = o.high
	}
	return b
}

func (b band) isEmpty() bool {
	return b.low != nil && b.high != nil && b.low.value.Cmp(b.high.value) > 0
}

func (b band) holds(e *end) bool {
	return !b.narrow(band{e, e}).isEmpty()
}

// String is the band in words: "at most 4 °C", "from 40 to 45 °C".
func (b band) String() string {
	switch {
	case b.low == nil && b.high == nil:
		return "anything"
	case b.low == nil:
		return "at most " + b.high.String()
	case b.high == nil:
		return "at least " + b.low.String()
	case b.low.value.Equal(b.high.value):
		return "exactly " + b.low.String()
	case b.low.unit == b.high.unit:
		return "from " + b.low.Number.String() + " to " + b.high.String()
	}
	return "from " + b.low.String() + " to " + b.high.String()
}
