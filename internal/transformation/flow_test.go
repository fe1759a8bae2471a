package transformation_test

import (
	"testing"

	"github.com/google/uuid"

	"flowviz/internal/quantity"
	"flowviz/internal/transformation"
)

func TestFlow(t *testing.T) {
	t.Parallel()
	a, b, c, d := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}, uuid.UUID{4}
	item := func(lot uuid.UUID, kg string) *transformation.Item {
		q := quantity.MustParse(kg)
		return &transformation.Item{LotID: lot, QuantityKg: &q}
	}
	two, one := []*transformation.Item{item(a, "1.000"), item(b, "2.000")}, []*transformation.Item{item(a, "3.000")}
	outs, out := []*transformation.Item{item(c, "1.500"), item(d, "1.400")}, []*transformation.Item{item(c, "2.900")}
	for name, tc := range map[string]struct {
		inputs, outputs []*transformation.Item
		parent, child   uuid.UUID
		want            string
	}{
		"merged: all of the input":         {two, out, b, c, "2.000"},
		"split: all of the output":         {one, outs, a, d, "1.400"},
		"one of one: what went in":         {one, out, a, c, "3.000"},
		"two of two: nobody knows":         {two, outs, a, c, ""},
		"counted: no kilograms":            {[]*transformation.Item{{LotID: a}}, out, a, c, ""},
		"a parent that is none of the two": {two, out, d, c, ""},
	} {
		got := transformation.Flow(tc.inputs, tc.outputs, tc.parent, tc.child)
		if got == nil && tc.want != "" || got != nil && got.String() != tc.want {
			t.Errorf("%s: %v, want %q", name, got, tc.want)
		}
	}
}
