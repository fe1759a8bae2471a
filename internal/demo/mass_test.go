package demo

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"flowviz/internal/quantity"
	runs "flowviz/internal/run"
)

// TestRunsAddUp: each kilogram that came into a run went somewhere.
func TestRunsAddUp(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, DefaultSeed)
	rows, err := pool.Query(t.Context(), "SELECT id FROM run")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	balances, err := runs.NewFinder(pool).MassBalances(t.Context(), ids)
	if err != nil || len(balances) != len(ids) || len(ids) == 0 {
		t.Fatalf("%d balances of %d runs: %v", len(balances), len(ids), err)
	}
	for _, b := range balances {
		rest := b.InKg
		for _, kg := range []quantity.Decimal{b.ConsumedKg, b.ShippedKg, b.SampledKg, b.WastedKg, b.RemainingKg, b.LostKg, b.UnaccountedKg} {
			if rest, err = rest.Sub(kg); err != nil {
				t.Fatal(err)
			}
		}
		if !rest.IsZero() || !b.UnaccountedKg.IsZero() || b.InKg.Sign() <= 0 && b.RemainingKg.Sign() > 0 {
			t.Errorf("off by %s kg: %+v", rest, b)
		}
	}
}
