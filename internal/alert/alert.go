// Package alert is something that a person must see, until they acknowledge it.
package alert

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/relay"
)

// Alert is something that a person must see.
type Alert struct{ db.Alert }

// GlobalID is the alert's id in the API.
func (a *Alert) GlobalID() relay.ID {
	return relay.ID{Kind: relay.Alert, Site: a.SiteID, UUID: a.ID}
}

// IsNode marks a type that the API finds by its id.
func (*Alert) IsNode() {}

// Filter says which alerts; nil fields ask for nothing.
type Filter struct {
	Site         *string
	Kind         []db.AlertKind
	Severity     []db.AlertSeverity
	Acknowledged *bool
	Lot          *string // a lot's code
	Raised       *relay.TimeRange
}

// Finder reads alerts.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// ByIDs finds alerts; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Alert, error) {
	rows, err := f.q.AlertsByIDs(ctx, ids)
	return wrap(rows), err
}

// Page lists alerts, newest first.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Alert], error) {
	page, err := args.Page(relay.Alert)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	from, before := filter.Raised.Bounds()
	var key *string
	if filter.Lot != nil {
		if k, ok := gs1.Canonical(*filter.Lot); ok {
			key = &k
		}
	}
	p := db.AlertsPageParams{
		Site: filter.Site, Kinds: db.Texts(filter.Kind), Severities: db.Texts(filter.Severity), Acknowledged: filter.Acknowledged,
		Lot: filter.Lot, LotGS1Key: key, RaisedFrom: from, RaisedBefore: before, After: page.AfterKey(), Size: page.Fetch(),
	}
	rows, err := f.adhoc.AlertsPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), Key, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountAlerts(ctx, db.CountAlertsParams{
			Site: p.Site, Kinds: p.Kinds, Severities: p.Severities, Acknowledged: p.Acknowledged, Lot: p.Lot, LotGS1Key: p.LotGS1Key,
			RaisedFrom: p.RaisedFrom, RaisedBefore: p.RaisedBefore,
		})
	}), nil
}

// PageByRuns reads one page of each run's alerts, oldest first.
func (f *Finder) PageByRuns(ctx context.Context, runIDs []uuid.UUID, page relay.Page) ([]*Alert, error) {
	rows, err := f.adhoc.AlertsPageByRuns(ctx, db.AlertsPageByRunsParams{RunIds: runIDs, After: page.AfterKey(), Size: page.Fetch()})
	return wrap(rows), err
}

// CountByRuns counts each run's alerts; runs without are left out.
func (f *Finder) CountByRuns(ctx context.Context, runIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountAlertsByRuns(ctx, runIDs)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.RunID] = row.Count
	}
	return counts, err
}

// Key is an alert's place in lists.
func Key(a *Alert) uuid.UUID { return a.ID }

func wrap(rows []db.Alert) []*Alert {
	out := make([]*Alert, len(rows))
	for i, row := range rows {
		out[i] = &Alert{row}
	}
	return out
}
