package run

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
)

// MassBalance is what of all that came into a run went where, in kilograms to the gram:
// in = consumed + shipped + sampled + wasted + remaining + lost + unaccounted.
type MassBalance struct{ db.RunMassBalancesRow }

// MassBalances works out the balance of each run.
func (f *Finder) MassBalances(ctx context.Context, ids []uuid.UUID) ([]*MassBalance, error) {
	rows, err := f.q.RunMassBalances(ctx, ids)
	out := make([]*MassBalance, len(rows))
	for i, row := range rows {
		out[i] = &MassBalance{row}
	}
	return out, err
}
