package lot

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/gs1"
	"flowviz/internal/relay"
)

// Finder reads lots.
type Finder struct {
	tx       db.DBTX
	q, adhoc *db.Queries
}

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{tx: tx, q: db.New(tx), adhoc: db.Adhoc(tx)} }

// ByIDs finds lots; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Lot, error) {
	rows, err := f.q.LotsByIDs(ctx, ids)
	return wrap(rows), err
}

// Rows reads the narrow part of lots, in no order; those that don't exist are left out.
func (f *Finder) Rows(ctx context.Context, ids []uuid.UUID) ([]Row, error) {
	return db.LotRows(ctx, f.tx, ids)
}

// ByCode finds a lot by its code, or by another spelling of the same GS1 key; nil where there is none. siteCodes says
// where each candidate lies when several sites know one: then a site has to be named, or BAD_USER_INPUT names them; as it does the
// check digit that a wrong key should have.
func (f *Finder) ByCode(ctx context.Context, code string, site *string, siteCodes func(context.Context, []int32) ([]string, error)) (*Lot, error) {
	rows, err := f.byCode(ctx, code)
	if err != nil {
		return nil, err
	}
	if site != nil {
		if rows, err = f.at(ctx, rows, *site, siteCodes); err != nil {
			return nil, err
		}
	}
	switch len(rows) {
	case 0:
		return nil, nil //nolint:nilnil // absent is an answer here: null
	case 1:
		return &Lot{rows[0]}, nil
	}
	names, err := siteCodes(ctx, sites(rows))
	if err != nil {
		return nil, err
	}
	return nil, fault.BadInput("site", "several sites know this code: name one of %s", strings.Join(names, ", "))
}

func (f *Finder) byCode(ctx context.Context, code string) ([]db.Lot, error) {
	key, bad := gs1.Parse(code)
	if bad == nil {
		return f.q.LotsByGS1Key(ctx, key.Canonical())
	}
	rows, err := f.q.LotsByCode(ctx, code)
	if err != nil || len(rows) > 0 || errors.Is(bad, gs1.ErrNotGS1) && !isSSCC(code) {
		return rows, err
	}
	sscc, err := gs1.ReadSSCC(code) // or else the code is a wrong key, and the error says how
	if err != nil {
		return nil, fault.BadInput("code", "%v", err)
	}
	return f.q.LotsByGS1Key(ctx, gs1.Key{SSCC: sscc}.Canonical())
}

// isSSCC reports whether a code has the form of an SSCC alone, which gs1.Parse takes for anybody's own number.
var isSSCC = regexp.MustCompile(`^[0-9]{18}$`).MatchString

// at keeps the lots of a site.
func (f *Finder) at(ctx context.Context, rows []db.Lot, site string, siteCodes func(context.Context, []int32) ([]string, error)) ([]db.Lot, error) {
	codes, err := siteCodes(ctx, sites(rows))
	if err != nil {
		return nil, err
	}
	for i, code := range codes {
		if code == site {
			return rows[i : i+1], nil
		}
	}
	return nil, nil
}

func sites(rows []db.Lot) []int32 {
	ids := make([]int32, len(rows))
	for i, row := range rows {
		ids[i] = row.SiteID
	}
	return ids
}

// Page lists lots, newest first.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Lot], error) {
	page, err := args.Page(relay.Lot)
	if err != nil {
		return nil, err
	}
	p, err := filter.params()
	if err != nil {
		return nil, err
	}
	p.After, p.Before, p.Backward, p.Size = page.AfterKey(), page.BeforeKey(), page.Backward, page.Fetch()
	rows, err := f.adhoc.LotsPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), Key, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountLots(ctx, countParams(p))
	}), nil
}

// Matching tells which of the lots match the filter; the others have no entry.
func (f *Finder) Matching(ctx context.Context, ids []uuid.UUID, filter *Filter) (map[uuid.UUID]bool, error) {
	p, err := filter.params()
	if err != nil {
		return nil, err
	}
	found, err := f.adhoc.MatchingLots(ctx, matchParams(ids, p))
	matching := make(map[uuid.UUID]bool, len(found))
	for _, id := range found {
		matching[id] = true
	}
	return matching, err
}

// PageByRuns reads one page of each run's lots, newest first.
func (f *Finder) PageByRuns(ctx context.Context, runIDs []uuid.UUID, filter *Filter, page relay.Page) ([]*Lot, error) {
	p, err := filter.params()
	if err != nil {
		return nil, err
	}
	rows, err := f.adhoc.LotsPageByRuns(ctx, db.LotsPageByRunsParams{
		RunIds: runIDs, Site: p.Site, LotTypes: p.LotTypes, PhaseNumber: p.PhaseNumber, Statuses: p.Statuses, Held: p.Held, Exposed: p.Exposed,
		CodePrefix: p.CodePrefix, SearchPattern: p.SearchPattern, Search: p.Search, GS1Key: p.GS1Key,
		OccurredFrom: p.OccurredFrom, OccurredBefore: p.OccurredBefore, Location: p.Location, Product: p.Product, Gtin: p.Gtin, After: page.AfterKey(), Size: page.Fetch(),
	})
	return wrap(rows), err
}

// CountByRuns counts each run's lots that match; runs without are left out.
func (f *Finder) CountByRuns(ctx context.Context, runIDs []uuid.UUID, filter *Filter) (map[uuid.UUID]int64, error) {
	p, err := filter.params()
	if err != nil {
		return nil, err
	}
	rows, err := f.adhoc.CountLotsByRuns(ctx, db.CountLotsByRunsParams{
		RunIds: runIDs, Site: p.Site, LotTypes: p.LotTypes, PhaseNumber: p.PhaseNumber, Statuses: p.Statuses, Held: p.Held, Exposed: p.Exposed,
		CodePrefix: p.CodePrefix, SearchPattern: p.SearchPattern, Search: p.Search, GS1Key: p.GS1Key,
		OccurredFrom: p.OccurredFrom, OccurredBefore: p.OccurredBefore, Location: p.Location, Product: p.Product, Gtin: p.Gtin,
	})
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.RunID] = row.Count
	}
	return counts, err
}

// PageByLocations reads one page of the lots that lie at each location, newest first.
func (f *Finder) PageByLocations(ctx context.Context, locationIDs []uuid.UUID, page relay.Page) ([]*Lot, error) {
	rows, err := f.adhoc.LotsPageByLocations(ctx, db.LotsPageByLocationsParams{LocationIds: locationIDs, After: page.AfterKey(), Size: page.Fetch()})
	return wrap(rows), err
}

// CountByLocations counts the lots that lie at each location; locations without are left out.
func (f *Finder) CountByLocations(ctx context.Context, locationIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountLotsByLocations(ctx, locationIDs)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.LocationID] = row.Count
	}
	return counts, err
}

// Key is a lot's place in lists.
func Key(l *Lot) uuid.UUID { return l.ID }
