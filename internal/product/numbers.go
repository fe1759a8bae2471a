package product

import (
	"context"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/gs1"
)

// Numbered are products by the numbers that people call them.
type Numbered struct{ bySku, byGTIN map[string]*db.Product }

// ByNumbers finds products by SKU, or by GTIN in any spelling, in one statement.
func ByNumbers(ctx context.Context, q *db.Queries, numbers []string) (Numbered, error) {
	p := db.ProductsByNumbersParams{Skus: numbers, Gtins: []string{}}
	for _, number := range numbers {
		if gtin, err := gs1.ReadGTIN(number); err == nil {
			p.Gtins = append(p.Gtins, gtin)
		}
	}
	rows, err := q.ProductsByNumbers(ctx, p)
	found := Numbered{map[string]*db.Product{}, map[string]*db.Product{}}
	for i, row := range rows {
		found.bySku[row.Sku] = &rows[i]
		if row.Gtin != nil {
			found.byGTIN[*row.Gtin] = &rows[i]
		}
	}
	return found, err
}

// Find is the product of a number. NOT_FOUND on field where there is none, BAD_USER_INPUT where it looks like a GTIN and is none, or is
// the SKU of one product and the GTIN of another.
func (n Numbered) Find(number, field string) (*db.Product, fault.List) {
	gtin, bad := gs1.ReadGTIN(number)
	bySku, byGTIN := n.bySku[number], n.byGTIN[gtin]
	switch {
	case bySku != nil && byGTIN != nil && bySku != byGTIN:
		return nil, fault.List{fault.BadInput(field, "%s is the SKU of one product and the GTIN of %s: write the GTIN as (01)%s", number, byGTIN.Sku, gtin)}
	case bySku != nil:
		return bySku, nil
	case byGTIN != nil:
		return byGTIN, nil
	case bad != nil && gs1.LooksLikeGTIN(number):
		return nil, fault.List{fault.BadInput(field, "%v", bad)}
	}
	return nil, fault.List{fault.New(fault.NotFound, field, "there is no product with the SKU or GTIN %.60q", number)}
}
