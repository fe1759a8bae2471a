package transformation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"flowviz/internal/linetest"
	"flowviz/internal/transformation"
)

// TestFromNowhere: what the scenario makes of others and was received from nobody is told, once a type until somebody has seen it.
func TestFromNowhere(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	register := func(lots ...transformation.NewLot) {
		t.Helper()
		for i := range lots {
			lots[i].WeightKg = linetest.Kg("10")
		}
		if _, err := p.Transformations.RegisterLots(p.As(p.Operator), transformation.Registrations{SiteCode: "DUNA", ScenarioKey: new("chilled-ready-meal"), Lots: lots}); err != nil {
			t.Fatal(err)
		}
	}
	raised := func(what string, want ...string) {
		t.Helper()
		rows, err := p.Owner.Query(t.Context(), "SELECT a.kind || ' ' || a.severity || ': ' || a.message || ', ' || (l.id IS NOT NULL) FROM alert a LEFT JOIN lot l ON l.id = a.lot_id ORDER BY a.id")
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	register(transformation.NewLot{LotType: "RAW"}, transformation.NewLot{LotType: "ING"})
	raised("what is received")
	register(transformation.NewLot{LotType: "PREP", SupplierID: &p.Supplier})
	raised("bought from a partner")
	const prep = "RULE_BROKEN WARNING: PREP-20261001-DUNA-0002 was received from nobody, and PREP is made of RAW, ING: name what it was made of, or who it came from, true"
	register(transformation.NewLot{LotType: "PREP"}, transformation.NewLot{LotType: "PREP"})
	raised("from nowhere", prep)
	register(transformation.NewLot{LotType: "PREP"}, transformation.NewLot{LotType: "WIP"})
	const wip = "RULE_BROKEN WARNING: WIP-20261001-DUNA-0001 was received from nobody, and WIP is made of CHILL: name what it was made of, or who it came from, true"
	raised("another type", prep, wip)
	if _, err := p.Owner.Exec(t.Context(), "UPDATE alert SET acknowledged_at = raised_at, acknowledged_by = $1", p.Operator.UserID); err != nil {
		t.Fatal(err)
	}
	register(transformation.NewLot{LotType: "WIP"})
	raised("seen, and again", prep, wip, "RULE_BROKEN WARNING: WIP-20261001-DUNA-0002 was received from nobody, and WIP is made of CHILL: name what it was made of, or who it came from, true")
}
