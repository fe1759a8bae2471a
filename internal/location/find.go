package location

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Finder reads locations.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// Filter says which locations; nil fields ask for nothing.
type Filter struct {
	Site    *string
	Kind    []db.LocationKind
	LotType *string // a code
	Search  *string
	Ended   *bool
}

// ByIDs finds locations; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Location, error) {
	rows, err := f.q.LocationsByIDs(ctx, ids)
	return wrap(rows), err
}

// Page lists locations in the order of their creation.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Location], error) {
	page, err := args.Page(relay.Location)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	p := db.LocationsPageParams{
		Site: filter.Site, Kinds: db.Texts(filter.Kind), LotType: filter.LotType, Search: filter.Search, Ended: filter.Ended,
		After: page.AfterKey(), Size: page.Fetch(),
	}
	if filter.Search != nil {
		p.NamePattern = new("%" + db.EscapeLike(*filter.Search) + "%")
	}
	rows, err := f.adhoc.LocationsPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), func(l *Location) uuid.UUID { return l.ID }, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountLocations(ctx, db.CountLocationsParams{
			Site: p.Site, Kinds: p.Kinds, LotType: p.LotType, Search: p.Search, NamePattern: p.NamePattern, Ended: p.Ended,
		})
	}), nil
}

// UsedKg sums the kilograms that lie at each location.
func (f *Finder) UsedKg(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]quantity.Decimal, error) {
	rows, err := f.q.UsedKgByLocations(ctx, ids)
	used := make(map[uuid.UUID]quantity.Decimal, len(ids))
	for _, id := range ids {
		used[id] = quantity.Grams(0)
	}
	for _, row := range rows {
		used[row.LocationID] = row.UsedKg
	}
	return used, err
}
