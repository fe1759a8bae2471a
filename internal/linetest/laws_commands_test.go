package linetest_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"flowviz/db"
	"flowviz/internal/deviation"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

// errand is something that people do; where there is nothing to do it to, goods arrive instead.
type errand struct {
	name string
	work func(w *work) bool // false where there is nothing to do it to
}

// GoString is how rapid shows it.
func (c errand) GoString() string { return c.name }

func (c errand) do(w *work) {
	if !c.work(w) {
		w.arrive()
	}
}

// errands are drawn from, the first where rapid simplifies; what stands here more often is done more often.
var errands = weighed(map[int][]errand{
	10: {{"carry on", (*work).carryOn}},
	8:  {{"arrive", (*work).arrive}, {"mix", (*work).mix}, {"pack", (*work).pack}, {"decide", (*work).decide}},
	5:  {{"check the line", (*work).checkLine}, {"release", (*work).release}, {"see to a deviation", (*work).seeTo}, {"palletize", (*work).palletize}, {"hold", (*work).hold}, {"clear", (*work).clear}},
	3: {
		{"ship", (*work).ship},
		{"split", (*work).split},
		{"merge", (*work).merge},
		{"rework", (*work).rework},
		{"take", (*work).take},
		{"void", (*work).void},
		{"replace", (*work).replace},
		{"read a probe", (*work).read},
		{"correct a decision", (*work).correct},
		{"make several", (*work).makeSeveral},
	},
	2: {
		{"reject", (*work).reject},
		{"stop or resume a run", (*work).stopRun},
		{"measure", (*work).measure},
		{"take stock", (*work).takeStock},
		{"drop", (*work).drop},
		{"start", (*work).start},
		{"archive", (*work).archive},
		{"recall", (*work).recall},
		{"see to a recall", (*work).seeToRecall},
	},
	1: {{"abort", (*work).abort}, {"sleep", (*work).sleep}},
})

// kinds are the commands that must have succeeded at least once.
var kinds = []string{
	"startRun", "advancePhase", "holdRun", "resumeRun", "abortRun", "completeRun", "archiveRun", "RECEIVE", "PROCESS", "SPLIT", "MERGE", "REWORK", "PACK", "SHIP", "SAMPLE", "WASTE",
	"registerLots", "measureLot", "dropLots", "takeStock", "voidTransformation", "replaceTransformation", "PASS", "HOLD", "FAIL", "PASS of the line", "HOLD of the line", "FAIL of the line",
	"correct to PASS", "correct to HOLD", "recordMeasurements", "holdLots", "releaseLot", "rejectLot", "clearExposure", "describeDeviation", "assignDeviation",
	"verifyDeviation", "closeDeviation", "openRecall MOCK", "openRecall REAL", "refreshRecall", "closeRecall",
}

func weighed(by map[int][]errand) []errand {
	var out []errand
	for weight := 10; weight > 0; weight-- {
		for _, c := range by[weight] {
			for range weight {
				out = append(out, c)
			}
		}
	}
	return out
}

// sleep is a night.
func (w *work) sleep() bool {
	w.p.Pass(10 * time.Hour)
	return true
}

// Runs.

func (w *work) start() bool {
	_, err := w.p.Runs.Start(w.p.As(w.p.Operator), run.Start{ScenarioKey: "laws", SiteCode: w.p.Site.Code, AutoRegister: w.chance(50)})
	return w.try("startRun", err) || true
}

// carryOn takes a run a phase further, as its people would: first each of its lots gets the PASS that it lacks.
func (w *work) carryOn() bool {
	id, ok := w.run("RUNNING")
	if !ok {
		return w.start()
	}
	type lack struct{ lot, gate uuid.UUID }
	for _, of := range w.ids("SELECT id FROM lot WHERE run_id = $1 AND status = 'QUARANTINE' AND NOT held AND NOT announced ORDER BY code", id) {
		for _, gate := range w.gatesLacking(of) {
			l := lack{of, gate}
			w.decideAt(l.lot, l.gate, db.QcOutcomePASS, nil)
		}
	}
	var phase int
	w.must(w.p.Owner.QueryRow(w.p.As(w.p.Operator), "SELECT p.number FROM run r JOIN phase p ON p.id = r.phase_id WHERE r.id = $1", id).Scan(&phase))
	if phase >= 3 {
		for _, of := range w.ids("SELECT l.id FROM lot l JOIN lot_type t ON t.id = l.lot_type_id WHERE l.run_id = $1 AND t.code = 'FG' AND l.status IN ('QUARANTINE', 'RELEASED') AND NOT l.announced ORDER BY l.code", id) {
			for _, gate := range w.gatesLacking(of) {
				w.decideAt(of, gate, db.QcOutcomePASS, nil)
			}
		}
		w.checkAt(id, db.QcOutcomePASS, nil, nil)
	}
	if unmade := w.ids(`SELECT id FROM lot WHERE run_id = $1 AND announced AND status IN ('QUARANTINE', 'RELEASED') AND NOT held
		AND weight_kg IS NULL ORDER BY code`, id); len(unmade) > 0 && w.chance(70) {
		w.dropAll(unmade)
	}
	if phase < 4 {
		_, err := w.p.Runs.Advance(w.p.As(w.p.Operator), run.Ending{RunID: w.p.RunID(id)})
		w.try("advancePhase", err)
		return true
	}
	_, err := w.p.Runs.Complete(w.p.As(w.p.Operator), run.Ending{RunID: w.p.RunID(id)})
	w.try("completeRun", err)
	return true
}

func (w *work) stopRun() bool {
	id, ok := w.run("RUNNING", "HOLD")
	if !ok {
		return false
	}
	var held bool
	w.must(w.p.Owner.QueryRow(w.p.As(w.p.Operator), "SELECT status = 'HOLD' FROM run WHERE id = $1", id).Scan(&held))
	if held {
		_, err := w.p.Runs.Resume(w.p.As(w.p.Manager), run.Change{RunID: w.p.RunID(id), Reason: w.why()})
		return w.try("resumeRun", err) || true
	}
	_, err := w.p.Runs.Hold(w.p.As(w.p.Operator), run.Change{RunID: w.p.RunID(id), Reason: w.why()})
	if w.try("holdRun", err) && w.chance(70) {
		_, err = w.p.Runs.Resume(w.p.As(w.p.Manager), run.Change{RunID: w.p.RunID(id), Reason: w.why()})
		w.try("resumeRun", err)
	}
	return true
}

func (w *work) abort() bool {
	id, ok := w.run("RUNNING", "HOLD")
	if !ok {
		return false
	}
	_, err := w.p.Runs.Abort(w.p.As(w.p.Manager), run.Change{RunID: w.p.RunID(id), Reason: w.why()})
	return w.try("abortRun", err) || true
}

func (w *work) archive() bool {
	id, ok := w.run("COMPLETED", "ABORTED")
	if !ok {
		return false
	}
	_, err := w.p.Runs.Archive(w.p.As(w.p.Manager), run.Ending{RunID: w.p.RunID(id)})
	return w.try("archiveRun", err) || true
}

// Lots.

// made registers a lot, sometimes one that its run has announced.
func (w *work) made(kind, lotType string, n transformation.NewLot) bool {
	r := transformation.Registration{SiteCode: w.p.Site.Code, NewLot: n}
	if r.RunID = w.inRun(lotType); r.RunID == nil {
		r.ScenarioKey = new("laws")
	} else if id, ok := w.one("SELECT l.id FROM lot l JOIN lot_type t ON t.id = l.lot_type_id WHERE l.run_id = $1 AND l.announced AND l.status <> 'CONSUMED' AND l.weight_kg IS NULL AND t.code = $2 ORDER BY l.code",
		r.RunID.UUID, lotType); ok && w.chance(70) {
		r.LotID = new(w.p.LotID(id))
	} else {
		r.LotType = lotType
	}
	if r.LotID == nil {
		r.LotType = lotType
	}
	_, err := w.p.Transformations.RegisterLot(w.p.As(w.p.Operator), r)
	return w.try(kind, err) || true
}

var allergens = []string{"MILK", "CELERY", "MUSTARD"}

func (w *work) arrive() bool {
	if w.chance(15) {
		return w.made("RECEIVE", "PKG", transformation.NewLot{Quantity: new(quantity.FromInt(rapid.Int64Range(100, 500).Draw(w.t, "pieces"))), SupplierID: &w.p.Supplier})
	}
	n := transformation.NewLot{
		WeightKg: new(kg(rapid.Int64Range(1_000, 900_000).Draw(w.t, "grams"))), SupplierID: &w.p.Supplier,
		Attributes: w.attributes(),
	}
	if w.chance(40) {
		n.Attributes.Allergens = []string{of(w, allergens, "allergen")}
	}
	if w.chance(50) {
		n.Attributes.BestBefore = new(w.p.Now().AddDate(0, 0, 5).Truncate(24 * time.Hour))
	}
	return w.made("RECEIVE", "RAW", n)
}

// from makes something of one lot or two, and sometimes of rework.
func (w *work) from(kind, lotType string, types []string, more ...string) bool {
	first, ok := w.usable(types...)
	if !ok {
		return false
	}
	draw, all := w.part(first)
	n := transformation.NewLot{Inputs: []transformation.Draw{draw}}
	if second, ok := w.beside(first, types...); ok && w.chance(40) {
		draw, kg := w.part(second)
		n.Inputs = append(n.Inputs, draw)
		all = sum(all, kg)
	}
	for _, other := range more {
		if third, ok := w.beside(first, other); ok && w.chance(60) {
			draw, _ := w.part(third)
			if draw.QuantityKg != nil { // little of it: shares are bounded
				draw.QuantityKg = new(kg(max(1, grams(*draw.QuantityKg)/20)))
			}
			n.Inputs = append(n.Inputs, draw)
		}
	}
	n.WeightKg = w.less(all)
	if lotType == "FG" && w.chance(60) {
		n.Equipment = new(of(w, []string{"MD1", "MD2"}, "equipment"))
	}
	return w.made(kind, lotType, n)
}

func (w *work) mix() bool       { return w.from("PROCESS", "MIX", []string{"RAW"}, "REWORK") }
func (w *work) pack() bool      { return w.from("PROCESS", "FG", []string{"MIX"}) }
func (w *work) palletize() bool { return w.from("PACK", "PAL", []string{"FG"}) }
func (w *work) rework() bool    { return w.from("REWORK", "REWORK", []string{"MIX", "FG"}) }

// take takes a sample or waste of anything that is there.
func (w *work) take() bool {
	kind := of(w, []string{"SAMPLE", "WASTE"}, "kind")
	id, ok := w.lot("t.code IN ('RAW', 'MIX', 'FG') AND l.status IN ('QUARANTINE', 'RELEASED', 'REJECTED') AND NOT l.announced AND l.remaining_kg > 0")
	if !ok {
		return false
	}
	draw, kg := w.part(id)
	return w.made(kind, kind, transformation.NewLot{WeightKg: &kg, Inputs: []transformation.Draw{draw}})
}

// record books a transformation with several outputs of a type.
func (w *work) record(kind db.TransformationKind, lotType string, inputs []transformation.Draw, outputs ...quantity.Decimal) bool {
	r := transformation.Recording{SiteCode: w.p.Site.Code, Kind: kind, Inputs: inputs, RunID: w.inRun(lotType)}
	if r.RunID == nil {
		r.ScenarioKey = new("laws")
	}
	for _, kg := range outputs {
		r.Outputs = append(r.Outputs, transformation.Output{LotType: lotType, WeightKg: &kg})
	}
	_, err := w.p.Transformations.Record(w.p.As(w.p.Operator), r)
	return w.try(string(kind), err) || true
}

var kept = []string{"RAW", "MIX", "FG"}

func (w *work) typeOf(id uuid.UUID) (code string) {
	w.must(w.p.Owner.QueryRow(w.p.As(w.p.Operator), "SELECT t.code FROM lot l JOIN lot_type t ON t.id = l.lot_type_id WHERE l.id = $1", id).Scan(&code))
	return code
}

func (w *work) split() bool {
	id, ok := w.usable(kept...)
	if !ok {
		return false
	}
	draw, all := w.part(id)
	part := max(1, grams(all)/2)
	return w.record(db.TransformationKindSPLIT, w.typeOf(id), []transformation.Draw{draw}, kg(part), kg(max(1, grams(all)-part)))
}

func (w *work) merge() bool {
	first, ok := w.usable(kept...)
	if !ok {
		return false
	}
	second, ok := w.beside(first, w.typeOf(first))
	if !ok || second == first {
		return false
	}
	a, some := w.part(first)
	b, more := w.part(second)
	return w.record(db.TransformationKindMERGE, w.typeOf(first), []transformation.Draw{a, b}, sum(some, more))
}

func (w *work) makeSeveral() bool {
	r := transformation.Registrations{SiteCode: w.p.Site.Code, RunID: w.inRun("MIX")}
	if r.RunID == nil {
		r.ScenarioKey = new("laws")
	}
	for range rapid.IntRange(1, 4).Draw(w.t, "lots") {
		id, ok := w.usable("RAW")
		if !ok {
			return false
		}
		l := w.p.Lot(id)
		if l.RemainingKg == nil || l.RemainingKg.Sign() <= 0 {
			return false
		}
		some := kg(max(1, grams(*l.RemainingKg)/5))
		r.Lots = append(r.Lots, transformation.NewLot{LotType: "MIX", WeightKg: &some, Inputs: []transformation.Draw{w.p.Of(id, some.String())}})
	}
	_, err := w.p.Transformations.RegisterLots(w.p.As(w.p.Operator), r)
	return w.try("registerLots", err) || true
}

func (w *work) ship() bool {
	id, ok := w.lot("t.code IN ('PAL', 'FG', 'MIX') AND " + isUsable)
	if !ok {
		return false
	}
	_, err := w.p.Transformations.ShipLots(w.p.As(w.p.Operator), transformation.Shipment{LotIDs: []relay.ID{w.p.LotID(id)}, PartnerID: w.p.Customer})
	return w.try("SHIP", err) || true
}

func (w *work) measure() bool {
	id, ok := w.lot("l.announced AND l.status <> 'CONSUMED' AND l.weight_kg IS NULL AND t.unit = 'KGM'")
	if !ok {
		return false
	}
	m := lot.Measurement{LotID: w.p.LotID(id), TemperatureC: new(quantity.FromInt(3))}
	if w.chance(30) {
		m.WeightKg = new(quantity.FromInt(7))
	}
	_, err := w.p.Lots.Measure(w.p.As(w.p.Operator), m)
	return w.try("measureLot", err) || true
}

func (w *work) drop() bool {
	id, ok := w.lot("l.announced AND l.status <> 'CONSUMED' AND l.weight_kg IS NULL AND l.quantity IS NULL AND NOT l.held")
	return ok && w.dropAll([]uuid.UUID{id})
}

func (w *work) dropAll(ids []uuid.UUID) bool {
	var d lot.Dropping
	for _, id := range ids {
		d.LotIDs = append(d.LotIDs, w.p.LotID(id))
	}
	_, err := w.p.Lots.Drop(w.p.As(w.p.Operator), d)
	return w.try("dropLots", err) || true
}

func (w *work) takeStock() bool {
	id, ok := w.lot("l.status <> 'SHIPPED' AND NOT l.announced AND l.weight_kg > 0")
	if !ok {
		return false
	}
	l := w.p.Lot(id)
	found := quantity.FromInt(1)
	if l.WeightKg != nil {
		found = kg(rapid.Int64Range(0, grams(*l.WeightKg)).Draw(w.t, "found"))
	}
	_, err := w.p.Lots.TakeStock(w.p.As(w.p.Manager), lot.Stocktake{LotID: w.p.LotID(id), RemainingKg: &found, Reason: w.why()})
	return w.try("takeStock", err) || true
}

func (w *work) void() bool {
	id, ok := w.one(`SELECT t.id FROM transformation t WHERE t.voided_at IS NULL AND NOT EXISTS (
		SELECT FROM transformation_output o JOIN lot l ON l.id = o.lot_id WHERE o.transformation_id = t.id
		AND (l.held OR l.status NOT IN ('QUARANTINE', 'RELEASED') OR l.remaining_kg IS DISTINCT FROM l.weight_kg)) ORDER BY t.recorded_at, t.id`)
	if !ok {
		return false
	}
	_, err := w.p.Transformations.VoidTransformation(w.p.As(w.p.Manager), transformation.Void{TransformationID: w.id(relay.Transformation, id), Reason: w.why()})
	return w.try("voidTransformation", err) || true
}

// attributes are what meat is said to be like.
func (w *work) attributes() *lot.Attributes {
	return &lot.Attributes{
		Species: new(of(w, []string{"CHICKEN", "BEEF"}, "species")), State: new("CHILLED"), SupplierLotCode: new("L-17"),
		Allergens: of(w, [][]string{nil, nil, {"MILK"}, {"MILK", "SOY"}}, "allergens"),
	}
}

// replace corrects how much went in, of what, when, what came out, or what that is like.
func (w *work) replace() bool {
	id, ok := w.one("SELECT id FROM transformation WHERE voided_at IS NULL ORDER BY recorded_at, id")
	if !ok {
		return false
	}
	with := &transformation.Replacement{}
	outputs := w.ids("SELECT lot_id FROM transformation_output o JOIN lot l ON l.id = o.lot_id WHERE transformation_id = $1 AND l.weight_kg > 0 ORDER BY l.code", id)
	inputs := w.ids("SELECT lot_id FROM transformation_input i JOIN lot l ON l.id = i.lot_id WHERE transformation_id = $1 AND l.weight_kg > 0 ORDER BY l.code", id)
	if len(outputs) > 0 && w.chance(60) {
		of := of(w, outputs, "output")
		with.Outputs = []transformation.Revised{{LotID: w.p.LotID(of), WeightKg: new(kg(grams(*w.p.Lot(of).WeightKg) + rapid.Int64Range(0, 500).Draw(w.t, "heavier")))}}
	}
	if w.chance(20) {
		with.Equipment = new(of(w, []string{"MD1", "MD2"}, "equipment"))
	}
	if len(inputs) > 0 && w.chance(50) {
		for _, in := range inputs {
			with.Inputs = append(with.Inputs, w.p.Of(in, "0.001"))
		}
		of := "SELECT l.id FROM lot l WHERE l.id <> $1 AND l.remaining_kg > 0.001 ORDER BY l.code"
		if w.chance(70) {
			of = "SELECT l.id FROM lot l JOIN lot o ON o.id = $1 AND o.lot_type_id = l.lot_type_id WHERE l.id <> o.id AND l.remaining_kg > 0.001 ORDER BY l.code"
		}
		if other, ok := w.one(of, inputs[0]); ok && w.chance(60) {
			with.Inputs[0] = w.p.Of(other, "0.001")
		}
	}
	if len(outputs) > 0 && w.chance(15) {
		with.Outputs = append(with.Outputs[:0:0], transformation.Revised{LotID: w.p.LotID(outputs[0]), Attributes: w.attributes()})
	}
	if w.chance(15) {
		with.OccurredAt = new(w.p.Now().Add(-time.Duration(rapid.IntRange(0, 48*60).Draw(w.t, "minutes ago")) * time.Minute))
	}
	_, err := w.p.Transformations.VoidTransformation(w.p.As(w.p.Manager), transformation.Void{TransformationID: w.id(relay.Transformation, id), Reason: w.why(), Replacement: with})
	return w.try("replaceTransformation", err) || true
}

// Gates.

// somebody decides: seldom a MANAGER, who then can't release at a CCP.
func (w *work) somebody() *identity.Actor {
	if w.chance(20) {
		return w.p.Manager
	}
	return w.p.Operator
}

// gatesLacking are the gates of a lot's own at which it hasn't passed.
func (w *work) gatesLacking(id uuid.UUID) []uuid.UUID {
	return w.ids(`SELECT g.id FROM lot l JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id JOIN qc_gate g ON g.id = a.gate_id AND g.per_lot
		WHERE l.id = $1 AND 'PASS' IS DISTINCT FROM (SELECT d.decision FROM qc_decision d WHERE d.lot_id = l.id AND d.gate_id = g.id ORDER BY d.decided_at DESC LIMIT 1) ORDER BY g.number`, id)
}

func (w *work) outcome(bad int) db.QcOutcome {
	if !w.chance(bad) {
		return db.QcOutcomePASS
	}
	return of(w, []db.QcOutcome{db.QcOutcomeHOLD, db.QcOutcomeFAIL}, "outcome")
}

func (w *work) decide() bool {
	id, ok := w.lot("l.status IN ('QUARANTINE', 'RELEASED', 'CONSUMED') AND NOT l.announced AND t.code IN ('RAW', 'MIX', 'REWORK', 'FG')")
	if !ok {
		return false
	}
	gates := w.gatesLacking(id)
	if len(gates) == 0 || w.chance(20) {
		gates = w.ids("SELECT g.id FROM lot l JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id JOIN qc_gate g ON g.id = a.gate_id AND g.per_lot WHERE l.id = $1 ORDER BY g.number", id)
	}
	if len(gates) == 0 {
		return false
	}
	w.decideAt(id, of(w, gates, "gate"), w.outcome(18), nil)
	return true
}

// asks is what a gate of the scenario wants to know.
func (w *work) asks(gate uuid.UUID, bad bool) (m []*evaluation.Measurement, a []*qc.Answer) {
	var number quantity.Decimal
	w.must(w.p.Owner.QueryRow(w.p.As(w.p.Operator), "SELECT number FROM qc_gate WHERE id = $1", gate).Scan(&number))
	value := quantity.MustParse(map[bool]string{false: "1.5", true: "4.001"}[bad])
	yes, err := json.Marshal(!bad)
	w.must(err)
	switch f := number.String(); {
	case number.Equal(quantity.MustParse("1")):
		return []*evaluation.Measurement{{Parameter: "surface_temp", Value: value, Unit: "CEL", At: w.p.Now()}}, []*qc.Answer{{Code: "PACK", Value: yes}}
	case number.Equal(quantity.MustParse("2")):
		for _, probe := range []string{"P1", "P2"} {
			m = append(m, &evaluation.Measurement{Parameter: "mix_temp", Value: value, Unit: "CEL", At: w.p.Now(), Probe: probe})
		}
		return m, nil
	case number.Equal(quantity.MustParse("2.5")):
		return nil, []*qc.Answer{{Code: "LOOK", Value: yes}}
	case number.Equal(quantity.MustParse("3")):
		return []*evaluation.Measurement{{Parameter: "fe_sphere", Value: value, Unit: "MMT", At: w.p.Now()}}, nil
	case number.Equal(quantity.MustParse("3.5")):
		return nil, []*qc.Answer{{Code: "LIST", Value: yes}}
	default:
		w.t.Fatalf("gate %s", f)
		return nil, nil
	}
}

func (w *work) decideAt(id, gate uuid.UUID, outcome db.QcOutcome, supersedes *relay.ID) {
	r := qc.Record{GateID: relay.ID{Kind: relay.QcGate, UUID: gate}, LotID: new(w.p.LotID(id)), Decision: outcome, SupersedesID: supersedes}
	r.Measurements, r.Answers = w.asks(gate, outcome != db.QcOutcomePASS || w.chance(wild/4)) // who says PASS in spite of it is refused
	w.decided(string(outcome), r)
}

func (w *work) decided(kind string, r qc.Record) {
	if r.Decision != db.QcOutcomePASS || r.SupersedesID != nil {
		r.Notes = new(w.why())
	}
	if r.SupersedesID != nil {
		kind = fmt.Sprintf("correct to %s", r.Decision)
	}
	_, err := w.p.Checks.RecordDecision(w.p.As(w.somebody()), r)
	w.try(kind, err)
}

func (w *work) checkLine() bool {
	id, ok := w.one("SELECT r.id FROM run r JOIN phase p ON p.id = r.phase_id WHERE r.status IN ('RUNNING', 'HOLD') AND p.number >= 3 ORDER BY r.code")
	if !ok {
		return false
	}
	var equipment *string
	if w.chance(40) {
		equipment = new(of(w, []string{"MD1", "MD2"}, "equipment"))
	}
	w.checkAt(id, w.outcome(25), equipment, nil)
	return true
}

func (w *work) checkAt(id uuid.UUID, outcome db.QcOutcome, equipment *string, supersedes *relay.ID) {
	gate, _ := w.one("SELECT g.id FROM qc_gate g JOIN run r ON r.scenario_id = g.scenario_id WHERE r.id = $1 AND NOT g.per_lot", id)
	r := qc.Record{GateID: relay.ID{Kind: relay.QcGate, UUID: gate}, RunID: new(w.p.RunID(id)), Decision: outcome, Equipment: equipment, SupersedesID: supersedes}
	r.Measurements, r.Answers = w.asks(gate, outcome != db.QcOutcomePASS)
	w.decided(string(outcome)+" of the line", r)
}

// correct puts another decision in the place of one.
func (w *work) correct() bool {
	id, ok := w.one("SELECT d.id FROM qc_decision d WHERE NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id) ORDER BY d.decided_at, d.id")
	if !ok {
		return false
	}
	var gate uuid.UUID
	var lotID, runID *uuid.UUID
	w.must(w.p.Owner.QueryRow(w.p.As(w.p.Operator), "SELECT gate_id, lot_id, run_id FROM qc_decision WHERE id = $1", id).Scan(&gate, &lotID, &runID))
	if old := w.id(relay.QcDecision, id); lotID != nil {
		w.decideAt(*lotID, gate, w.outcome(50), &old)
	} else {
		w.checkAt(*runID, w.outcome(50), nil, &old)
	}
	return true
}

// read lets a probe read a lot's temperature at a gate; a bad one holds the lot.
func (w *work) read() bool {
	id, ok := w.lot("t.code = 'MIX' AND l.status IN ('QUARANTINE', 'RELEASED') AND NOT l.announced")
	if !ok {
		return false
	}
	gate, _ := w.one("SELECT g.id FROM lot l JOIN lot_type t ON t.id = l.lot_type_id JOIN qc_gate g ON g.scenario_id = t.scenario_id WHERE l.id = $1 AND g.number = 2", id)
	value := quantity.MustParse(map[bool]string{false: "2", true: "9"}[w.chance(30)])
	_, err := w.p.Checks.RecordMeasurements(w.p.As(w.p.Operator), qc.Batch{Measurements: []*qc.Taken{{
		GateID: &relay.ID{Kind: relay.QcGate, UUID: gate}, LotID: new(w.p.LotID(id)), Parameter: "mix_temp", Value: value, Unit: "CEL", At: w.p.Now(), Probe: new("P1"),
	}}})
	return w.try("recordMeasurements", err) || true
}

// Holds and deviations.

func (w *work) hold() bool {
	where := "NOT l.held"
	if w.chance(70) { // where it reaches something
		where += " AND EXISTS (SELECT FROM lot_genealogy g WHERE g.parent_id = l.id)"
	}
	id, ok := w.lot(where)
	if !ok {
		return false
	}
	_, err := w.p.Holds.HoldLots(w.p.As(w.somebody()), hold.Holding{LotIDs: []relay.ID{w.p.LotID(id)}, Reason: w.why()})
	return w.try("holdLots", err) || true
}

// manager is one of two, so that there is a second person.
func (w *work) manager() *identity.Actor {
	if w.chance(20) {
		return w.p.Manager
	}
	return w.p.Second
}

func (w *work) release() bool {
	id, ok := w.lot("l.held")
	return ok && w.releaseLot(id)
}

func (w *work) releaseLot(id uuid.UUID) bool {
	r := hold.Release{LotID: w.p.LotID(id), Reason: w.why(), Password: linetest.Password}
	if !w.chance(15) {
		r.Evaluation = new("three other probes say that it was cold")
	}
	_, err := w.p.Holds.ReleaseLot(w.p.As(w.manager()), r)
	return w.try("releaseLot", err) || true
}

func (w *work) reject() bool {
	id, ok := w.lot("l.held AND l.status <> 'REJECTED'")
	if !ok {
		return false
	}
	_, err := w.p.Holds.RejectLot(w.p.As(w.manager()), hold.Rejection{LotID: w.p.LotID(id), Reason: w.why(), Password: linetest.Password})
	return w.try("rejectLot", err) || true
}

func (w *work) clear() bool {
	id, ok := w.one("SELECT DISTINCT l.id FROM exposure e JOIN lot l ON l.id = e.lot_id WHERE e.ended_at IS NULL ORDER BY 1")
	if !ok {
		return false
	}
	cause, _ := w.one("SELECT cause_lot_id FROM exposure WHERE lot_id = $1 AND ended_at IS NULL ORDER BY exposed_at, cause_lot_id", id)
	_, err := w.p.Holds.ClearExposure(w.p.As(w.manager()), hold.Clearance{LotID: w.p.LotID(id), CauseLotID: w.p.LotID(cause), Reason: w.why(), Password: linetest.Password})
	return w.try("clearExposure", err) || true
}

// seeTo takes a deviation some steps further, now and then by the wrong one.
func (w *work) seeTo() bool {
	id, ok := w.one("SELECT id FROM deviation WHERE closed_at IS NULL ORDER BY code")
	if !ok {
		return false
	}
	for range 1 + w.below(4, "steps") {
		if w.count("deviation WHERE closed_at IS NOT NULL AND id = '"+id.String()+"'") == 0 {
			w.stepOf(id)
		}
	}
	return true
}

func (w *work) stepOf(id uuid.UUID) {
	d := w.id(relay.Deviation, id)
	var described, verified, held, rejected bool
	w.must(w.p.Owner.QueryRow(w.p.As(w.p.Operator), `SELECT cause IS NOT NULL AND disposition IS NOT NULL, verified_at IS NOT NULL,
		EXISTS (SELECT FROM hold h WHERE h.deviation_id = v.id AND h.ended_at IS NULL),
		EXISTS (SELECT FROM hold h WHERE h.deviation_id = v.id AND h.outcome = 'REJECTED') FROM deviation v WHERE id = $1`, id).Scan(&described, &verified, &held, &rejected))
	if of := w.ids("SELECT lot_id FROM hold WHERE deviation_id = $1 AND ended_at IS NULL ORDER BY held_at, lot_id", id); len(of) > 0 && w.chance(50) {
		for _, l := range of {
			w.releaseLot(l)
		}
	}
	switch wrong := w.chance(wild); {
	case w.chance(10):
		_, err := w.p.Deviations.Assign(w.p.As(w.p.Manager), deviation.Assignment{
			DeviationID: d, ResponsibleID: &relay.ID{Kind: relay.User, UUID: w.p.Second.UserID}, DueAt: new(w.p.Now().Add(48 * time.Hour)), Reason: w.why(),
		})
		w.try("assignDeviation", err)
	case verified && !held || wrong:
		_, err := w.p.Deviations.Close(w.p.As(w.p.Manager), deviation.Closing{DeviationID: d, Reason: w.why(), Password: linetest.Password})
		w.try("closeDeviation", err)
	case described && !verified:
		_, err := w.p.Deviations.Verify(w.p.As(w.p.Second), deviation.Verification{DeviationID: d, Verification: w.why()})
		w.try("verifyDeviation", err)
	default:
		disposition := db.DeviationDispositionRELEASE
		if rejected {
			disposition = db.DeviationDispositionDESTROY
		}
		if w.chance(wild) {
			disposition = db.DeviationDispositionREWORK
		}
		_, err := w.p.Deviations.Describe(w.p.As(w.p.Operator), deviation.Description{
			DeviationID: d, Cause: new(fmt.Sprintf("the door stood open at %s", w.p.Now())), CorrectiveAction: new("the door was shut"), Disposition: &disposition,
		})
		w.try("describeDeviation", err)
	}
}

// Recalls.

// recall asks where some lots are, or stops them: one, or what was made on a metal detector lately.
func (w *work) recall() bool {
	scope := recall.Scope{SiteCode: &w.p.Site.Code}
	if id, ok := w.lot("EXISTS (SELECT FROM lot_genealogy g WHERE g.parent_id = l.id)"); ok {
		scope.LotIDs = []relay.ID{w.p.LotID(id)}
	}
	if w.chance(20) {
		scope.Equipment, scope.Time = new(of(w, []string{"MD1", "MD2"}, "equipment")), &relay.TimeRange{From: new(w.p.Now().Add(-12 * time.Hour))}
	}
	in := recall.Opening{Kind: of(w, db.AllRecallKindValues(), "kind"), Reason: w.why(), Scope: scope, Password: linetest.Password}
	_, err := w.p.Recalls.Open(w.p.As(w.manager()), in)
	return w.try(fmt.Sprintf("openRecall %s", in.Kind), err) || true
}

// seeToRecall takes a recall to its end, now and then too early.
func (w *work) seeToRecall() bool {
	id, ok := w.one("SELECT id FROM recall WHERE closed_at IS NULL ORDER BY code")
	if !ok {
		return w.recall()
	}
	if w.chance(30) {
		_, err := w.p.Recalls.Refresh(w.p.As(w.manager()), recall.Refreshment{RecallID: w.id(relay.Recall, id)})
		return w.try("refreshRecall", err) || true
	}
	if !w.chance(wild) {
		for _, l := range w.ids("SELECT h.lot_id FROM hold h JOIN lot l ON l.id = h.lot_id WHERE h.recall_id = $1 AND h.ended_at IS NULL ORDER BY l.code", id) {
			w.releaseLot(l)
		}
	}
	_, err := w.p.Recalls.Close(w.p.As(w.p.Manager), recall.Closing{RecallID: w.id(relay.Recall, id), Password: linetest.Password})
	return w.try("closeRecall", err) || true
}
