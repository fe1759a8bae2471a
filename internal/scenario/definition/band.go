package definition

import "flowviz/internal/quantity"

// band is what a value may be, ends included; a nil end is open.
type band struct{ low, high *Number }

// bandOf is the band that a condition leaves; ok is false for a curve, and where its values make no band.
func bandOf(k Condition) (b band, ok bool) {
	switch {
	case k.Op == OpBetween:
		return band{k.Min, k.Max}, k.Min != nil && k.Max != nil && k.Min.Cmp(k.Max.Decimal) < 0
	case k.Op == OpLE:
		return band{nil, k.Value}, k.Value != nil
	case k.Op == OpGE:
		return band{k.Value, nil}, k.Value != nil
	case k.Op == OpEQ:
		return band{k.Value, k.Value}, k.Value != nil
	}
	return band{}, false
}

// narrow is what both bands leave.
func (b band) narrow(o band) band {
	if b.low == nil || o.low != nil && o.low.Cmp(b.low.Decimal) > 0 {
		b.low = o.low
	}
	if b.high == nil || o.high != nil && o.high.Cmp(b.high.Decimal) < 0 {
		b.high = o.high
	}
	return b
}

func (b band) isEmpty() bool {
	return b.low != nil && b.high != nil && b.low.Cmp(b.high.Decimal) > 0
}

func (b band) holds(v Number) bool {
	return !b.narrow(band{&v, &v}).isEmpty()
}

// String is the band in words: "at most 4", "from 40 to 45".
func (b band) String() string {
	switch {
	case b.low == nil && b.high == nil:
		return "anything"
	case b.low == nil:
		return "at most " + b.high.String()
	case b.high == nil:
		return "at least " + b.low.String()
	case b.low.Equal(b.high.Decimal):
		return "exactly " + b.low.String()
	}
	return "from " + b.low.String() + " to " + b.high.String()
}

func number(s string) Number { return Number{quantity.MustParse(s)} }
