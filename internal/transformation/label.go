package transformation

import (
	"context"
	"slices"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/lot"
)

// label gives the new lots the GS1 keys that stand on their labels: a logistic unit that was packed an SSCC, and what was made here of a product
// that has a GTIN this GTIN with its lot number. What is received keeps the label of its maker.
func (b *booking) label(ctx context.Context) error {
	var units []**string
	for _, e := range b.entries {
		e.keys = make([]*string, len(e.Outputs))
		for i, t := range e.types {
			if b.site.CompanyPrefix != nil && e.isUnit(t) {
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

// isUnit reports whether what was packed is one unit, such as a pallet. A load of units of another type is none: each has its own number.
func (e *entry) isUnit(t *lotType) bool {
	return e.Kind == db.TransformationKindPACK && db.LotRole(t.Role) == db.LotRoleLOGISTIC &&
		slices.ContainsFunc(e.draws, func(d *draw) bool { return d.use.Role != db.LotRoleLOGISTIC || d.use.Type == t.Code })
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
