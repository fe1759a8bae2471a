package run_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/transformation"
)

// announcing starts a run that registers its lots by itself, and takes it to a phase; it returns what that phase announced. Raw materials come from
// elsewhere: what phase 1 announced is dropped.
func announcing(t *testing.T, p *linetest.Plant, phase int) (runID uuid.UUID, announced []uuid.UUID) {
	t.Helper()
	runID, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "chilled-ready-meal", SiteCode: "DUNA", AutoRegister: true})
	if err != nil {
		t.Fatal(err)
	}
	for i := range phase {
		advanced, err := p.Runs.Advance(p.As(p.Operator), run.Ending{RunID: p.RunID(runID)})
		if err != nil {
			t.Fatal(err)
		}
		if announced = advanced.Lots; i == 0 && phase > 1 {
			drop(t, p, announced...)
		}
	}
	return runID, announced
}

func drop(t *testing.T, p *linetest.Plant, ids ...uuid.UUID) {
	t.Helper()
	var d lot.Dropping
	for _, id := range ids {
		d.LotIDs = append(d.LotIDs, p.LotID(id))
	}
	if _, err := p.Lots.Drop(p.As(p.Operator), d); err != nil {
		t.Fatal(err)
	}
}

// fulfil makes an announced lot of others.
func fulfil(p *linetest.Plant, runID, id uuid.UUID, kg string, inputs ...transformation.Draw) (transformation.Recorded, error) {
	n := transformation.NewLot{LotID: new(p.LotID(id)), Inputs: inputs}
	if kg != "" {
		n.WeightKg = linetest.Kg(kg)
	}
	return p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{SiteCode: "DUNA", RunID: new(p.RunID(runID)), NewLot: n})
}

func count(t *testing.T, p *linetest.Plant, query string, args ...any) (n int) {
	t.Helper()
	if err := p.Owner.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAnnounce: rule 11 of the domain. A phase announces what it is there to make, and nothing is invented.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 2)
	if len(announced) != 1 || count(t, p, "SELECT count(*) FROM lot") != 3 { // packaging and waste of phases 1 and 2 aren't
		t.Fatalf("%d announced of %d lots", len(announced), count(t, p, "SELECT count(*) FROM lot"))
	}
	l := p.Lot(announced[0])
	if l.Code != "PREP-20261001-DUNA-0001" || l.Source != db.LotSourceAUTO || !l.Announced || l.Status != db.LotStatusRELEASED || *l.RunID != runID ||
		*l.PhaseID != read(t, p, runID).PhaseID || !l.OccurredAt.Equal(p.Now()) {
		t.Errorf("%+v", l)
	}
	if l.WeightKg != nil || l.RemainingKg != nil || l.Quantity != nil || l.TemperatureC != nil || l.RegisteredBy != nil {
		t.Errorf("something was invented: %+v", l)
	}
	if n := count(t, p, "SELECT count(*) FROM audit_event WHERE subject_id = $1 AND action = 'REGISTER_LOT'", l.ID); n != 1 {
		t.Errorf("%d events of it in the log", n)
	}
	if n := count(t, p, "SELECT count(*) FROM event WHERE subject_id = $1 AND type = 'LOT_REGISTERED'", l.ID); n != 1 {
		t.Errorf("it was told %d times", n)
	}
	plain := start(t, p)
	for range 2 {
		if err := advance(p, plain); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, p, "SELECT count(*) FROM lot WHERE run_id = $1", plain); n != 0 {
		t.Errorf("a run that announces nothing has %d lots", n)
	}
}

// TestAPhaseAnnouncesWhereItsScenarioSaysSo: and of no other role than raw, intermediate and finished.
func TestAPhaseAnnouncesWhereItsScenarioSaysSo(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	publish(t, p, "shy", func(shy *definition.Scenario) {
		shy.Phases[2].AutoRegister, shy.Phases[11].AutoRegister = false, true
	})
	runID, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "shy", SiteCode: "DUNA", AutoRegister: true})
	if err != nil {
		t.Fatal(err)
	}
	next := func() (codes string, ids []uuid.UUID) {
		t.Helper()
		advanced, err := p.Runs.Advance(p.As(p.Operator), run.Ending{RunID: p.RunID(runID)})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range advanced.Lots {
			code, _, _ := strings.Cut(p.Lot(id).Code, "-")
			codes += code + " "
		}
		return codes, advanced.Lots
	}
	raw, ids := next()
	if raw != "ING RAW " {
		t.Errorf("phase 1 announced %q", raw)
	}
	received := transformation.Registration{SiteCode: "DUNA", RunID: new(p.RunID(runID)), NewLot: transformation.NewLot{
		LotID: new(p.LotID(ids[1])), WeightKg: linetest.Kg("5"), SupplierID: &p.Supplier,
	}}
	made, err := p.Transformations.RegisterLot(p.As(p.Operator), received)
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, p, "SELECT count(*) FROM transformation WHERE id = $1 AND kind = 'RECEIVE'", made.ID); n != 1 || p.Lot(ids[1]).Announced || p.Lot(ids[1]).SupplierID == nil {
		t.Errorf("%d receipts of %+v", n, p.Lot(ids[1]))
	}
	drop(t, p, ids[0])
	if _, err := p.Owner.Exec(t.Context(), "UPDATE lot SET run_id = NULL WHERE id = $1", ids[1]); err != nil { // no gate asks for it then
		t.Fatal(err)
	}
	if prep, _ := next(); prep != "" {
		t.Errorf("phase 2 leaves its lots to people, and announced %q", prep)
	}
	if kit, _ := next(); kit != "KIT " {
		t.Errorf("phase 3 announced %q", kit)
	}
	if _, err := p.Owner.Exec(t.Context(), "UPDATE run SET phase_id = (SELECT id FROM phase WHERE scenario_id = run.scenario_id AND number = 10)"); err != nil {
		t.Fatal(err)
	}
	if pal, _ := next(); pal != "" {
		t.Errorf("phase 11 announced %q, which is nothing but pallets", pal)
	}
}

// TestAnnouncedLotIsOfAProduct: where it lies, what it is of and what stands on its label are said when it is made.
func TestAnnouncedLotIsOfAProduct(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 3)
	if _, err := p.Owner.Exec(t.Context(), `WITH made AS (
			INSERT INTO product (id, sku, gtin, name, lot_type, unit) VALUES (gen_random_uuid(), 'MEAL', '09521001000154', '{"en": "Meal"}', 'KIT', 'KGM')
		) INSERT INTO location (id, site_id, code, name, kind) VALUES (gen_random_uuid(), $1, 'HALL', 'Hall', 'AREA')`, p.Site.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{SiteCode: "DUNA", RunID: new(p.RunID(runID)), NewLot: transformation.NewLot{
		LotID: new(p.LotID(announced[0])), WeightKg: linetest.Kg("5"), Inputs: []transformation.Draw{p.Of(p.Make("PREP", "5"), "")}, Product: new("MEAL"), Location: new("HALL"),
	}}); err != nil {
		t.Fatal(err)
	}
	l := p.Lot(announced[0])
	if l.ProductID == nil || l.LocationID == nil {
		t.Errorf("%+v", l)
	}
	if key := *l.GS1Key; key != "01/09521001000154/10/KIT261001DUNA0001" {
		t.Errorf("its label says %s", key)
	}
}

func TestMakeAnnounced(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 3)
	kit := announced[0]
	prep := p.Make("PREP", "30")
	p.Pass(time.Minute)
	made, err := fulfil(p, runID, kit, "29.5", p.Of(prep, ""))
	if err != nil {
		t.Fatal(err)
	}
	l := p.Lot(kit)
	if made.Lots[0] != kit || l.Announced || l.Source != db.LotSourceAUTO || !l.WeightKg.Equal(*linetest.Kg("29.5")) || !l.RemainingKg.Equal(*l.WeightKg) || !l.OccurredAt.Equal(p.Now()) {
		t.Errorf("%+v", l)
	}
	if n := count(t, p, "SELECT count(*) FROM lot_genealogy WHERE child_id = $1 AND parent_id = $2", kit, prep); n != 1 {
		t.Errorf("%d links to what it was made of", n)
	}
	if n := count(t, p, "SELECT count(*) FROM transformation_output WHERE lot_id = $1 AND quantity_kg = 29.5", kit); n != 1 {
		t.Errorf("%d transformations made it", n)
	}
	if n := count(t, p, "SELECT count(*) FROM lot WHERE lot_type_id = $1", l.LotTypeID); n != 1 {
		t.Errorf("%d lots of its type: it was to be made, not another one", n)
	}
	if _, err := p.TryMake("COOK", "29", p.Of(kit, "")); err != nil {
		t.Errorf("what was made can't be used: %v", err)
	}
	_, err = fulfil(p, runID, kit, "1", p.Of(p.Make("PREP", "1"), ""))
	linetest.Refused(t, err, fault.FailedPrecondition, "lotId", "was made already")
}

func TestAnnouncedIsMadeBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 3)
	kit := announced[0]
	used := func(err error, field string) {
		t.Helper()
		linetest.Refused(t, err, fault.FailedPrecondition, field, "nobody has made it yet")
	}
	for _, measured := range []bool{false, true} {
		if measured {
			if _, err := p.Lots.Measure(p.As(p.Operator), lot.Measurement{LotID: p.LotID(kit), WeightKg: linetest.Kg("20")}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := p.TryMake("COOK", "10", p.Of(kit, ""))
		used(err, "inputs[0].lotId")
		_, err = p.Transformations.Record(p.As(p.Operator), transformation.Recording{SiteCode: "DUNA", Kind: db.TransformationKindWASTE, Inputs: []transformation.Draw{p.Of(kit, "")}})
		used(err, "inputs[0].lotId")
		_, err = p.Transformations.ShipLots(p.As(p.Operator), transformation.Shipment{LotIDs: []relay.ID{p.LotID(kit)}, PartnerID: p.Customer})
		used(err, "lotIds[0]")
		_, err = p.Lots.TakeStock(p.As(p.Manager), lot.Stocktake{LotID: p.LotID(kit), RemainingKg: linetest.Kg("1"), Reason: "counted by hand"})
		used(err, "lotId")
	}
	_, err := fulfil(p, runID, kit, "20", p.Of(p.Make("PREP", "30"), ""))
	linetest.Refused(t, err, fault.FailedPrecondition, "weightKg", "weighs 20.000 kg already")
	if _, err := fulfil(p, runID, kit, "", p.Of(p.Make("PREP", "30"), "")); err != nil {
		t.Fatal(err)
	}
	if n := count(t, p, "SELECT count(*) FROM transformation_output WHERE lot_id = $1 AND quantity_kg = 20", kit); n != 1 {
		t.Error("what was measured before isn't what came out")
	}
	_, err = p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{
		TransformationID: relay.ID{Kind: relay.Transformation, Site: p.Site.ID, UUID: makerOf(t, p, kit)}, Reason: "nothing was made at all",
		Replacement: &transformation.Replacement{Inputs: []transformation.Draw{p.Of(announcedKit(t, p), "")}},
	})
	linetest.Refused(t, err, fault.FailedPrecondition, "replacement.inputs[0].lotId", "nobody has made it yet")
}

// announcedKit is the announced lot of another run.
func announcedKit(t *testing.T, p *linetest.Plant) uuid.UUID {
	t.Helper()
	_, announced := announcing(t, p, 3)
	return announced[0]
}

func makerOf(t *testing.T, p *linetest.Plant, id uuid.UUID) (made uuid.UUID) {
	t.Helper()
	if err := p.Owner.QueryRow(t.Context(), "SELECT transformation_id FROM transformation_output WHERE lot_id = $1", id).Scan(&made); err != nil {
		t.Fatal(err)
	}
	return made
}

// TestWhatMakesAnAnnouncedLot: each thing that can be wrong, by its field; all rules are kept as for new lots.
func TestWhatMakesAnAnnouncedLot(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 3)
	kit := announced[0]
	_, err := fulfil(p, runID, kit, "10", p.Of(p.Make("WIP", "10"), ""))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "KIT is made of PREP, ING")
	_, err = fulfil(p, start(t, p), kit, "10", p.Of(p.Make("PREP", "10"), ""))
	linetest.Refused(t, err, fault.BadUserInput, "runId", "another run announced")
	_, err = fulfil(p, runID, p.Make("KIT", "10"), "10", p.Of(p.Make("PREP", "10"), ""))
	linetest.Refused(t, err, fault.FailedPrecondition, "lotId", "was made already")
	_, err = fulfil(p, runID, linetest.NewID(), "10", p.Of(p.Make("PREP", "10"), ""))
	linetest.Refused(t, err, fault.NotFound, "lotId", "no such lot")
	_, err = fulfil(p, runID, kit, "10001", p.Of(p.Make("PREP", "10"), ""))
	linetest.Refused(t, err, fault.BadUserInput, "weightKg", "at most 10000.000 kg")
	output := transformation.Output{LotID: new(p.LotID(kit)), Quantity: new(quantity.FromInt(3)), TemperatureC: linetest.Kg("4")}
	record := func(outputs ...transformation.Output) error {
		_, err := p.Transformations.Record(p.As(p.Operator), transformation.Recording{
			SiteCode: "DUNA", Kind: db.TransformationKindPROCESS, RunID: new(p.RunID(runID)), Inputs: []transformation.Draw{p.Of(p.Make("PREP", "10"), "")}, Outputs: outputs,
		})
		return err
	}
	linetest.Refused(t, record(output), fault.BadUserInput, "outputs[0].quantity", "is weighed")
	output.Quantity = nil
	linetest.Refused(t, record(output, output), fault.BadUserInput, "outputs[1].lotId", "name it once")
	both := output
	both.LotType = "KIT"
	linetest.Refused(t, record(both, transformation.Output{}), fault.BadUserInput, "outputs[0].lotType", "or the lotId")
	linetest.Refused(t, record(both, transformation.Output{}), fault.BadUserInput, "outputs[1].lotType", "or the lotId")
	if _, err := p.Lots.Describe(p.As(p.Operator), lot.Description{LotID: p.LotID(kit), Attributes: lot.Attributes{Sku: new("SOUP")}}); err != nil {
		t.Fatal(err)
	}
	output.Attributes = &lot.Attributes{Sku: new("STEW"), Category: new("MEAL")}
	linetest.Refused(t, record(output), fault.FailedPrecondition, "outputs[0].attributes.sku", "SOUP already")
	output.Attributes.Sku = nil
	if err := record(output); err != nil {
		t.Fatal(err)
	}
	l := &lot.Lot{Lot: p.Lot(kit)}
	if a, err := l.Attributes(); err != nil || a.Sku == nil || *a.Sku != "SOUP" || *a.Category != "MEAL" || !l.TemperatureC.Equal(*linetest.Kg("4")) {
		t.Errorf("%+v %v: %v", a, l.TemperatureC, err)
	}
	if l.WeightKg != nil {
		t.Errorf("nobody weighed it, and it weighs %v", l.WeightKg)
	}
	_, err = p.TryMake("COOK", "1", p.Of(kit, ""))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "nobody has measured")
	if _, err := p.Lots.Measure(p.As(p.Operator), lot.Measurement{LotID: p.LotID(kit), WeightKg: linetest.Kg("9")}); err != nil {
		t.Fatal(err)
	}
	p.Make("COOK", "9", p.Of(kit, ""))
	if n := count(t, p, "SELECT count(*) FROM transformation_output WHERE lot_id = $1 AND quantity_kg = 9", kit); n != 1 {
		t.Error("what was measured later isn't what came out")
	}
}

// TestAnnouncedKeepsItsRunWaiting: what was announced at a blocking gate is named until somebody makes or drops it.
func TestAnnouncedKeepsItsRunWaiting(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 4)
	cook := announced[0]
	tryDrop := func(ids ...uuid.UUID) error {
		var d lot.Dropping
		for _, id := range ids {
			d.LotIDs = append(d.LotIDs, p.LotID(id))
		}
		_, err := p.Lots.Drop(p.As(p.Operator), d)
		return err
	}
	if s := p.Lot(cook).Status; s != db.LotStatusQUARANTINE {
		t.Errorf("a type with a blocking gate begins as %s", s)
	}
	linetest.Refused(t, advance(p, runID), fault.FailedPrecondition, "runId", "COOK-20261001-DUNA-0001 lacks the PASS of gate 4, and nobody has made it yet")
	if _, err := p.Holds.HoldLots(p.As(p.Operator), hold.Holding{LotIDs: []relay.ID{p.LotID(cook)}, Reason: "the kettle is dirty"}); err != nil {
		t.Fatal(err)
	}
	linetest.Refused(t, tryDrop(cook), fault.FailedPrecondition, "lotIds[0]", "is held")
	if _, err := p.Holds.ReleaseLot(p.As(p.Manager), hold.Release{LotID: p.LotID(cook), Reason: "the kettle was cleaned", Password: linetest.Password}); err != nil {
		t.Fatal(err)
	}
	kit := p.Make("KIT", "10")
	linetest.Refused(t, tryDrop(cook, kit), fault.FailedPrecondition, "lotIds[1]", "was made")
	linetest.Refused(t, tryDrop(), fault.BadUserInput, "lotIds", "1 to 1000")
	if err := tryDrop(cook); err != nil {
		t.Fatal(err)
	}
	if l := p.Lot(cook); l.Status != db.LotStatusCONSUMED || !l.Announced || l.WeightKg != nil {
		t.Errorf("%+v", l)
	}
	if n := count(t, p, "SELECT count(*) FROM audit_event WHERE subject_id = $1 AND action = 'DROP_LOT'", cook); n != 1 {
		t.Errorf("%d events of it in the log", n)
	}
	linetest.Refused(t, tryDrop(cook), fault.FailedPrecondition, "lotIds[0]", "dropped already")
	_, err := fulfil(p, runID, cook, "10", p.Of(kit, ""))
	linetest.Refused(t, err, fault.FailedPrecondition, "lotId", "dropped")
	if err := advance(p, runID); err != nil {
		t.Errorf("what was dropped still keeps the run waiting: %v", err)
	}
}

func TestAnAbortedRunDropsWhatNobodyMade(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 3)
	if _, err := fulfil(p, runID, announced[0], "", p.Of(p.Make("PREP", "1"), "")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Runs.Abort(p.As(p.Manager), run.Change{RunID: p.RunID(runID), Reason: "the kettle broke down"}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, p, "SELECT count(*) FROM lot WHERE run_id = $1 AND announced AND status = 'CONSUMED'", runID); n != 3 {
		t.Errorf("%d of the run's lots were dropped, not the PREP and before it the raw materials", n)
	}
	if n := count(t, p, "SELECT count(*) FROM audit_event WHERE action = 'DROP_LOT'"); n != 3 {
		t.Errorf("%d events of it in the log", n)
	}
}

// TestARejectedLotIsNotWaitedFor: nobody may make or drop what was rejected before it was made.
func TestARejectedLotIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 2)
	if _, err := p.Holds.RejectLot(p.As(p.Manager), hold.Rejection{LotID: p.LotID(announced[0]), Reason: "the leeks came rotten", Password: linetest.Password}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Owner.Exec(t.Context(), "UPDATE run SET phase_id = (SELECT id FROM phase WHERE scenario_id = run.scenario_id AND number = 11) WHERE id = $1", runID); err != nil {
		t.Fatal(err)
	}
	passLine(t, p, runID, "8", "9")
	if _, err := p.Runs.Complete(p.As(p.Operator), run.Ending{RunID: p.RunID(runID)}); err != nil {
		t.Errorf("what was rejected still keeps the run waiting: %v", err)
	}
}

// TestAMeasuredLotOfAnEndedRunIsDropped: nobody can make it any more, so nothing of it remains.
func TestAMeasuredLotOfAnEndedRunIsDropped(t *testing.T) {
	t.Parallel()
	m := &mill{Plant: linetest.New(t), t: t}
	var announced []uuid.UUID
	m.run, announced = announcing(t, m.Plant, 3)
	kit := announced[0]
	if _, err := m.Lots.Measure(m.As(m.Operator), lot.Measurement{LotID: m.LotID(kit), WeightKg: linetest.Kg("100")}); err != nil {
		t.Fatal(err)
	}
	tryDrop := func() error {
		_, err := m.Lots.Drop(m.As(m.Operator), lot.Dropping{LotIDs: []relay.ID{m.LotID(kit)}})
		return err
	}
	linetest.Refused(t, tryDrop(), fault.FailedPrecondition, "lotIds[0]", "say what it was made of")
	if _, err := m.Runs.Abort(m.As(m.Manager), run.Change{RunID: m.RunID(m.run), Reason: "the kettle broke down"}); err != nil {
		t.Fatal(err)
	}
	if l := m.Lot(kit); l.Status != db.LotStatusRELEASED || !l.RemainingKg.Equal(*linetest.Kg("100")) {
		t.Errorf("somebody measured it, and it was dropped with the run: %+v", l)
	}
	if err := tryDrop(); err != nil {
		t.Fatal(err)
	}
	if l := m.Lot(kit); l.Status != db.LotStatusCONSUMED || !l.Announced || l.WeightKg != nil || l.RemainingKg != nil {
		t.Errorf("%+v", l)
	}
	if n := count(t, m.Plant, `SELECT count(*) FROM audit_event WHERE subject_id = $1 AND action = 'DROP_LOT'
		AND before::jsonb @> '{"weightKg": "100.000"}' AND after::jsonb @> '{"weightKg": null}'`, kit); n != 1 {
		t.Errorf("%d events in the log say what was measured", n)
	}
	if got := m.balance(); got != "in 0 = consumed 0 + shipped 0 + sampled 0 + wasted 0 + remaining 0 + lost 0 + unaccounted 0" {
		t.Error(got)
	}
	balances, err := transformation.NewFinder(m.Owner).MassBalances(t.Context(), []uuid.UUID{kit})
	if err != nil || len(balances) > 0 {
		t.Errorf("it has a mass: %+v, %v", balances, err)
	}
	linetest.Refused(t, tryDrop(), fault.FailedPrecondition, "lotIds[0]", "dropped already")
}

// TestAnnouncedIsMadeOnce: of eight who make one lot at the same time, one does.
func TestAnnouncedIsMadeOnce(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	runID, announced := announcing(t, p, 3)
	kit := announced[0]
	var made, refused atomic.Int32
	var wg sync.WaitGroup
	inputs := make([]uuid.UUID, 8)
	for i := range inputs {
		inputs[i] = p.Make("PREP", "10")
	}
	for _, input := range inputs {
		wg.Go(func() {
			_, err := fulfil(p, runID, kit, "10", p.Of(input, ""))
			if err == nil {
				made.Add(1)
			} else {
				linetest.Refused(t, err, fault.FailedPrecondition, "lotId", "was made already")
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || refused.Load() != 7 || count(t, p, "SELECT count(*) FROM transformation_output WHERE lot_id = $1", kit) != 1 {
		t.Errorf("made %d times, refused %d times", made.Load(), refused.Load())
	}
	if n := count(t, p, "SELECT count(*) FROM lot WHERE id = ANY($1) AND remaining_kg = 10", inputs); n != 7 {
		t.Errorf("%d of 8 inputs are as they were", n)
	}
}

// TestAnAnnouncedLotInABuffer: what isn't known of it yet keeps it out of none; what is known when it is made does.
func TestAnAnnouncedLotInABuffer(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	raw := p.Make("PREP", "600")
	runID, announced := announcing(t, p, 3)
	if len(announced) != 1 || p.Lot(announced[0]).Code[:3] != "KIT" {
		t.Fatalf("announced: %v", announced)
	}
	if _, err := p.Owner.Exec(t.Context(), `INSERT INTO location (id, site_id, code, name, kind, lot_types, capacity_kg, temperature_min_c, temperature_max_c)
		VALUES ($1, $2, 'CHILL', 'Chiller', 'BUFFER', '{KIT}', 100, 0, 4)`, linetest.NewID(), p.Site.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Owner.Exec(t.Context(), "UPDATE lot SET location_id = (SELECT id FROM location WHERE code = 'CHILL') WHERE id = $1", announced[0]); err != nil {
		t.Fatal(err)
	}
	_, err := fulfil(p, runID, announced[0], "101", p.Of(raw, "101"))
	linetest.Refused(t, err, fault.FailedPrecondition, "location", "CHILL holds 100.000 kg")
	if _, err := fulfil(p, runID, announced[0], "100", p.Of(raw, "100")); err != nil {
		t.Fatal(err)
	}
	if p.Lot(announced[0]).LocationID == nil {
		t.Error("it lies there no longer")
	}
}
