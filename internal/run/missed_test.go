package run_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/linetest"
	"flowviz/internal/qc"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

// TestACheckpointIsMissed: what nobody checks at a gate that stops nothing is told when the run leaves the phase.
func TestACheckpointIsMissed(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := start(t, p)
	for range 3 {
		if err := advance(p, id); err != nil {
			t.Fatal(err)
		}
	}
	kit := func() (uuid.UUID, string) {
		t.Helper()
		made, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{SiteCode: "DUNA", RunID: new(p.RunID(id)), NewLot: transformation.NewLot{
			LotType: "KIT", WeightKg: linetest.Kg("5"), Inputs: []transformation.Draw{p.Of(p.Make("PREP", "5"), "")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return made.Lots[0], p.Lot(made.Lots[0]).Code
	}
	held, _ := kit()
	var gate uuid.UUID
	if err := p.Owner.QueryRow(t.Context(), "SELECT g.id FROM qc_gate g JOIN run r ON r.scenario_id = g.scenario_id WHERE r.id = $1 AND g.number = 3", id).Scan(&gate); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Checks.RecordDecision(p.As(p.Operator), qc.Record{
		GateID: relay.ID{Kind: relay.QcGate, UUID: gate}, LotID: new(p.LotID(held)), Decision: db.QcOutcomeHOLD, Notes: new("the label is torn"),
	}); err != nil {
		t.Fatal(err)
	}
	var codes []any
	for range 5 {
		_, code := kit()
		codes = append(codes, code)
	}
	told := func() (messages []string) {
		t.Helper()
		if err := p.Owner.QueryRow(t.Context(), "SELECT coalesce(array_agg(severity || ': ' || message ORDER BY id), '{}') FROM alert WHERE kind = 'CHECK_MISSED' AND run_id = $1", id).Scan(&messages); err != nil {
			t.Fatal(err)
		}
		return messages
	}
	if err := advance(p, id); err != nil {
		t.Fatal(err)
	}
	want := []string{fmt.Sprintf("WARNING: RUN-20261001-DUNA-0001, gate 3 Weigh-up: nobody has checked %s, %s, %s and 2 more", codes[:3]...)}
	if diff := cmp.Diff(want, told()); diff != "" {
		t.Errorf("at leaving (-want +told):\n%s", diff)
	}
	exec := func(sql string) {
		t.Helper()
		if _, err := p.Owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	// At the run's end it isn't told again.
	exec("UPDATE alert SET acknowledged_at = raised_at, acknowledged_by = (SELECT id FROM app_user LIMIT 1)")
	exec("UPDATE run SET phase_id = (SELECT id FROM phase WHERE scenario_id = run.scenario_id AND number = 11)")
	for _, number := range []string{"8", "9"} {
		exec(`INSERT INTO qc_decision (id, site_id, gate_id, run_id, decision, decided_at, checked_at, decided_by)
			SELECT gen_random_uuid(), r.site_id, g.id, r.id, 'PASS', r.phase_since, r.started_at, r.operator_id
			FROM run r JOIN qc_gate g ON g.scenario_id = r.scenario_id AND g.number = ` + number)
	}
	if _, err := p.Runs.Complete(p.As(p.Operator), run.Ending{RunID: p.RunID(id)}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, told()); diff != "" {
		t.Errorf("at the end (-want +told):\n%s", diff)
	}
}
