package product

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

// component is one of a recipe, as it is stored and as the log shows it.
type component struct {
	id           uuid.UUID        // zero for a lot type
	Sku          string           `json:"sku,omitempty"`
	LotType      string           `json:"lotType,omitempty"`
	SharePercent quantity.Decimal `json:"sharePercent"`
}

type components []component

// resolve finds the products and lot types that a recipe names. NOT_FOUND and BAD_USER_INPUT name each that isn't there,
// FAILED_PRECONDITION each product that has ended.
func resolve(ctx context.Context, tx *command.Tx, recipe []Share) (components, fault.List, error) {
	var skus, types []string
	for _, s := range recipe {
		if s.Sku != nil {
			skus = append(skus, *s.Sku)
		} else {
			types = append(types, *s.LotType)
		}
	}
	rows, err := tx.ProductsBySkus(ctx, skus)
	if err != nil {
		return nil, nil, err
	}
	missing, err := tx.UnknownLotTypes(ctx, types)
	if err != nil {
		return nil, nil, err
	}
	products, unknown := map[string]db.Product{}, map[string]bool{}
	for _, row := range rows {
		products[row.Sku] = row
	}
	for _, code := range missing {
		unknown[code] = true
	}
	found, faults := components{}, fault.List{}
	for i, s := range recipe {
		field := fmt.Sprintf("recipe[%d]", i)
		one := component{SharePercent: s.SharePercent.Round(3)}
		if s.Sku == nil {
			if one.LotType = *s.LotType; unknown[one.LotType] {
				faults = append(faults, fault.BadInput(field+".lotType", "no scenario has a lot type %q", one.LotType))
			}
		} else if row, ok := products[*s.Sku]; !ok {
			faults = append(faults, fault.New(fault.NotFound, field+".sku", "there is no product %q", *s.Sku))
		} else {
			one.id, one.Sku = row.ID, row.Sku
			if f := fault.Of(Current(row, field+".sku")); f != nil {
				faults = append(faults, f)
			}
		}
		found = append(found, one)
	}
	return found, faults, nil
}

// insert writes a version of a recipe; nothing where that is 0, for none.
func (c components) insert(ctx context.Context, tx *command.Tx, product uuid.UUID, version int32) error {
	if version == 0 {
		return nil
	}
	if err := tx.InsertRecipe(ctx, db.InsertRecipeParams{ProductID: product, Version: version, CreatedAt: tx.At}); err != nil {
		return err
	}
	p := db.InsertComponentsParams{ProductID: product, Version: version}
	for _, one := range c {
		p.ComponentIds, p.LotTypes, p.Shares = append(p.ComponentIds, one.id), append(p.LotTypes, one.LotType), append(p.Shares, one.SharePercent)
	}
	return tx.InsertComponents(ctx, p)
}

// recipeOf is the recipe in force; empty where there is none.
func recipeOf(ctx context.Context, tx *command.Tx, row db.Product) (components, error) {
	all, err := tx.ComponentsByProducts(ctx, []uuid.UUID{row.ID})
	if err != nil {
		return nil, err
	}
	recipe, ids := components{}, []uuid.UUID{}
	for _, c := range all {
		if c.Version != row.RecipeVersion {
			continue
		}
		one := component{LotType: deref(c.LotType), SharePercent: c.SharePercent}
		if c.ComponentID != nil {
			one.id = *c.ComponentID
			ids = append(ids, one.id)
		}
		recipe = append(recipe, one)
	}
	rows, err := tx.ProductsByIDs(ctx, ids)
	skus := make(map[uuid.UUID]string, len(rows))
	for _, p := range rows {
		skus[p.ID] = p.Sku
	}
	for i := range recipe {
		recipe[i].Sku = skus[recipe[i].id]
	}
	return recipe, err
}
