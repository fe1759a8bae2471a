package trace

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Introduced finds the allergens that came in with each lot: it has them, and no lot that it was made of has. In the order of their names;
// lots without are left out.
func (f *Finder) Introduced(ctx context.Context, lotIDs []uuid.UUID) (map[uuid.UUID][]string, error) {
	rows, err := f.q.AllergensIntroduced(ctx, lotIDs)
	found := map[uuid.UUID][]string{}
	for _, r := range rows {
		found[r.LotID] = append(found[r.LotID], r.Allergen)
	}
	return found, err
}

// BestBefore finds until when each lot is good; those of which nobody said are left out.
func (f *Finder) BestBefore(ctx context.Context, lotIDs []uuid.UUID) (map[uuid.UUID]*time.Time, error) {
	rows, err := f.q.BestBeforeByLots(ctx, lotIDs)
	found := make(map[uuid.UUID]*time.Time, len(rows))
	for _, r := range rows {
		found[r.ID] = &r.BestBefore
	}
	return found, err
}
