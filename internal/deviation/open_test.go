package deviation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

func (o office) gate(number string) relay.ID {
	o.t.Helper()
	var id uuid.UUID
	o.must(o.Owner.QueryRow(o.t.Context(), `SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id
		WHERE s.key = 'chilled-ready-meal' AND g.number = $1::numeric`, number).Scan(&id))
	return relay.ID{Kind: relay.QcGate, UUID: id}
}

func (o office) lot(lotType string, run *relay.ID, inputs ...transformation.Draw) uuid.UUID {
	o.t.Helper()
	l := transformation.NewLot{
		LotType: lotType, WeightKg: linetest.Kg("10"), Inputs: inputs,
		Attributes: &lot.Attributes{Species: new("CHICKEN"), State: new("CHILLED"), Category: new("POULTRY")},
	}
	if lotType == "PKG" { // pieces
		l.WeightKg, l.Quantity, l.Attributes = nil, linetest.Kg("10"), nil
	}
	made, err := o.Transformations.RegisterLot(o.As(o.Operator), transformation.Registration{
		SiteCode: o.Site.Code, RunID: run, ScenarioKey: new("chilled-ready-meal"), NewLot: l,
	})
	o.must(err)
	return made.Lots[0]
}

// decide decides HOLD or FAIL at a gate, about a lot or a run's line.
func (o office) decide(gate string, decision db.QcOutcome, lotID, runID, corrects *relay.ID) uuid.UUID {
	o.t.Helper()
	id, err := o.Checks.RecordDecision(o.As(o.Operator), qc.Record{
		GateID: o.gate(gate), LotID: lotID, RunID: runID, Decision: decision, Notes: new("it is not as it must be"), SupersedesID: corrects,
	})
	o.must(err)
	return id
}

func (o office) decision(id uuid.UUID) *relay.ID {
	return &relay.ID{Kind: relay.QcDecision, Site: o.Site.ID, UUID: id}
}

// TestEachDecisionOpensOne, with the severity of its gate, and due by that.
func TestEachDecisionOpensOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i, tc := range []struct {
		gate, lotType string
		decision      db.QcOutcome
		severity      db.DeviationSeverity
		due           time.Duration
	}{
		{"1", "RAW", db.QcOutcomeHOLD, db.DeviationSeverityCRITICAL, 24 * time.Hour},
		{"6", "WIP", db.QcOutcomeFAIL, db.DeviationSeverityMAJOR, 7 * 24 * time.Hour},
		{"1.5", "PKG", db.QcOutcomeHOLD, db.DeviationSeverityMINOR, 30 * 24 * time.Hour},
	} {
		id := o.lot(tc.lotType, nil)
		made := o.decide(tc.gate, tc.decision, new(o.LotID(id)), nil, nil)
		all := o.all()
		if len(all) != i+1 {
			t.Fatalf("gate %s: %d deviations", tc.gate, len(all))
		}
		d := o.row(all[i])
		if d.Severity != tc.severity || !d.DueAt.Equal(o.Now().Add(tc.due)) || d.Description != "it is not as it must be" || d.OpenedBy != o.Operator.UserID || d.Status != db.DeviationStatusOPEN {
			t.Errorf("gate %s: %+v", tc.gate, d)
		}
		if want := "DEV-20261001-DUNA-000" + string(rune('1'+i)); d.Code != want {
			t.Errorf("%s, not %s", d.Code, want)
		}
		if o.count("qc_decision WHERE id = $1 AND deviation_id = $2", made, d.ID) != 1 || o.count("hold WHERE lot_id = $1 AND deviation_id = $2", id, d.ID) != 1 {
			t.Errorf("gate %s: decision and hold are of another", tc.gate)
		}
	}
	if n := o.count("audit_event WHERE action = 'OPEN_DEVIATION'"); n != 3 || o.count("event WHERE type = 'DEVIATION_OPENED'") != 3 {
		t.Errorf("%d in the log", n)
	}
}

// TestALineOpensOne: however many lots a check of the line holds, none or all since the last PASS.
func TestALineOpensOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	start := func() relay.ID {
		id, err := o.Runs.Start(o.As(o.Operator), run.Start{ScenarioKey: "chilled-ready-meal", SiteCode: o.Site.Code})
		o.must(err)
		return o.RunID(id)
	}
	idle, runID := start(), start()
	o.decide("9", db.QcOutcomeFAIL, nil, &idle, nil)
	if o.count("deviation WHERE run_id = $1", idle.UUID) != 1 || o.count("hold") != 0 {
		t.Errorf("a check that holds nothing opened %d", o.count("deviation"))
	}
	empty := o.all()[0]
	_, err := o.Owner.Exec(t.Context(), `UPDATE run SET phase_id = (SELECT x.id FROM phase x WHERE x.scenario_id = run.scenario_id AND x.number = 10)`)
	o.must(err)
	o.Pass(time.Minute)
	for range 3 {
		o.lot("FG", &runID, o.Of(o.Make("TRAY", "10"), ""))
	}
	o.Pass(time.Minute)
	failed := o.decide("9", db.QcOutcomeFAIL, nil, &runID, nil)
	if o.count("deviation") != 2 || o.count("hold h JOIN qc_decision d ON d.deviation_id = h.deviation_id WHERE d.id = $1", failed) != 3 {
		t.Errorf("%d deviations, %d holds", o.count("deviation"), o.count("hold"))
	}
	// One without lots needs no disposition.
	describe := func(id uuid.UUID) {
		t.Helper()
		_, err := o.Owner.Exec(t.Context(), "UPDATE deviation SET cause = 'a loose cable', corrective_action = 'fixed it' WHERE id = $1", id)
		o.must(err)
	}
	describe(empty)
	o.must(o.verify(o.Manager, empty))
	o.must(o.close(o.Second, empty))
}

// TestReadingsOpenOne: for all lots that a batch shows to be bad at a gate, once.
func TestReadingsOpenOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var taken []*qc.Taken
	for range 3 {
		taken = append(taken, &qc.Taken{
			GateID: new(o.gate("1")), LotID: new(o.LotID(o.lot("RAW", nil))), Parameter: "surface_temp", Value: quantity.MustParse("9"), Unit: "CEL", At: o.Now(),
		})
	}
	for range 2 { // a probe sends every few seconds
		_, err := o.Checks.RecordMeasurements(o.As(o.Operator), qc.Batch{Measurements: taken})
		o.must(err)
		o.Pass(time.Second)
		for _, one := range taken {
			one.At = o.Now()
		}
	}
	if o.count("deviation WHERE severity = 'CRITICAL'") != 1 || o.count("hold h JOIN deviation d ON d.id = h.deviation_id AND d.gate_id = h.gate_id") != 3 {
		t.Errorf("%d deviations, %d holds", o.count("deviation"), o.count("hold"))
	}
}

// TestAPersonOpensOne by holding or rejecting lots without a gate: one a command.
func TestAPersonOpensOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, second, third := o.Make("PREP", "1"), o.Make("PREP", "1"), o.Make("PREP", "1")
	id := o.hold(first, second)
	if d := o.row(id); o.count("deviation") != 1 || d.Severity != db.DeviationSeverityMAJOR || d.GateID != nil || o.count("hold WHERE deviation_id = $1", id) != 2 {
		t.Errorf("%d, %+v", o.count("deviation"), d)
	}
	o.reject(first) // ends the hold that there is
	o.reject(third) // holds and rejects in one
	if o.count("deviation") != 2 || o.count("hold WHERE deviation_id IS NULL") != 0 {
		t.Errorf("%d deviations", o.count("deviation"))
	}
}

// TestACorrectionGoesOn with the deviation of what it corrects, and has it verified anew; where that is closed, it opens another.
func TestACorrectionGoesOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.lot("WIP", nil)
	held := o.decide("6", db.QcOutcomeHOLD, new(o.LotID(id)), nil, nil)
	first := o.all()[0]
	o.describe(first, db.DeviationDispositionRELEASE)
	o.must(o.verify(o.Manager, first))
	failed := o.decide("6", db.QcOutcomeFAIL, new(o.LotID(id)), nil, o.decision(held))
	if d := o.row(first); o.count("deviation") != 1 || d.Status != db.DeviationStatusOPEN || o.count("qc_decision WHERE deviation_id = $1", first) != 2 {
		t.Errorf("%d deviations; it is %s", o.count("deviation"), d.Status)
	}
	linetest.Refused(t, o.close(o.Second, first), fault.FailedPrecondition, "deviationId", "isn't verified")
	o.must(o.verify(o.Manager, first))
	o.release(id)
	o.must(o.close(o.Second, first))
	o.decide("6", db.QcOutcomeHOLD, new(o.LotID(id)), nil, o.decision(failed))
	if o.count("deviation") != 2 {
		t.Errorf("%d deviations after a correction of a closed one", o.count("deviation"))
	}
}

// TestAllOrNothing: a decision that fails, at whatever step, leaves no deviation, nor a hole in their codes.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.lot("WIP", nil)
	_, err := o.Owner.Exec(t.Context(), `
		CREATE FUNCTION no_alert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no alert today'; END $$;
		CREATE TRIGGER no_alert BEFORE INSERT ON alert FOR EACH ROW EXECUTE FUNCTION no_alert()`) // the last thing that a decision does
	o.must(err)
	_, err = o.Checks.RecordDecision(o.As(o.Operator), qc.Record{
		GateID: o.gate("6"), LotID: new(o.LotID(id)), Decision: db.QcOutcomeFAIL, Notes: new("it is not as it must be"),
	})
	if err == nil || !strings.Contains(err.Error(), "no alert today") {
		t.Fatalf("it went well: %v", err)
	}
	if o.count("deviation")+o.count("hold")+o.count("qc_decision")+o.count("audit_event WHERE action = 'OPEN_DEVIATION'") != 0 {
		t.Error("something of it is there")
	}
	_, err = o.Owner.Exec(t.Context(), "DROP TRIGGER no_alert ON alert")
	o.must(err)
	o.decide("6", db.QcOutcomeFAIL, new(o.LotID(id)), nil, nil)
	if got := o.row(o.all()[0]).Code; got != "DEV-20261001-DUNA-0001" {
		t.Errorf("the first one is %s", got)
	}
	// Nor is there a HOLD or FAIL without one, whatever statement writes it.
	_, err = o.Owner.Exec(t.Context(), `INSERT INTO qc_decision (id, site_id, gate_id, lot_id, decision, notes, decided_at, checked_at, decided_by)
		VALUES ($1, $2, $3, $4, 'FAIL', 'it is not as it must be', now(), current_timestamp, $5)`, linetest.NewID(), o.Site.ID, o.gate("6").UUID, id, o.Operator.UserID)
	if err == nil || !strings.Contains(err.Error(), "qc_decision_deviation_check") {
		t.Errorf("a FAIL without one: %v", err)
	}
}

// TestSaidInTheLog: who said what about a deviation, with what it was before.
func TestSaidInTheLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.hold(o.Make("PREP", "1"))
	o.describe(id, db.DeviationDispositionDESTROY)
	var before, after map[string]any
	var read [2]json.RawMessage
	o.must(o.Owner.QueryRow(t.Context(), "SELECT before, after FROM audit_event WHERE action = 'DESCRIBE_DEVIATION' AND subject_id = $1", id).Scan(&read[0], &read[1]))
	o.must(json.Unmarshal(read[0], &before))
	o.must(json.Unmarshal(read[1], &after))
	if cause, ok := before["cause"]; !ok || cause != nil || after["cause"] != "a jar broke above the belt" || after["disposition"] != "DESTROY" || len(after) != 4 {
		t.Errorf("from %v to %v", before, after)
	}
}
