// Package qc is decisions at gates: PASS, HOLD or FAIL for a lot or for the line. They are append-only: a correction is a
// new decision that supersedes an old one.
package qc

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/relay"
)

// Decision is one decision at a gate.
type Decision struct{ db.QcDecision }

// GlobalID is the decision's id in the API.
func (d *Decision) GlobalID() relay.ID {
	return relay.ID{Kind: relay.QcDecision, Site: d.SiteID, UUID: d.ID}
}

// IsNode marks a type that the API finds by its id.
func (*Decision) IsNode() {}

// Finder reads decisions.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// ByIDs finds decisions; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Decision, error) {
	rows, err := f.q.DecisionsByIDs(ctx, ids)
	return wrap(rows), err
}

// ByDeviations lists the decisions in deviations, oldest first.
func (f *Finder) ByDeviations(ctx context.Context, ids []uuid.UUID) ([]*Decision, error) {
	rows, err := f.q.DecisionsByDeviations(ctx, ids)
	return wrap(rows), err
}

// PageByLots reads one page of each lot's decisions, oldest first.
func (f *Finder) PageByLots(ctx context.Context, lotIDs []uuid.UUID, page relay.Page) ([]*Decision, error) {
	rows, err := f.adhoc.DecisionsPageByLots(ctx, db.DecisionsPageByLotsParams{LotIds: lotIDs, After: page.AfterKey(), Size: page.Fetch()})
	return wrap(rows), err
}

// CountByLots counts each lot's decisions; lots without are left out.
func (f *Finder) CountByLots(ctx context.Context, lotIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountDecisionsByLots(ctx, lotIDs)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.LotID] = row.Count
	}
	return counts, err
}

// PageByRuns reads one page of each run's decisions, oldest first.
func (f *Finder) PageByRuns(ctx context.Context, runIDs []uuid.UUID, page relay.Page) ([]*Decision, error) {
	rows, err := f.adhoc.DecisionsPageByRuns(ctx, db.DecisionsPageByRunsParams{RunIds: runIDs, After: page.AfterKey(), Size: page.Fetch()})
	return wrap(rows), err
}

// CountByRuns counts each run's decisions; runs without are left out.
func (f *Finder) CountByRuns(ctx context.Context, runIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountDecisionsByRuns(ctx, runIDs)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.RunID] = row.Count
	}
	return counts, err
}

// Key is a decision's place in lists.
func Key(d *Decision) uuid.UUID { return d.ID }

func wrap(rows []db.QcDecision) []*Decision {
	out := make([]*Decision, len(rows))
	for i, row := range rows {
		out[i] = &Decision{row}
	}
	return out
}
