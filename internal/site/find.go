package site

import (
	"context"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

// Finder reads sites.
type Finder struct{ q *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx)} }

// ByIDs finds sites; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []int32) ([]*Site, error) {
	rows, err := f.q.SitesByIDs(ctx, ids)
	return wrap(rows), err
}

// All lists the sites by code.
func (f *Finder) All(ctx context.Context) ([]*Site, error) {
	rows, err := f.q.Sites(ctx)
	return wrap(rows), err
}

// ByCode finds a site. NOT_FOUND where there is none.
func (f *Finder) ByCode(ctx context.Context, code string) (*Site, error) {
	row, err := f.q.SiteByCode(ctx, code)
	if db.NoRows(err) {
		return nil, fault.New(fault.NotFound, "siteCode", "there is no site %q", code)
	}
	return &Site{row}, err
}

// EventCursor is where the event streams of a site, or of all where code is nil, stand now. NOT_FOUND for an unknown site.
func (f *Finder) EventCursor(ctx context.Context, code *string) (relay.Cursor, error) {
	places, err := f.EventPlaces(ctx, code)
	return relay.EventCursor(places), err
}

// EventPlaces are how far the event streams of a site, or of all where code is nil, have come, by site. NOT_FOUND for an unknown site.
func (f *Finder) EventPlaces(ctx context.Context, code *string) ([]relay.EventPlace, error) {
	heads, err := f.q.SiteHeads(ctx, code)
	if err != nil {
		return nil, err
	}
	if code != nil && len(heads) == 0 {
		return nil, fault.New(fault.NotFound, "site", "there is no site %q", *code)
	}
	places := make([]relay.EventPlace, len(heads))
	for i, h := range heads {
		places[i] = relay.EventPlace{Site: h.SiteID, Sequence: h.EventSequence}
	}
	return places, nil
}
