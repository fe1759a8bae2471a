package deviation

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Filter says which deviations; nil fields ask for nothing.
type Filter struct {
	Site     *string
	Status   []db.DeviationStatus
	Severity []db.DeviationSeverity
	Overdue  *bool
	Gate     *quantity.Decimal // its number
	Lot      *string           // a lot's code
	Run      *string           // a run's code
}

// Finder reads deviations.
type Finder struct {
	q, adhoc *db.Queries
	now      func() time.Time
}

// NewFinder reads through tx; now says which are overdue.
func NewFinder(tx db.DBTX, now func() time.Time) *Finder {
	return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx), now: now}
}

// ByIDs finds deviations; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Deviation, error) {
	rows, err := f.q.DeviationsByIDs(ctx, ids)
	return f.wrap(rows), err
}

// ByCode finds a deviation; nil where there is none.
func (f *Finder) ByCode(ctx context.Context, code string) (*Deviation, error) {
	row, err := f.q.DeviationByCode(ctx, code)
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // absent is an answer here: null
	} else if err != nil {
		return nil, err
	}
	return f.wrap([]db.Deviation{row})[0], nil
}

// Page lists deviations, newest first.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Deviation], error) {
	page, err := args.Page(relay.Deviation)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	p := db.DeviationsPageParams{
		Site: filter.Site, Statuses: db.Texts(filter.Status), Severities: db.Texts(filter.Severity), Overdue: filter.Overdue, Now: f.now(),
		GateNumber: filter.Gate, Run: filter.Run, Lot: filter.Lot, After: page.AfterKey(), Size: page.Fetch(),
	}
	if filter.Lot != nil {
		if key, ok := gs1.Canonical(*filter.Lot); ok {
			p.LotGS1Key = &key
		}
	}
	rows, err := f.adhoc.DeviationsPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, f.wrap(rows), Key, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountDeviations(ctx, db.CountDeviationsParams{
			Site: p.Site, Statuses: p.Statuses, Severities: p.Severities, Overdue: p.Overdue, Now: p.Now,
			GateNumber: p.GateNumber, Run: p.Run, Lot: p.Lot, LotGS1Key: p.LotGS1Key,
		})
	}), nil
}

// PageByRuns reads one page of each run's deviations, oldest first.
func (f *Finder) PageByRuns(ctx context.Context, runIDs []uuid.UUID, page relay.Page) ([]*Deviation, error) {
	rows, err := f.adhoc.DeviationsPageByRuns(ctx, db.DeviationsPageByRunsParams{RunIds: runIDs, After: page.AfterKey(), Size: page.Fetch()})
	return f.wrap(rows), err
}

// CountByRuns counts each run's deviations; runs without are left out.
func (f *Finder) CountByRuns(ctx context.Context, runIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountDeviationsByRuns(ctx, runIDs)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.RunID] = row.Count
	}
	return counts, err
}

// PageByLots reads one page of the deviations that held each lot, oldest first.
func (f *Finder) PageByLots(ctx context.Context, lotIDs []uuid.UUID, page relay.Page) (map[uuid.UUID][]*Deviation, error) {
	rows, err := f.adhoc.DeviationsPageByLots(ctx, db.DeviationsPageByLotsParams{LotIds: lotIDs, After: page.AfterKey(), Size: page.Fetch()})
	found := map[uuid.UUID][]*Deviation{}
	for _, row := range rows {
		found[row.LotID] = append(found[row.LotID], f.wrap([]db.Deviation{row.Deviation})...)
	}
	return found, err
}

// CountByLots counts the deviations that held each lot; lots without are left out.
func (f *Finder) CountByLots(ctx context.Context, lotIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountDeviationsByLots(ctx, lotIDs)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.LotID] = row.Count
	}
	return counts, err
}

// LotsPage reads one page of the lots that each deviation held, oldest first.
func (f *Finder) LotsPage(ctx context.Context, ids []uuid.UUID, page relay.Page) (map[uuid.UUID][]*lot.Lot, error) {
	rows, err := f.adhoc.LotsPageByDeviations(ctx, db.LotsPageByDeviationsParams{DeviationIds: ids, After: page.AfterKey(), Size: page.Fetch()})
	found := map[uuid.UUID][]*lot.Lot{}
	for _, row := range rows {
		found[row.DeviationID] = append(found[row.DeviationID], &lot.Lot{Lot: row.Lot})
	}
	return found, err
}

// CountLots counts the lots that each deviation held; those that held none are left out.
func (f *Finder) CountLots(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountLotsByDeviations(ctx, ids)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.DeviationID] = row.Count
	}
	return counts, err
}

// Key is a deviation's place in lists.
func Key(d *Deviation) uuid.UUID { return d.ID }

func (f *Finder) wrap(rows []db.Deviation) []*Deviation {
	now := f.now()
	out := make([]*Deviation, len(rows))
	for i, row := range rows {
		out[i] = &Deviation{row, row.ClosedAt == nil && row.DueAt.Before(now)}
	}
	return out
}
