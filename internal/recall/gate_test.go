package recall_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

func registration(p plant, supplierLot string, equipment *string) transformation.Registration {
	return transformation.Registration{
		SiteCode: p.Site.Code, ScenarioKey: new("chilled-ready-meal"),
		NewLot: transformation.NewLot{
			LotType: "RAW", WeightKg: linetest.Kg("10"), SupplierID: &p.Supplier, Equipment: equipment, Attributes: &lot.Attributes{SupplierLotCode: &supplierLot},
		},
	}
}

// gate finds a gate of the ready meals.
func (p plant) gate(number string) relay.ID {
	p.t.Helper()
	var id uuid.UUID
	p.must(p.Owner.QueryRow(p.t.Context(), `SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id
		WHERE s.key = 'chilled-ready-meal' AND g.number = $1::numeric`, number).Scan(&id))
	return relay.ID{Kind: relay.QcGate, UUID: id}
}

// decided writes that a gate said something about a lot or about a run's line at this moment.
func (p plant) decided(gate relay.ID, lot, run *uuid.UUID, supersedes *uuid.UUID, outcome string) uuid.UUID {
	p.t.Helper()
	id := linetest.NewID()
	p.exec(`INSERT INTO qc_decision (id, site_id, gate_id, lot_id, run_id, decision, notes, decided_at, decided_by, checked_at, supersedes_id, deviation_id)
		VALUES ($1, $2, $3, $4, $5, 'PASS', $6, $7, $8, $7, $9, NULL)`, id, p.Site.ID, gate.UUID, lot, run, outcome, p.Now(), p.Operator.UserID, supersedes)
	return id
}

// TestGateThatBrackets: a metal detector was good at nine, at ten and at eleven; what may be bad from half past nine on is what was made after
// nine and before the next good check.
func TestGateThatBrackets(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	gate := p.gate("9")
	run, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "chilled-ready-meal", SiteCode: p.Site.Code})
	p.must(err)
	meal := func() uuid.UUID {
		p.Pass(20 * time.Minute)
		id := p.Make("TRAY", "1")
		p.exec(`UPDATE lot SET run_id = $1, lot_type_id = (SELECT l.id FROM lot_type l JOIN qc_gate g ON g.scenario_id = l.scenario_id WHERE g.id = $2 AND l.code = 'FG') WHERE id = $3`, run, gate.UUID, id)
		return id
	}
	hour := func() time.Time {
		p.Pass(20 * time.Minute)
		p.decided(gate, nil, &run, nil, "")
		return p.Now()
	}
	meal()
	nine := hour()
	first, second := meal(), meal()
	ten := hour()
	third := meal()
	hour()
	meal()
	for name, tc := range map[string]struct {
		from, before time.Time
		want         []uuid.UUID
	}{
		"between two checks":   {nine.Add(30 * time.Minute), nine.Add(31 * time.Minute), []uuid.UUID{first, second}},
		"over a check between": {nine.Add(30 * time.Minute), ten.Add(time.Minute), []uuid.UUID{first, second, third}},
	} {
		id := p.open(db.RecallKindMOCK, recall.Scope{SiteCode: new("DUNA"), GateID: &gate, Time: &relay.TimeRange{From: &tc.from, Before: &tc.before}})
		if diff := cmp.Diff(tc.want, p.suspects(id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	id := p.open(db.RecallKindREAL, recall.Scope{SiteCode: new("DUNA"), GateID: &gate, Time: &relay.TimeRange{From: &nine, Before: &ten}})
	if n := p.count("deviation WHERE gate_id = $1 AND severity = 'CRITICAL'", gate.UUID); n != 1 {
		t.Errorf("%d deviations of the gate", n)
	}
	if n := p.count("hold WHERE recall_id = $1", id); n != len(p.suspects(id)) || n == 0 {
		t.Errorf("%d holds", n)
	}
	// It is a CCP: what may have passed it wrongly is let go as at any CCP.
	r := hold.Release{LotID: p.LotID(first), Reason: "it was detected again", Password: linetest.Password}
	_, err = p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "lotId", "somebody else")
	linetest.Refused(t, err, fault.FailedPrecondition, "evaluation", "document your evaluation")
	r.Evaluation = new("no metal was found by three other detectors")
	_, err = p.Holds.ReleaseLot(p.As(p.Second), r)
	p.must(err)
}

// TestGateOfEachLot: suspect is what a standing decision says that it passed in the time.
func TestGateOfEachLot(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	gate := p.gate("6")
	var passed []uuid.UUID
	from := p.Now().Add(time.Minute)
	var wrong uuid.UUID
	for range 4 {
		id := p.Make("WIP", "10")
		wrong = p.decided(gate, &id, nil, nil, "")
		passed = append(passed, id)
		p.Pass(time.Minute)
	}
	p.decided(gate, &passed[3], nil, &wrong, "")
	late := p.Make("WIP", "10") // at the very moment of the recall
	p.decided(gate, &late, nil, nil, "")
	p.exec("ALTER TABLE qc_decision DISABLE TRIGGER USER")
	p.exec("UPDATE qc_decision SET checked_at = checked_at - interval '1 day' WHERE supersedes_id IS NOT NULL")
	id := p.open(db.RecallKindMOCK, recall.Scope{SiteCode: new("DUNA"), GateID: &gate, Time: &relay.TimeRange{From: &from}})
	if diff := cmp.Diff([]uuid.UUID{passed[1], passed[2], late}, p.suspects(id)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
