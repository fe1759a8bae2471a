// Package transformation is one event in which input lots became output lots. Quantities stand on its inputs and outputs,
// never on their pairs; it is never deleted, only voided and replaced.
package transformation

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Transformation is one event in which input lots became output lots.
type Transformation struct{ db.Transformation }

// GlobalID is the transformation's id in the API.
func (t *Transformation) GlobalID() relay.ID {
	return relay.ID{Kind: relay.Transformation, Site: t.SiteID, UUID: t.ID}
}

// IsNode marks a type that the API finds by its id.
func (*Transformation) IsNode() {}

// Item is a lot in a transformation, and how much of it.
type Item struct {
	TransformationID uuid.UUID
	LotID            uuid.UUID
	QuantityKg       *quantity.Decimal
	Quantity         *quantity.Decimal
	Unit             *string
}

// Finder reads transformations.
type Finder struct{ q *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx)} }

// ByIDs finds transformations; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Transformation, error) {
	rows, err := f.q.TransformationsByIDs(ctx, ids)
	out := make([]*Transformation, len(rows))
	for i, row := range rows {
		out[i] = &Transformation{row}
	}
	return out, err
}

// Inputs lists what went into transformations.
func (f *Finder) Inputs(ctx context.Context, ids []uuid.UUID) ([]*Item, error) {
	rows, err := f.q.TransformationInputsByTransformations(ctx, ids)
	out := make([]*Item, len(rows))
	for i, r := range rows {
		out[i] = &Item{TransformationID: r.TransformationID, LotID: r.LotID, QuantityKg: r.QuantityKg, Quantity: r.Quantity, Unit: r.Unit}
	}
	return out, err
}

// Outputs lists what came out of transformations.
func (f *Finder) Outputs(ctx context.Context, ids []uuid.UUID) ([]*Item, error) {
	rows, err := f.q.TransformationOutputsByTransformations(ctx, ids)
	out := make([]*Item, len(rows))
	for i, r := range rows {
		out[i] = &Item{TransformationID: r.TransformationID, LotID: r.LotID, QuantityKg: r.QuantityKg, Quantity: r.Quantity, Unit: r.Unit}
	}
	return out, err
}
