package partner

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/relay"
)

// Finder reads partners.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// Filter says which partners; nil fields ask for nothing.
type Filter struct {
	Site   *string
	Search *string
	Ended  *bool
}

// ByIDs finds partners; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Partner, error) {
	rows, err := f.q.PartnersByIDs(ctx, ids)
	return wrap(rows), err
}

// Page lists partners in the order of their registration.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Partner], error) {
	page, err := args.Page(relay.Partner)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	var pattern, gln *string
	if filter.Search != nil {
		pattern = new("%" + db.EscapeLike(*filter.Search) + "%")
		if number, err := gs1.ReadGLN(*filter.Search); err == nil {
			gln = &number
		}
	}
	rows, err := f.adhoc.PartnersPage(ctx, db.PartnersPageParams{Site: filter.Site, Search: filter.Search, NamePattern: pattern, GLN: gln, Ended: filter.Ended, After: page.AfterKey(), Size: page.Fetch()})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), func(p *Partner) uuid.UUID { return p.ID }, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountPartners(ctx, db.CountPartnersParams{Site: filter.Site, Search: filter.Search, NamePattern: pattern, GLN: gln, Ended: filter.Ended})
	}), nil
}
