// Package product is what lots are of, as the company sells, makes or buys it: names, GTIN, allergens, shelf life, and of what it is
// made. Products belong to no site: a change stands in the log of each.
//
// A recipe is never changed: another one is a new version, and lots are compared with the one that was in force. A product that has
// ended stays and can be read; no new lot is of it.
package product

import (
	"encoding/json"
	"fmt"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// Product is what a lot can be of.
type Product struct{ db.Product }

// GlobalID is the product's id in the API.
func (p *Product) GlobalID() relay.ID { return globalID(p.Product) }

// IsNode marks a type that the API finds by its id.
func (*Product) IsNode() {}

// Name is what people call it, in a language.
func (p *Product) Name(locale *string) (string, error) {
	var text definition.Text
	if err := json.Unmarshal(p.Product.Name, &text); err != nil {
		return "", fmt.Errorf("read the name of product %s: %w", p.Sku, err)
	}
	if locale == nil {
		return text.In(""), nil
	}
	return text.In(*locale), nil
}

// InForce is the one of a product's recipes that holds; nil for none.
func (p *Product) InForce(recipes []*Recipe) *Recipe {
	for _, r := range recipes {
		if r.Version == p.RecipeVersion && len(r.components) > 0 {
			return r
		}
	}
	return nil
}

// Recipe is one version of what a product is made of.
type Recipe struct {
	db.ProductRecipe
	components []*Component
}

// Components are what goes in, in the order given.
func (r *Recipe) Components() []*Component { return r.components }

// Component is a product, or any lot of a type, with its share of the whole.
type Component struct{ db.ProductComponent }

// Current refuses a product that has ended, for new lots: FAILED_PRECONDITION on field.
func Current(row db.Product, field string) error {
	if row.EndedAt == nil {
		return nil
	}
	return fault.New(fault.FailedPrecondition, field, "%s has ended: no new lot is of it", row.Sku)
}

// Service changes products.
type Service struct{ commands *command.Executor }

// NewService changes products by commands.
func NewService(commands *command.Executor) *Service { return &Service{commands} }

func globalID(row db.Product) relay.ID { return relay.ID{Kind: relay.Product, UUID: row.ID} }

func wrap(rows []db.Product) []*Product {
	out := make([]*Product, len(rows))
	for i, row := range rows {
		out[i] = &Product{row}
	}
	return out
}
