package transformation

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/product"
)

// findProducts finds the products that outputs are said to be of, and refuses those of another lot type, or that have ended.
func (b *booking) findProducts(ctx context.Context) error {
	var numbers []string
	for _, e := range b.entries {
		e.products = make([]*db.Product, len(e.Outputs))
		for _, o := range e.Outputs {
			if o.Product != nil {
				numbers = append(numbers, *o.Product)
			}
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	found, err := product.ByNumbers(ctx, b.tx.Queries, numbers)
	if err != nil {
		return err
	}
	var faults fault.List
	for _, e := range b.entries {
		for i, o := range e.Outputs {
			if o.Product == nil {
				continue
			}
			var refused fault.List
			e.products[i], refused = found.Find(*o.Product, e.path+e.outputPath(i)+"product")
			if faults = append(faults, refused...); len(refused) == 0 {
				faults = append(faults, e.fits(i)...)
			}
		}
	}
	return faults.Err()
}

// fits refuses an output that isn't what its product is.
func (e *entry) fits(i int) fault.List {
	p, o, at := e.products[i], e.Outputs[i], e.path+e.outputPath(i)
	var faults fault.List
	if e.types[i] == nil { // refused already
		return nil
	}
	if err := product.Current(*p, at+"product"); err != nil {
		faults = append(faults, fault.Of(err))
	}
	if kind := e.types[i].Code; p.LotType != kind {
		faults = append(faults, fault.BadInput(at+"product", "%s is of the lot type %s, and this lot is a %s", p.Sku, p.LotType, kind))
	}
	if a := o.Attributes; a != nil && a.Sku != nil && *a.Sku != p.Sku {
		faults = append(faults, fault.BadInput(at+"attributes.sku", "the product's is %s: leave it out", p.Sku))
	}
	return faults
}

// given are the attributes of an output as the caller says them, with what its product says, SKU and allergens, and what another site
// said of it. Nil for nothing.
func (e *entry) given(i int) (*lot.Attributes, error) {
	a, p := e.Outputs[i].Attributes, e.products[i]
	if p == nil && len(e.receipts) == 0 {
		return a, nil
	}
	var out lot.Attributes
	if a != nil {
		out = *a
	}
	if p != nil {
		out.Sku = &p.Sku
		out.Allergens = union(out.Allergens, p.Allergens)
	}
	out, err := e.known(out)
	return &out, err
}

func shelfLife(p *db.Product) int {
	if p == nil || p.ShelfLifeDays == nil {
		return 0
	}
	return int(*p.ShelfLifeDays)
}

// productOf is what a new lot is of: as the caller says, or what all are that it was divided or put together from. Nil where nobody knows.
func (e *entry) productOf(i int) *uuid.UUID {
	if p := e.products[i]; p != nil {
		return &p.ID
	}
	if e.Kind != db.TransformationKindSPLIT && e.Kind != db.TransformationKindMERGE {
		return nil
	}
	var of *uuid.UUID
	for _, d := range e.draws {
		its := d.use.ProductID
		if its == nil || of != nil && *of != *its || d.use.Type != e.Outputs[i].LotType {
			return nil
		}
		of = its
	}
	return of
}
