package qc_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/linetest"
	"flowviz/internal/qc"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

// TestReleasedByTheLastGate: pasteurized milk has a gate of its own and one of its line, and is free when both have passed.
func TestReleasedByTheLastGate(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "stirred-yoghurt", SiteCode: p.Site.Code})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Owner.Exec(t.Context(), "UPDATE run SET phase_id = (SELECT x.id FROM phase x WHERE x.scenario_id = run.scenario_id AND x.number = 4)"); err != nil {
		t.Fatal(err)
	}
	gates := map[string]relay.ID{}
	for _, number := range []string{"4", "4.2"} {
		var id uuid.UUID
		if err := p.Owner.QueryRow(t.Context(), `SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id
			WHERE s.key = 'stirred-yoghurt' AND g.number = $1::numeric`, number).Scan(&id); err != nil {
			t.Fatal(err)
		}
		gates[number] = relay.ID{Kind: relay.QcGate, UUID: id}
	}
	before := p.Now()
	p.Pass(time.Hour)
	made, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: p.Site.Code, RunID: new(p.RunID(runID)), NewLot: transformation.NewLot{LotType: "PAST", WeightKg: linetest.Kg("500")},
	})
	if err != nil {
		t.Fatal(err)
	}
	milk := made.Lots[0]
	own := qc.Record{GateID: gates["4"], LotID: new(p.LotID(milk)), Decision: db.QcOutcomePASS, Answers: answers("CHART", true)}
	for s := range 4 {
		own.Measurements = append(own.Measurements, &evaluation.Measurement{
			Parameter: "holding_temp", Value: quantity.MustParse("72.4"), Unit: "CEL", At: p.Now().Add(-time.Duration(s) * 6 * time.Second),
		})
	}
	mustRecord(t, p, own)
	if got := p.Lot(milk).Status; got != db.LotStatusQUARANTINE {
		t.Errorf("its line wasn't checked, and it is %s", got)
	}
	valve := qc.Record{GateID: gates["4.2"], RunID: new(p.RunID(runID)), Decision: db.QcOutcomePASS, Answers: answers("FDV", true), CheckedAt: &before}
	mustRecord(t, p, valve)
	if got := p.Lot(milk).Status; got != db.LotStatusRELEASED {
		t.Errorf("both gates have passed, and it is %s", got)
	}
}
