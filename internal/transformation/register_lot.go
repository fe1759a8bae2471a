package transformation

import (
	"context"
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// NewLot is a lot to be registered, or an announced one that is made, with the lots that it was made of: a transformation with one output.
type NewLot struct {
	LotType      string
	LotID        *relay.ID
	WeightKg     *quantity.Decimal
	Quantity     *quantity.Decimal
	TemperatureC *quantity.Decimal
	Attributes   *lot.Attributes
	SupplierID   *relay.ID
	Product      *string // its SKU, or GTIN in any spelling
	Location     *string // code of where it lies from now on
	Equipment    *string
	OccurredAt   *time.Time
	Inputs       []Draw
	ShippedLots  []ShippedLot // where another site of the company shipped it: what it came from
}

// recording is the transformation that makes the lot. Its kind is told by what is made of what (see entry.named).
func (n NewLot) recording(siteCode string, run *relay.ID, scenarioKey *string) *Recording {
	return &Recording{
		SiteCode: siteCode, RunID: run, ScenarioKey: scenarioKey, PartnerID: n.SupplierID, Equipment: n.Equipment, OccurredAt: n.OccurredAt, Inputs: n.Inputs,
		ShippedLots: n.ShippedLots,
		Outputs: []Output{{
			LotType: n.LotType, LotID: n.LotID, WeightKg: n.WeightKg, Quantity: n.Quantity, TemperatureC: n.TemperatureC, Attributes: n.Attributes, SupplierID: n.SupplierID,
			Product: n.Product, Location: n.Location,
		}},
		single: true,
	}
}

// Registration is a lot as somebody registers it.
type Registration struct {
	SiteCode    string
	RunID       *relay.ID
	ScenarioKey *string
	NewLot

	IdempotencyKey *string
}

// RegisterLot makes a lot of lots, or receives it where it has no inputs; it takes an OPERATOR. The server gives its code, and its
// status by the gates that apply to it. Faults are those of Record.
func (s *Service) RegisterLot(ctx context.Context, r Registration) (Recorded, error) {
	recordings := []*Recording{r.recording(r.SiteCode, r.RunID, r.ScenarioKey)}
	return one(s.execute(ctx, "registerLot", r.IdempotencyKey, r, r.SiteCode, recordings, func(int) string { return "" }))
}

// Registrations are lots that are registered in one step.
type Registrations struct {
	SiteCode    string
	RunID       *relay.ID
	ScenarioKey *string
	Lots        []NewLot

	IdempotencyKey *string
}

const maxBatch = 1_000

// RegisterLots registers up to 1,000 lots, all or none. None of them can be an input of another.
func (s *Service) RegisterLots(ctx context.Context, r Registrations) ([]Recorded, error) {
	if n := len(r.Lots); n < 1 || n > maxBatch {
		return nil, fault.Bounded("lots", n, maxBatch, "give 1 to %d", maxBatch)
	}
	recordings := make([]*Recording, len(r.Lots))
	for i, n := range r.Lots {
		recordings[i] = n.recording(r.SiteCode, r.RunID, r.ScenarioKey)
	}
	return s.execute(ctx, "registerLots", r.IdempotencyKey, r, r.SiteCode, recordings, func(i int) string { return fmt.Sprintf("lots[%d].", i) })
}

// named gives a registration its kind, which the client doesn't know: by the role of what is made, and by what it is made of.
func (e *entry) named(uses func(relay.ID) *lot.Use) db.TransformationKind {
	switch kind := e.types[0]; {
	case len(e.Inputs) == 0:
		return db.TransformationKindRECEIVE
	case byRole[db.LotRole(kind.Role)] != "":
		return byRole[db.LotRole(kind.Role)]
	default:
		for _, in := range e.Inputs {
			if uses(in.LotID).Type != kind.Code {
				return db.TransformationKindPROCESS
			}
		}
		if len(e.Inputs) == 1 {
			return db.TransformationKindSPLIT
		}
		return db.TransformationKindMERGE
	}
}

// byRole are the kinds of transformations that make lots of a role.
var byRole = map[db.LotRole]db.TransformationKind{
	db.LotRoleLOGISTIC: db.TransformationKindPACK,
	db.LotRoleREWORK:   db.TransformationKindREWORK,
	db.LotRoleSAMPLE:   db.TransformationKindSAMPLE,
	db.LotRoleWASTE:    db.TransformationKindWASTE,
}
