package product

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// Creation is a new product as somebody gives it.
type Creation struct {
	Sku           string
	Gtin          *string
	Name          definition.Text
	LotType       string // a code
	Unit          string // KGM or EA
	UnitWeightKg  *quantity.Decimal
	ShelfLifeDays *int32
	Allergens     []string
	Recipe        []Share

	IdempotencyKey *string
}

// Create makes a product, and returns its id; it takes a MANAGER of any site. BAD_USER_INPUT names each bad field, CONFLICT a SKU or
// GTIN that another product has.
func (s *Service) Create(ctx context.Context, n Creation) (uuid.UUID, error) {
	c := &checker{}
	c.text("sku", n.Sku, maxSku)
	gtin := c.gtin(n.Gtin)
	c.name(n.Name)
	if n.Unit != string(definition.UnitKilogram) && n.Unit != string(definition.UnitEach) {
		c.bad("unit", "give KGM for what is weighed, or EA for what is counted")
	}
	c.unitWeight(n.UnitWeightKg)
	c.shelfLife(n.ShelfLifeDays)
	c.allergens(n.Allergens)
	c.recipe(n.Sku, n.Recipe)
	if err := c.faults.Err(); err != nil {
		return uuid.Nil, err
	}
	name, err := json.Marshal(n.Name)
	if err != nil {
		return uuid.Nil, fmt.Errorf("encode a product's name: %w", err)
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "createProduct", Key: n.IdempotencyKey, Input: n}, func(tx *command.Tx) (uuid.UUID, error) {
		if !tx.Actor.May(identity.Manage) {
			return uuid.Nil, identity.Forbidden(identity.Manage)
		}
		components, faults, err := resolve(ctx, tx, n.Recipe)
		if err != nil {
			return uuid.Nil, err
		}
		unknown, err := tx.UnknownLotTypes(ctx, []string{n.LotType})
		if err != nil {
			return uuid.Nil, err
		}
		if len(unknown) > 0 {
			faults = append(faults, fault.BadInput("lotType", "no scenario has a lot type %q", n.LotType))
		}
		if err := faults.Err(); err != nil {
			return uuid.Nil, err
		}
		row := db.InsertProductParams{
			ID: tx.NewID(), Sku: n.Sku, Gtin: gtin, Name: name, LotType: n.LotType, Unit: n.Unit, UnitWeightKg: n.UnitWeightKg,
			ShelfLifeDays: n.ShelfLifeDays, Allergens: append([]string{}, n.Allergens...),
		}
		if len(n.Recipe) > 0 {
			row.RecipeVersion = 1
		}
		made, err := tx.InsertProduct(ctx, row)
		if err != nil {
			return uuid.Nil, err
		}
		if err := components.insert(ctx, tx, made.ID, made.RecipeVersion); err != nil {
			return uuid.Nil, err
		}
		after := values(made, components)
		after["sku"], after["lotType"], after["unit"] = made.Sku, made.LotType, made.Unit
		return made.ID, record(ctx, tx, audit.CreateProduct, made, nil, after)
	})
}

// values are what is said of a product that may become different, by the API's names.
func values(row db.Product, recipe components) audit.Fields {
	return audit.Fields{
		"gtin": row.Gtin, "name": row.Name, "unitWeightKg": row.UnitWeightKg, "shelfLifeDays": row.ShelfLifeDays, "allergens": row.Allergens,
		"recipe": recipe, "endedAt": row.EndedAt,
	}
}

// record writes into the log of each site, and tells all who listen.
func record(ctx context.Context, tx *command.Tx, action audit.Action, row db.Product, before, after audit.Fields) error {
	entry := audit.Entry{Action: action, Subject: globalID(row), Label: row.Sku, After: after}
	if before != nil {
		was, is, err := audit.Difference(before, after)
		if err != nil || len(is) == 0 {
			return err
		}
		entry.Before, entry.After = was, is
	}
	sites, err := tx.Everywhere(ctx)
	for _, site := range sites {
		entry.Site = site
		tx.Audit(entry)
		tx.Tell(event.Event{Type: event.MasterDataChanged, Site: site, Subject: entry.Subject})
	}
	return err
}
