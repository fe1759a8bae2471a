package transformation

import (
	"context"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/lot"
)

// label gives the new lots the GS1 keys that stand on their labels: a packed logistic unit an SSCC, and what was made here of a product
// that has a GTIN this GTIN with its lot number. What is received keeps the label of its maker.
func (b *booking) label(ctx context.Context) error {
	var units []**string
	for _, e := range b.entries {
		e.keys = make([]*string, len(e.Outputs))
		for i, t := range e.types {
			if e.Kind == db.TransformationKindPACK && db.LotRole(t.Role) == db.LotRoleLOGISTIC && b.site.CompanyPrefix != nil {
				units = append(units, &e.keys[i])
			} else if p := e.products[i]; p != nil && p.Gtin != nil && e.Kind != db.TransformationKindRECEIVE {
				e.keys[i] = itemKey(*p.Gtin, e.codes[i])
			}
		}
	}
	if len(units) == 0 {
		return nil
	}
	keys, err := lot.NextSSCCs(ctx, b.tx, b.site, len(units))
	if err != nil {
		return err
	}
	for i, key := range keys {
		*units[i] = &key
	}
	return nil
}

// itemKey is nil where the code doesn't fit on a label.
func itemKey(gtin, code string) *string {
	number := (&lot.Lot{Lot: db.Lot{Code: code}}).GS1Lot()
	if number == nil {
		return nil
	}
	key := gs1.Key{GTIN: gtin, Lot: *number}.Canonical()
	return &key
}
