package definition

import "flowviz/internal/quantity"

// Number is an exact decimal that JSON shows as a number, 0.25, where quantity.Decimal alone shows a text, "0.25": people
// write definitions by hand, and one must come back as they wrote it.
type Number struct{ quantity.Decimal }

// MarshalJSON writes a JSON number with all its decimals.
func (n Number) MarshalJSON() ([]byte, error) {
	return n.AppendText(nil), nil
}
