package run_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/run"
)

// passLine passes a run's line at some gates now.
func passLine(t *testing.T, p *linetest.Plant, runID uuid.UUID, gates ...string) {
	t.Helper()
	for _, gate := range gates {
		if _, err := p.Owner.Exec(t.Context(), `INSERT INTO qc_decision (id, site_id, gate_id, run_id, decision, decided_at, checked_at, decided_by)
			SELECT $1, r.site_id, g.id, r.id, 'PASS', $2, $2, $3 FROM run r JOIN qc_gate g ON g.scenario_id = r.scenario_id AND g.number = $4::text::numeric WHERE r.id = $5`,
			linetest.NewID(), p.Now(), p.Operator.UserID, gate, runID); err != nil {
			t.Fatal(err)
		}
	}
}

// TestComplete: a run ends when each lot is made and measured and the line was checked; what it came to stands in the log, whatever is corrected
// after.
func TestComplete(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id, announced := announcing(t, p, 3)
	prep := p.Make("PREP", "30")
	if _, err := fulfil(p, id, announced[0], "", p.Of(prep, "20")); err != nil {
		t.Fatal(err)
	}
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := p.Owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	complete := func() error {
		_, err := p.Runs.Complete(p.As(p.Operator), run.Ending{RunID: p.RunID(id)})
		return err
	}
	exec("UPDATE run SET phase_id = (SELECT id FROM phase WHERE scenario_id = run.scenario_id AND number = 11) WHERE id = $1", id)
	for _, part := range []string{
		"nobody has made PREP-20261001-DUNA-0001 yet", "nobody has measured KIT-20261001-DUNA-0001 yet", "the line lacks the PASS of gate 8", "the line lacks the PASS of gate 9",
	} {
		linetest.Refused(t, complete(), fault.FailedPrecondition, "runId", part)
	}
	first := count(t, p, "SELECT count(*) FROM lot WHERE code = 'PREP-20261001-DUNA-0001' AND announced")
	if first != 1 {
		t.Fatal("the first PREP isn't the announced one")
	}
	prepLot, err := db.New(p.Owner).LotsByCode(t.Context(), "PREP-20261001-DUNA-0001")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Lots.Drop(p.As(p.Operator), lot.Dropping{LotIDs: []relay.ID{p.LotID(prepLot[0].ID)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Lots.Measure(p.As(p.Operator), lot.Measurement{LotID: p.LotID(announced[0]), WeightKg: linetest.Kg("19")}); err != nil {
		t.Fatal(err)
	}
	passLine(t, p, id, "8", "9")
	p.Pass(time.Hour)
	if err := complete(); err != nil {
		t.Fatal(err)
	}
	if r := read(t, p, id); r.Status != db.RunStatusCOMPLETED || !r.EndedAt.Equal(p.Now()) {
		t.Errorf("%+v", r)
	}
	if n := count(t, p, `SELECT count(*) FROM audit_event WHERE action = 'COMPLETE_RUN' AND (after::jsonb) -> 'summary' @>
		'{"durationSeconds": 3600, "inKg": "20.000", "outKg": "0.000", "yieldPercent": "0.0", "pass": 2, "hold": 0, "fail": 0, "alerts": 1}'`); n != 1 {
		var after string
		_ = p.Owner.QueryRow(t.Context(), "SELECT after FROM audit_event WHERE action = 'COMPLETE_RUN'").Scan(&after)
		t.Errorf("the log says %s", after)
	}
	if n := count(t, p, "SELECT count(*) FROM alert WHERE kind = 'CHECK_MISSED' AND message LIKE '%nobody has checked KIT-20261001-DUNA-0001'"); n != 1 {
		t.Errorf("%d alerts of the kit that nobody checked", n)
	}
	linetest.Refused(t, complete(), fault.FailedPrecondition, "runId", "is COMPLETED")
	sums, err := run.NewFinder(p.Owner).Summaries(t.Context(), []*run.Run{{Run: read(t, p, id)}})
	if err != nil {
		t.Fatal(err)
	}
	stays := sums[id].Phases
	if len(stays) != 4 || !stays[3].LeftAt.Equal(p.Now()) || !stays[2].LeftAt.Equal(stays[3].EnteredAt) || *stays[0].EnteredBy != p.Operator.UserID {
		t.Errorf("%+v", stays)
	}
}
