package lot_test

import (
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "10")
	describe := func(a lot.Attributes) error {
		_, err := p.Lots.Describe(p.As(p.Operator), lot.Description{LotID: p.LotID(prep), Attributes: a})
		return err
	}
	if err := describe(lot.Attributes{Category: new("RED_MEAT")}); err != nil {
		t.Fatal(err)
	}
	if err := describe(lot.Attributes{Category: new("RED_MEAT"), Allergens: []string{"MILK"}}); err != nil {
		t.Fatal(err)
	}
	if err := describe(lot.Attributes{Allergens: []string{"MILK"}}); err != nil {
		t.Errorf("what is known already: %v", err)
	}
	err := describe(lot.Attributes{Category: new("OFFAL"), Allergens: []string{"EGG"}})
	linetest.Refused(t, err, fault.FailedPrecondition, "attributes.category", "RED_MEAT")
	linetest.Refused(t, err, fault.FailedPrecondition, "attributes.allergens", "MILK")
	got, err := (&lot.Lot{Lot: p.Lot(prep)}).Attributes()
	if err != nil || *got.Category != "RED_MEAT" || len(got.Allergens) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	p.Make("KIT", "1", p.Of(prep, "1"))
	linetest.Refused(t, describe(lot.Attributes{Species: new("BEEF")}), fault.FailedPrecondition, "lotId", "inherited")
}
