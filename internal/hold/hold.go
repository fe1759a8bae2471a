// Package hold is what stops a lot: a hold on it, or its exposure to an ancestor that is held, rejected or recalled.
// A hold reaches every descendant, also consumed and shipped ones, in the transaction that opens it.
package hold

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
)

// Hold is an open or ended hold on a lot.
type Hold struct{ db.Hold }

// Exposure is one cause for which a lot is exposed.
type Exposure struct{ db.Exposure }

// RecallID is the recall that exposes the lot; nil where something else does.
func (e *Exposure) RecallID() *uuid.UUID {
	if e.Reason != db.ExposureReasonRECALL {
		return nil
	}
	return &e.CauseID
}

// Finder reads holds and exposures.
type Finder struct{ q *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx)} }

// ByLots lists the holds on lots, open and ended, oldest first.
func (f *Finder) ByLots(ctx context.Context, lotIDs []uuid.UUID) ([]*Hold, error) {
	rows, err := f.q.HoldsByLots(ctx, lotIDs)
	out := make([]*Hold, len(rows))
	for i, row := range rows {
		out[i] = &Hold{row}
	}
	return out, err
}

// Exposed tells which of the lots are exposed now.
func (f *Finder) Exposed(ctx context.Context, lotIDs []uuid.UUID) (map[uuid.UUID]bool, error) {
	ids, err := f.q.ExposedLots(ctx, lotIDs)
	out := make(map[uuid.UUID]bool, len(lotIDs))
	for _, id := range lotIDs {
		out[id] = false
	}
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// Exposures lists why lots are exposed now: at most size causes of each, oldest first. Where the reader doesn't see the site of a cause,
// the lot through which it came stands for it.
func (f *Finder) Exposures(ctx context.Context, lotIDs []uuid.UUID, size int32) ([]*Exposure, error) {
	rows, err := f.q.ExposuresByLots(ctx, db.ExposuresByLotsParams{LotIds: lotIDs, Size: size})
	if err != nil {
		return nil, err
	}
	err = showBorders(ctx, f.q, rows)
	out := make([]*Exposure, len(rows))
	for i, row := range rows {
		out[i] = &Exposure{row}
	}
	return out, err
}
