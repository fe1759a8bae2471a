package equipment

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/relay"
)

// Finder reads equipment.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// Filter says which equipment; nil fields ask for nothing.
type Filter struct {
	Site   *string
	Kind   []db.EquipmentKind
	Phase  *int32 // a number
	Search *string
	Ended  *bool
}

// ByIDs finds equipment; what doesn't exist is left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Equipment, error) {
	rows, err := f.q.EquipmentByIDs(ctx, ids)
	return wrap(rows), err
}

// At lists what stands at locations and has not ended.
func (f *Finder) At(ctx context.Context, locationIDs []uuid.UUID) ([]*Equipment, error) {
	rows, err := f.q.EquipmentByLocations(ctx, locationIDs)
	return wrap(rows), err
}

// Page lists equipment in the order of its creation.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Equipment], error) {
	page, err := args.Page(relay.Equipment)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	p := db.EquipmentPageParams{
		Site: filter.Site, Kinds: db.Texts(filter.Kind), Phase: filter.Phase, Search: filter.Search, Ended: filter.Ended, After: page.AfterKey(), Size: page.Fetch(),
	}
	if filter.Search != nil {
		p.NamePattern = new("%" + db.EscapeLike(*filter.Search) + "%")
	}
	rows, err := f.adhoc.EquipmentPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), func(e *Equipment) uuid.UUID { return e.ID }, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountEquipment(ctx, db.CountEquipmentParams{
			Site: p.Site, Kinds: p.Kinds, Phase: p.Phase, Search: p.Search, NamePattern: p.NamePattern, Ended: p.Ended,
		})
	}), nil
}
