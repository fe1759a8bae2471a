package transformation

import (
	"context"

	"github.com/google/uuid"

	"flowviz/internal/quantity"
)

// MassBalance is what of a lot went where, in kilograms to the gram:
// in = consumed + shipped + sampled + wasted + remaining + unaccounted.
type MassBalance struct {
	LotID                                                                        uuid.UUID
	InKg, ConsumedKg, ShippedKg, SampledKg, WastedKg, RemainingKg, UnaccountedKg quantity.Decimal
}

// MassBalances works out the balance of each lot that has a mass; the others are left out.
func (f *Finder) MassBalances(ctx context.Context, lotIDs []uuid.UUID) ([]*MassBalance, error) {
	rows, err := f.q.MassBalancesByLots(ctx, lotIDs)
	if err != nil {
		return nil, err
	}
	out := make([]*MassBalance, 0, len(rows))
	for _, r := range rows {
		b := &MassBalance{
			LotID: r.ID, InKg: *r.WeightKg, ConsumedKg: r.ConsumedKg, ShippedKg: r.ShippedKg, SampledKg: r.SampledKg, WastedKg: r.WastedKg,
		}
		left := b.InKg
		for _, taken := range []quantity.Decimal{b.ConsumedKg, b.ShippedKg, b.SampledKg, b.WastedKg} {
			if left, err = left.Sub(taken); err != nil {
				return nil, err
			}
		}
		b.RemainingKg = left
		if r.RemainingKg != nil {
			b.RemainingKg = *r.RemainingKg
		}
		if b.UnaccountedKg, err = left.Sub(b.RemainingKg); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
