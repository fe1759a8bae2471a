package qc_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/transformation"
)

// TestAtInfoALimitNotMetAlertsAndNothingElse: by a reading, and by a PASS.
func TestAtInfoALimitNotMetAlertsAndNothingElse(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id, g := informed(t, p)
	warm := surface(t, p, id, "9")
	warm.GateID = &g
	told := func(what string, want int) {
		t.Helper()
		if n := count(t, p, "alert WHERE kind = 'LIMIT_EXCEEDED' AND severity = 'INFO' AND lot_id = $1 AND message LIKE '%9 °C%'", id); n != want {
			t.Errorf("%s: %d alerts, not %d", what, n, want)
		}
	}
	seen := func() {
		t.Helper()
		if _, err := p.Owner.Exec(t.Context(), "UPDATE alert SET acknowledged_at = $1, acknowledged_by = $2 WHERE acknowledged_at IS NULL", p.Now(), p.Operator.UserID); err != nil {
			t.Fatal(err)
		}
	}
	got, err := send(p, warm)
	if err != nil || len(got.Held) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	told("read", 1)
	p.Pass(time.Minute)
	again := *warm
	again.At = p.Now()
	if _, err := send(p, &again); err != nil {
		t.Fatal(err)
	}
	told("read again", 1)
	seen()
	r := arrival(t, p, id, db.QcOutcomePASS, "9")
	r.GateID = g
	mustRecord(t, p, r)
	told("passed", 2)
	if p.Lot(id).Held || count(t, p, "hold") != 0 || count(t, p, "deviation") != 0 {
		t.Error("a gate for information held it")
	}
}

// informed receives poultry of a scenario whose gate of arrivals is there for information.
func informed(t *testing.T, p *linetest.Plant) (id uuid.UUID, g relay.ID) {
	t.Helper()
	defs, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range defs {
		if d.Key != "chilled-ready-meal" {
			continue
		}
		info := *d
		info.Key, info.Gates = "info", append([]definition.Gate{}, d.Gates...)
		info.Gates[0].Mode = definition.ModeInfo
		if err := db.InTx(t.Context(), p.Owner, db.Scope{}, func(q *db.Queries) error {
			_, err := scenario.Store(t.Context(), q, &info, linetest.NewID, db.ScenarioStatusPUBLISHED)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	made, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: p.Site.Code, ScenarioKey: new("info"), NewLot: transformation.NewLot{LotType: "RAW", WeightKg: linetest.Kg("100"), SupplierID: &p.Supplier, Attributes: poultry()},
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Kind = relay.QcGate
	if err := p.Owner.QueryRow(t.Context(), "SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id WHERE s.key = 'info' AND g.number = 1").Scan(&g.UUID); err != nil {
		t.Fatal(err)
	}
	return made.Lots[0], g
}
