package transformation

import (
	"github.com/google/uuid"

	"flowviz/internal/quantity"
)

// Flow is the kilograms that went from one input to one output of a transformation: all of the input where there is one
// output, all of the output where there is one input. Where several inputs met several outputs nobody knows, and it is
// nil, as it is for counted lots.
func Flow(inputs, outputs []*Item, parent, child uuid.UUID) *quantity.Decimal {
	switch {
	case len(outputs) == 1:
		return kilograms(inputs, parent)
	case len(inputs) == 1:
		return kilograms(outputs, child)
	}
	return nil
}

func kilograms(items []*Item, lot uuid.UUID) *quantity.Decimal {
	for _, item := range items {
		if item.LotID == lot {
			return item.QuantityKg
		}
	}
	return nil
}
