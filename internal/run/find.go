package run

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/relay"
)

// Finder reads runs.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// Filter says which runs; nil fields ask for nothing.
type Filter struct {
	Site       *string
	Status     []db.RunStatus
	Scenario   *string // a key
	CodePrefix *string
	Started    *relay.TimeRange
}

// ByIDs finds runs; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Run, error) {
	rows, err := f.q.RunsByIDs(ctx, ids)
	return wrap(rows), err
}

// ByCode finds a run; nil where there is none.
func (f *Finder) ByCode(ctx context.Context, code string) (*Run, error) {
	row, err := f.q.RunByCode(ctx, code)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // absent is an answer here: null
	}
	return &Run{row}, err
}

// Page lists runs, newest first.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Run], error) {
	page, err := args.Page(relay.Run)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	from, before := filter.Started.Bounds()
	p := db.RunsPageParams{
		Site: filter.Site, Statuses: db.Texts(filter.Status), Scenario: filter.Scenario, CodePrefix: filter.CodePrefix,
		StartedFrom: from, StartedBefore: before,
		After: page.AfterKey(), Before: page.BeforeKey(), Backward: page.Backward, Size: page.Fetch(),
	}
	rows, err := f.adhoc.RunsPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), func(r *Run) uuid.UUID { return r.ID }, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountRuns(ctx, db.CountRunsParams{
			Site: p.Site, Statuses: p.Statuses, Scenario: p.Scenario, CodePrefix: p.CodePrefix,
			StartedFrom: p.StartedFrom, StartedBefore: p.StartedBefore,
		})
	}), nil
}
