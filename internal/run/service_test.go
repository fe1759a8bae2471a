package run_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/qc"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/transformation"
)

func start(t *testing.T, p *linetest.Plant) uuid.UUID {
	t.Helper()
	id, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "chilled-ready-meal", SiteCode: "DUNA"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func read(t *testing.T, p *linetest.Plant, id uuid.UUID) db.Run {
	t.Helper()
	rows, err := db.New(p.Owner).RunsByIDs(t.Context(), []uuid.UUID{id})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d runs %s: %v", len(rows), id, err)
	}
	return rows[0]
}

func advance(p *linetest.Plant, id uuid.UUID) error {
	_, err := p.Runs.Advance(p.As(p.Operator), run.Ending{RunID: p.RunID(id)})
	return err
}

func register(p *linetest.Plant, runID uuid.UUID, lotType string) (uuid.UUID, error) {
	made, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: "DUNA", RunID: new(p.RunID(runID)), NewLot: transformation.NewLot{LotType: lotType, WeightKg: linetest.Kg("10")},
	})
	if err != nil {
		return uuid.Nil, err
	}
	return made.Lots[0], nil
}

func TestStart(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	first, second := read(t, p, start(t, p)), read(t, p, start(t, p))
	if first.Code != "RUN-20261001-DUNA-0001" || second.Code != "RUN-20261001-DUNA-0002" || first.Status != db.RunStatusRUNNING || *first.OperatorID != p.Operator.UserID {
		t.Errorf("%+v, then %s", first, second.Code)
	}
	_, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "nope", SiteCode: "DUNA"})
	linetest.Refused(t, err, fault.NotFound, "scenarioKey", "nope")
}

// TestAdvance: rule 1 of the domain, with every reason.
func TestAdvance(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := start(t, p)
	_, err := register(p, id, "RAW")
	linetest.Refused(t, err, fault.FailedPrecondition, "lotType", "phase 1")
	if err := advance(p, id); err != nil {
		t.Fatal(err)
	}
	one, err := register(p, id, "RAW")
	if err != nil {
		t.Fatal(err)
	}
	two, err := register(p, id, "ING")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Holds.HoldLots(p.As(p.Operator), hold.Holding{LotIDs: []relay.ID{p.LotID(two)}, Reason: "the supplier phoned"}); err != nil {
		t.Fatal(err)
	}
	err = advance(p, id)
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", p.Lot(one).Code+" lacks the PASS of gate 1")
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", p.Lot(two).Code+" lacks the PASS of gate 1")
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", p.Lot(two).Code+" is held")
	_, err = p.Runs.Complete(p.As(p.Operator), run.Ending{RunID: p.RunID(id)})
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", "phase 1 of 11")

	if _, err := p.Holds.RejectLot(p.As(p.Manager), hold.Rejection{LotID: p.LotID(two), Reason: "it smells of diesel", Password: linetest.Password}); err != nil {
		t.Fatal(err)
	}
	expose(t, p, one, two)
	err = advance(p, id)
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", p.Lot(one).Code+" is exposed")
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", p.Lot(two).Code+" is rejected")
}

// publish publishes a scenario that differs from the ready meals'.
func publish(t *testing.T, p *linetest.Plant, key string, change func(*definition.Scenario)) {
	t.Helper()
	defs, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	def := *defs[slices.IndexFunc(defs, func(d *definition.Scenario) bool { return d.Key == "chilled-ready-meal" })]
	def.Key, def.Gates, def.Phases = key, slices.Clone(def.Gates), slices.Clone(def.Phases)
	change(&def)
	if err := db.InTx(t.Context(), p.Owner, db.Scope{}, func(q *db.Queries) error {
		_, err := scenario.Store(t.Context(), q, &def, linetest.NewID, db.ScenarioStatusPUBLISHED)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAdvancePastALine: a gate of no lot type checks the line itself, or each equipment that is named.
func TestAdvancePastALine(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	publish(t, p, "line", func(line *definition.Scenario) {
		line.Gates[0].LotTypes, line.Gates[0].PerLot, line.Gates[0].Limits, line.Gates[0].Checklist = nil, false, nil, nil
	})
	id, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "line", SiteCode: "DUNA"})
	if err != nil {
		t.Fatal(err)
	}
	if err := advance(p, id); err != nil {
		t.Fatal(err)
	}
	gate := relay.ID{Kind: relay.QcGate}
	if err := p.Owner.QueryRow(t.Context(), "SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id WHERE s.key = 'line' AND g.number = 1").Scan(&gate.UUID); err != nil {
		t.Fatal(err)
	}
	check := func(equipment string, decision db.QcOutcome) {
		t.Helper()
		p.Pass(time.Minute)
		r := qc.Record{GateID: gate, RunID: new(p.RunID(id)), Decision: decision, Equipment: &equipment, Notes: new("as the test piece shows")}
		if _, err := p.Checks.RecordDecision(p.As(p.Operator), r); err != nil {
			t.Fatal(err)
		}
	}
	linetest.Refused(t, advance(p, id), fault.FailedPrecondition, "runId", "the line lacks the PASS of gate 1")
	check("MD-1", db.QcOutcomeFAIL)
	check("MD-2", db.QcOutcomePASS)
	linetest.Refused(t, advance(p, id), fault.FailedPrecondition, "runId", "MD-1 lacks the PASS of gate 1")
	check("MD-1", db.QcOutcomePASS)
	if err := advance(p, id); err != nil {
		t.Error(err)
	}
}

// expose says that a lot was made of one that was held: what goods in can be only where another site's goods were.
func expose(t *testing.T, p *linetest.Plant, id, cause uuid.UUID) {
	t.Helper()
	if _, err := p.Owner.Exec(t.Context(), `INSERT INTO exposure (lot_id, cause_id, site_id, cause_lot_id, cause_site_id, reason, exposed_at)
		SELECT $1, h.id, h.site_id, h.lot_id, h.site_id, 'REJECTED', h.held_at FROM hold h WHERE h.lot_id = $2`, id, cause); err != nil {
		t.Fatal(err)
	}
}

// TestLives walks through all that may follow what, and is refused what may not.
func TestLives(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	type changer func(who *identity.Actor, id uuid.UUID) error
	reasoned := func(f func(*linetest.Plant, *identity.Actor, run.Change) error) changer {
		return func(who *identity.Actor, id uuid.UUID) error {
			return f(p, who, run.Change{RunID: p.RunID(id), Reason: "the freezer stands still"})
		}
	}
	holdIt := reasoned(func(p *linetest.Plant, who *identity.Actor, c run.Change) error {
		_, err := p.Runs.Hold(p.As(who), c)
		return err
	})
	resume := reasoned(func(p *linetest.Plant, who *identity.Actor, c run.Change) error {
		_, err := p.Runs.Resume(p.As(who), c)
		return err
	})
	abort := reasoned(func(p *linetest.Plant, who *identity.Actor, c run.Change) error {
		_, err := p.Runs.Abort(p.As(who), c)
		return err
	})
	archive := func(who *identity.Actor, id uuid.UUID) error {
		_, err := p.Runs.Archive(p.As(who), run.Ending{RunID: p.RunID(id)})
		return err
	}
	id := start(t, p)
	for _, step := range []struct {
		name    string
		do      changer
		who     *identity.Actor
		refused fault.Code // "" where it is done
		field   string
		status  db.RunStatus
	}{
		{"resume one that runs", resume, p.Manager, fault.FailedPrecondition, "runId", db.RunStatusRUNNING},
		{"hold", holdIt, p.Operator, "", "", db.RunStatusHOLD},
		{"hold one that is held", holdIt, p.Operator, fault.FailedPrecondition, "runId", db.RunStatusHOLD},
		{"resume as an operator", resume, p.Operator, fault.Forbidden, "", db.RunStatusHOLD},
		{"resume", resume, p.Manager, "", "", db.RunStatusRUNNING},
		{"archive one that runs", archive, p.Manager, fault.FailedPrecondition, "runId", db.RunStatusRUNNING},
		{"abort as an operator", abort, p.Operator, fault.Forbidden, "", db.RunStatusRUNNING},
		{"abort", abort, p.Manager, "", "", db.RunStatusABORTED},
		{"resume one that was aborted", resume, p.Manager, fault.FailedPrecondition, "runId", db.RunStatusABORTED},
		{"archive", archive, p.Manager, "", "", db.RunStatusARCHIVED},
	} {
		err := step.do(step.who, id)
		if step.refused != "" {
			linetest.Refused(t, err, step.refused, step.field, "")
		} else if err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		if got := read(t, p, id); got.Status != step.status {
			t.Errorf("%s: it is %s, not %s", step.name, got.Status, step.status)
		}
	}
	if got := read(t, p, id); got.EndedAt == nil || got.StatusReason == nil || *got.StatusReason != "the freezer stands still" {
		t.Errorf("%+v", got)
	}
	_, err := register(p, id, "PREP")
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", "is ARCHIVED")
}
