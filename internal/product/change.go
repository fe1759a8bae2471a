package product

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// Changes are what is to become different about a product: what is nil stays; an empty GTIN, a weight or shelf life of 0 and a
// recipe without components take it away.
type Changes struct {
	ProductID     relay.ID
	Gtin          *string
	Name          *definition.Text
	UnitWeightKg  *quantity.Decimal
	ShelfLifeDays *int32
	Allergens     []string
	Recipe        []Share

	IdempotencyKey *string
}

// of is the product as it would be, with what is wrong with it.
func (n Changes) of(is db.Product) (db.Product, fault.List, error) {
	c := &checker{}
	if n.Gtin != nil {
		is.Gtin = c.gtin(n.Gtin)
	}
	if n.Name != nil {
		c.name(*n.Name)
		name, err := json.Marshal(n.Name)
		if err != nil {
			return is, nil, fmt.Errorf("encode a product's name: %w", err)
		}
		is.Name = name
	}
	if n.UnitWeightKg != nil {
		if is.UnitWeightKg = n.UnitWeightKg; n.UnitWeightKg.IsZero() {
			is.UnitWeightKg = nil
		}
		c.unitWeight(is.UnitWeightKg)
	}
	if n.ShelfLifeDays != nil {
		if is.ShelfLifeDays = n.ShelfLifeDays; *n.ShelfLifeDays == 0 {
			is.ShelfLifeDays = nil
		}
		c.shelfLife(is.ShelfLifeDays)
	}
	if n.Allergens != nil {
		is.Allergens = n.Allergens
		c.allergens(is.Allergens)
	}
	c.recipe(is.Sku, n.Recipe)
	return is, c.faults, nil
}

// Change changes a product, and returns its id; it takes a MANAGER of any site. A recipe that is another than the one in force
// becomes a new version. BAD_USER_INPUT names each bad field, NOT_FOUND a product that isn't there, CONFLICT a GTIN that another
// has, FAILED_PRECONDITION one that has ended.
func (s *Service) Change(ctx context.Context, n Changes) (uuid.UUID, error) {
	if err := n.ProductID.Require(relay.Product, "productId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "changeProduct", Key: n.IdempotencyKey, Input: n}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, n.ProductID)
		if err != nil {
			return uuid.Nil, err
		}
		before, err := recipeOf(ctx, tx, was)
		if err != nil {
			return uuid.Nil, err
		}
		is, faults, err := n.of(was)
		if err != nil || len(faults) > 0 {
			return uuid.Nil, faults.After(err)
		}
		after := before
		if n.Recipe != nil {
			if after, faults, err = resolve(ctx, tx, n.Recipe); err != nil || len(faults) > 0 {
				return uuid.Nil, faults.After(err)
			}
			if !slices.EqualFunc(before, after, component.same) {
				if is.RecipeVersion, err = next(ctx, tx, was); err != nil {
					return uuid.Nil, err
				}
				if err := after.insert(ctx, tx, is.ID, is.RecipeVersion); err != nil {
					return uuid.Nil, err
				}
			}
		}
		return update(ctx, tx, audit.ChangeProduct, is, values(was, before), after)
	})
}

func (c component) same(d component) bool {
	return c.id == d.id && c.LotType == d.LotType && c.SharePercent.Equal(d.SharePercent)
}

// next is the number of a product's next recipe.
func next(ctx context.Context, tx *command.Tx, row db.Product) (int32, error) {
	versions, err := tx.RecipesByProducts(ctx, []uuid.UUID{row.ID})
	return int32(len(versions)) + 1, err
}

// End is a product of which no new lot is to be.
type End struct {
	ProductID      relay.ID
	IdempotencyKey *string
}

// End ends a product for good, and returns its id; it takes a MANAGER of any site. NOT_FOUND where it isn't there,
// FAILED_PRECONDITION where it has ended.
func (s *Service) End(ctx context.Context, e End) (uuid.UUID, error) {
	if err := e.ProductID.Require(relay.Product, "productId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "endProduct", Key: e.IdempotencyKey, Input: e}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, e.ProductID)
		if err != nil {
			return uuid.Nil, err
		}
		recipe, err := recipeOf(ctx, tx, was)
		if err != nil {
			return uuid.Nil, err
		}
		is := was
		is.EndedAt = &tx.At
		return update(ctx, tx, audit.EndProduct, is, values(was, recipe), recipe)
	})
}

// lock finds a product, and keeps others from changing it.
func lock(ctx context.Context, tx *command.Tx, id relay.ID) (db.Product, error) {
	if !tx.Actor.May(identity.Manage) {
		return db.Product{}, identity.Forbidden(identity.Manage)
	}
	row, err := tx.ProductForChange(ctx, id.UUID)
	if db.NoRows(err) || err == nil && id.Site != 0 {
		return row, fault.New(fault.NotFound, "productId", "there is no such product")
	} else if err != nil {
		return row, err
	}
	return row, Current(row, "productId")
}

func update(ctx context.Context, tx *command.Tx, action audit.Action, is db.Product, before audit.Fields, recipe components) (uuid.UUID, error) {
	is, err := tx.UpdateProduct(ctx, db.UpdateProductParams{
		ID: is.ID, Gtin: is.Gtin, Name: is.Name, UnitWeightKg: is.UnitWeightKg, ShelfLifeDays: is.ShelfLifeDays, Allergens: is.Allergens,
		RecipeVersion: is.RecipeVersion, EndedAt: is.EndedAt,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return is.ID, record(ctx, tx, action, is, before, values(is, recipe))
}
