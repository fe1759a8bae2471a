package qc_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

const warm = "it was warm in the lorry"

// gate finds a gate of the ready meals.
func gate(t *testing.T, p *linetest.Plant, number string) relay.ID {
	t.Helper()
	var id uuid.UUID
	if err := p.Owner.QueryRow(t.Context(), `SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id
		WHERE s.key = 'chilled-ready-meal' AND g.number = $1::numeric`, number).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return relay.ID{Kind: relay.QcGate, UUID: id}
}

// fillet receives chilled poultry.
func fillet(t *testing.T, p *linetest.Plant, attributes *lot.Attributes) uuid.UUID {
	t.Helper()
	made, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: p.Site.Code, ScenarioKey: new("chilled-ready-meal"),
		NewLot: transformation.NewLot{LotType: "RAW", WeightKg: linetest.Kg("100"), SupplierID: &p.Supplier, Attributes: attributes},
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.Lots[0]
}

func poultry() *lot.Attributes {
	return &lot.Attributes{Species: new("CHICKEN"), State: new("CHILLED"), Category: new("POULTRY")}
}

// arrival is a decision at the gate of arrivals, good unless it is changed.
func arrival(t *testing.T, p *linetest.Plant, id uuid.UUID, decision db.QcOutcome, celsius string) qc.Record {
	t.Helper()
	r := qc.Record{
		GateID: gate(t, p, "1"), LotID: new(p.LotID(id)), Decision: decision,
		Measurements: []*evaluation.Measurement{{Parameter: "surface_temp", Value: quantity.MustParse(celsius), Unit: "CEL", At: p.Now()}},
		Answers:      answers("DOC", true, "PACK", true, "DATE", true, "ALG", true, "SUP", "L-17"),
	}
	if decision != db.QcOutcomePASS {
		r.Notes = new(warm)
	}
	return r
}

func answers(pairs ...any) []*qc.Answer {
	var out []*qc.Answer
	for i := 0; i < len(pairs); i += 2 {
		value, err := json.Marshal(pairs[i+1])
		if err != nil {
			panic(err)
		}
		out = append(out, &qc.Answer{Code: pairs[i].(string), Value: value})
	}
	return out
}

func record(p *linetest.Plant, r qc.Record) (uuid.UUID, error) {
	return p.Checks.RecordDecision(p.As(p.Operator), r)
}

func mustRecord(t *testing.T, p *linetest.Plant, r qc.Record) uuid.UUID {
	t.Helper()
	id, err := record(p, r)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func count(t *testing.T, p *linetest.Plant, from string, args ...any) (n int) {
	t.Helper()
	if err := p.Owner.QueryRow(t.Context(), "SELECT count(*) FROM "+from, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPassReleases(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	if got := p.Lot(id).Status; got != db.LotStatusQUARANTINE {
		t.Fatalf("it arrived as %s", got)
	}
	r := arrival(t, p, id, db.QcOutcomePASS, "3.9")
	r.IdempotencyKey = new("once")
	first := mustRecord(t, p, r)
	if again := mustRecord(t, p, r); again != first {
		t.Error("sent again, it decided again")
	}
	if got := p.Lot(id).Status; got != db.LotStatusRELEASED {
		t.Errorf("passed, and %s", got)
	}
	for from, want := range map[string]int{
		"qc_decision": 1, "alert": 0, "hold": 0, "event WHERE type = 'DECISION_RECORDED'": 1, "event WHERE type = 'LOT_STATUS_CHANGED'": 1,
		"audit_event WHERE action = 'RECORD_DECISION'": 1,
	} {
		if n := count(t, p, from); n != want {
			t.Errorf("%d rows of %s, not %d", n, from, want)
		}
	}
}

func TestPassIsRefusedWithAllThatFails(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	r := arrival(t, p, id, db.QcOutcomePASS, "5.2")
	r.Answers = answers("DOC", false, "PACK", true, "DATE", true, "ALG", true)
	_, err := record(p, r)
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements", "5.2 °C")
	linetest.Refused(t, err, fault.FailedPrecondition, "answers[DOC]", "the answer is no")
	linetest.Refused(t, err, fault.FailedPrecondition, "answers[SUP]", "not answered")
	unknown := fillet(t, p, &lot.Attributes{State: new("CHILLED")})
	_, err = record(p, arrival(t, p, unknown, db.QcOutcomePASS, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements", "category")
	if n := count(t, p, "qc_decision"); n != 0 || p.Lot(id).Status != db.LotStatusQUARANTINE {
		t.Errorf("refused, and %d decisions", n)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id, kit := fillet(t, p, poultry()), p.Make("KIT", "1")
	runID, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "chilled-ready-meal", SiteCode: p.Site.Code})
	if err != nil {
		t.Fatal(err)
	}
	var foreign uuid.UUID
	if err := p.Owner.QueryRow(t.Context(), "SELECT g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id WHERE s.key = 'stirred-yoghurt' LIMIT 1").Scan(&foreign); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*qc.Record)
		code   fault.Code
		field  string
		part   string
	}{
		"no subject":       {func(r *qc.Record) { r.LotID = nil }, fault.BadUserInput, "", "give lotId"},
		"two subjects":     {func(r *qc.Record) { r.RunID = new(p.RunID(runID)) }, fault.BadUserInput, "", "give lotId"},
		"of another type":  {func(r *qc.Record) { r.LotID = new(p.LotID(kit)) }, fault.BadUserInput, "gateId", "not for lots of type KIT"},
		"of the line":      {func(r *qc.Record) { r.GateID = gate(t, p, "9") }, fault.BadUserInput, "lotId", "checks the line"},
		"of each lot":      {func(r *qc.Record) { r.LotID, r.RunID = nil, new(p.RunID(runID)) }, fault.BadUserInput, "runId", "checks each lot"},
		"another scenario": {func(r *qc.Record) { r.GateID.UUID = foreign }, fault.NotFound, "gateId", "no such gate"},
		"no lot":           {func(r *qc.Record) { r.LotID = new(p.LotID(linetest.NewID())) }, fault.NotFound, "lotId", "no such lot"},
		"no run":           {func(r *qc.Record) { r.LotID, r.RunID = nil, new(p.RunID(linetest.NewID())) }, fault.NotFound, "runId", "no such Run"},
		"no gate":          {func(r *qc.Record) { r.GateID = p.LotID(id) }, fault.BadUserInput, "gateId", ""},
		"short notes":      {func(r *qc.Record) { r.Decision, r.Notes = db.QcOutcomeHOLD, new("  too warm  ") }, fault.BadUserInput, "notes", "say why"},
		"the future":       {func(r *qc.Record) { r.CheckedAt = new(p.Now().Add(time.Hour)) }, fault.BadUserInput, "checkedAt", "future"},
		"read later":       {func(r *qc.Record) { r.Measurements[0].At = p.Now().Add(time.Minute) }, fault.BadUserInput, "measurements[0].at", "future"},
		"unknown unit":     {func(r *qc.Record) { r.Measurements[0].Unit = "MMT" }, fault.BadUserInput, "measurements[0].unit", ""},
		"unknown question": {func(r *qc.Record) { r.Answers = answers("NOPE", true) }, fault.BadUserInput, "answers[NOPE]", "no such question"},
		"corrects nothing": {func(r *qc.Record) {
			r.Notes, r.SupersedesID = new(warm), &relay.ID{Kind: relay.QcDecision, Site: p.Site.ID, UUID: linetest.NewID()}
		}, fault.NotFound, "supersedesId", "no such"},
	} {
		r := arrival(t, p, id, db.QcOutcomePASS, "3")
		c.change(&r)
		_, err := record(p, r)
		if err == nil {
			t.Errorf("%s: taken", name)
			continue
		}
		linetest.Refused(t, err, c.code, c.field, c.part)
	}
	if n := count(t, p, "qc_decision"); n != 0 {
		t.Errorf("%d decisions", n)
	}
}

func TestHoldHoldsAndExposes(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	mustRecord(t, p, arrival(t, p, id, db.QcOutcomePASS, "3"))
	prep := p.Make("PREP", "10", p.Of(id, "10"))
	p.Pass(time.Minute)
	mustRecord(t, p, arrival(t, p, id, db.QcOutcomeFAIL, "3"))
	if got := p.Lot(id); !got.Held || got.Status != db.LotStatusQUARANTINE {
		t.Errorf("failed: held %v, %s", got.Held, got.Status)
	}
	for from, want := range map[string]int{
		"hold h JOIN qc_decision d ON d.id = h.decision_id WHERE d.decision = 'FAIL'":             1,
		"exposure WHERE ended_at IS NULL":                                                         1,
		"alert WHERE kind = 'QC_FAIL' AND severity = 'CRITICAL' AND message LIKE '%" + warm + "'": 1,
		"event WHERE type = 'ALERT_RAISED' AND subject_id = (SELECT id FROM alert)":               1,
		"event WHERE type = 'LOT_EXPOSED'":                                                        1,
	} {
		if n := count(t, p, from); n != want {
			t.Errorf("%d rows of %s, not %d", n, from, want)
		}
	}
	_, err := p.TryMake("KIT", "1", p.Of(prep, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is exposed")
}

func TestCorrection(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	first := mustRecord(t, p, arrival(t, p, id, db.QcOutcomePASS, "3"))
	p.Pass(time.Hour)
	r := arrival(t, p, id, db.QcOutcomeHOLD, "3")
	r.SupersedesID = &relay.ID{Kind: relay.QcDecision, Site: p.Site.ID, UUID: first}
	second := mustRecord(t, p, r)
	if n := count(t, p, "qc_decision a JOIN qc_decision b ON b.supersedes_id = a.id AND b.checked_at = a.checked_at AND b.decided_at > a.decided_at"); n != 1 {
		t.Error("it is not about the same check")
	}
	_, err := record(p, r)
	linetest.Refused(t, err, fault.Conflict, "supersedesId", "correct the correction")
	other := arrival(t, p, fillet(t, p, poultry()), db.QcOutcomePASS, "3")
	other.Notes = new("it was the other box")
	other.SupersedesID = &relay.ID{Kind: relay.QcDecision, Site: p.Site.ID, UUID: second}
	_, err = record(p, other)
	linetest.Refused(t, err, fault.BadUserInput, "supersedesId", "another check")
	p.Pass(time.Minute)
	r = arrival(t, p, id, db.QcOutcomePASS, "3")
	r.SupersedesID = &relay.ID{Kind: relay.QcDecision, Site: p.Site.ID, UUID: second}
	_, err = record(p, r)
	linetest.Refused(t, err, fault.BadUserInput, "notes", "say why")
	r.Notes = new("the probe was broken")
	mustRecord(t, p, r)
	if got := p.Lot(id); !got.Held {
		t.Error("a PASS ended a hold: a MANAGER does")
	}
}

func TestPassAndHoldAtOnce(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	pass, stop := arrival(t, p, id, db.QcOutcomePASS, "3"), arrival(t, p, id, db.QcOutcomeHOLD, "3")
	var all sync.WaitGroup
	for i := range 10 {
		r := pass
		if i%2 == 0 {
			r = stop
		}
		all.Go(func() {
			if _, err := record(p, r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := p.Lot(id); !got.Held || count(t, p, "hold") != 5 || count(t, p, "qc_decision") != 10 {
		t.Errorf("held %v, %d holds, %d decisions", got.Held, count(t, p, "hold"), count(t, p, "qc_decision"))
	}
	_, err := p.TryMake("PREP", "1", p.Of(id, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is held")
}

// line is a run of ready meals in its phase of packing, and the checks of its metal detector.
type line struct {
	p   *linetest.Plant
	run uuid.UUID
}

func newLine(t *testing.T) line {
	t.Helper()
	p := linetest.New(t)
	id, err := p.Runs.Start(p.As(p.Operator), run.Start{ScenarioKey: "chilled-ready-meal", SiteCode: p.Site.Code})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Owner.Exec(t.Context(), `UPDATE run SET phase_id = (SELECT x.id FROM phase x WHERE x.scenario_id = run.scenario_id AND x.number = 10)`); err != nil {
		t.Fatal(err)
	}
	return line{p, id}
}

// meal makes finished goods, half an hour after what came before.
func (l line) meal(t *testing.T, equipment *string) uuid.UUID {
	t.Helper()
	l.p.Pass(30 * time.Minute)
	made, err := l.make(equipment)
	if err != nil {
		t.Fatal(err)
	}
	return made.Lots[0]
}

func (l line) make(equipment *string) (transformation.Recorded, error) {
	return l.p.Transformations.RegisterLot(l.p.As(l.p.Operator), transformation.Registration{
		SiteCode: l.p.Site.Code, RunID: new(l.p.RunID(l.run)),
		NewLot: transformation.NewLot{LotType: "FG", Equipment: equipment, WeightKg: linetest.Kg("10"), Inputs: []transformation.Draw{l.p.Of(l.p.Make("TRAY", "10"), "")}},
	})
}

// remade corrects on what a meal was made.
func (l line) remade(t *testing.T, meal uuid.UUID, equipment *string) error {
	t.Helper()
	void := transformation.Void{
		TransformationID: relay.ID{Kind: relay.Transformation, Site: l.p.Site.ID}, Reason: "it went through the other detector",
		Replacement: &transformation.Replacement{Equipment: equipment},
	}
	if err := l.p.Owner.QueryRow(t.Context(), `SELECT t.id FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id
		WHERE o.lot_id = $1 AND t.voided_at IS NULL`, meal).Scan(&void.TransformationID.UUID); err != nil {
		t.Fatal(err)
	}
	_, err := l.p.Transformations.VoidTransformation(l.p.As(l.p.Manager), void)
	return err
}

// detector checks the metal detector, half an hour after what came before; a FAIL finds the test piece of iron too late.
func (l line) detector(t *testing.T, decision db.QcOutcome, equipment *string) uuid.UUID {
	t.Helper()
	l.p.Pass(30 * time.Minute)
	return mustRecord(t, l.p, l.check(t, decision, equipment))
}

func (l line) check(t *testing.T, decision db.QcOutcome, equipment *string) qc.Record {
	t.Helper()
	r := qc.Record{GateID: gate(t, l.p, "9"), RunID: new(l.p.RunID(l.run)), Decision: decision, Equipment: equipment, Answers: answers("REJ", true, "REJN", 3)}
	for parameter, mm := range map[string]string{"fe_sphere": "1.5", "nonfe_sphere": "2", "ss_sphere": "2.5"} {
		r.Measurements = append(r.Measurements, &evaluation.Measurement{Parameter: parameter, Value: quantity.MustParse(mm), Unit: "MMT", At: l.p.Now()})
	}
	if decision != db.QcOutcomePASS {
		r.Notes = new("the test piece of iron went through")
	}
	return r
}

// held checks which lots are held: H for each that is, a dash for each that isn't.
func (l line) held(t *testing.T, want string, lots ...uuid.UUID) {
	t.Helper()
	got := ""
	for _, id := range lots {
		if l.p.Lot(id).Held {
			got += "H"
		} else {
			got += "-"
		}
	}
	if got != want {
		t.Errorf("held: %s, not %s", got, want)
	}
}

func TestBracketing(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomePASS, nil)
	before := l.meal(t, nil)
	second := l.detector(t, db.QcOutcomePASS, nil)
	after, sold := l.meal(t, nil), l.meal(t, nil)
	// Whatever let it go, what was found later reaches it.
	if _, err := l.p.Owner.Exec(t.Context(), "UPDATE lot SET status = 'SHIPPED', remaining_kg = 0, intricate = true WHERE id = $1", sold); err != nil {
		t.Fatal(err)
	}
	l.detector(t, db.QcOutcomeFAIL, nil)
	l.held(t, "-HH", before, after, sold)
	if got := l.p.Lot(sold).Status; got != db.LotStatusSHIPPED {
		t.Errorf("what was shipped is %s", got)
	}
	// The PASS before it was wrong too: then the one before that is the last.
	r := l.check(t, db.QcOutcomeFAIL, nil)
	r.SupersedesID = &relay.ID{Kind: relay.QcDecision, Site: l.p.Site.ID, UUID: second}
	mustRecord(t, l.p, r)
	l.held(t, "HHH", before, after, sold)
}

func TestBracketingByEquipment(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomePASS, new("MD-1"))
	l.detector(t, db.QcOutcomePASS, new("MD-2"))
	first, other, unknown := l.meal(t, new("MD-1")), l.meal(t, new("MD-2")), l.meal(t, nil)
	l.detector(t, db.QcOutcomePASS, new("MD-2"))
	l.detector(t, db.QcOutcomeFAIL, new("MD-1"))
	l.held(t, "H-H", first, other, unknown)
}

// TestEquipmentHasOneSpelling: with a blank behind it, a code would be another machine's, which no check is about.
func TestEquipmentHasOneSpelling(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomePASS, new("MD-1"))
	meal := l.meal(t, new("MD-1 "))
	l.detector(t, db.QcOutcomeFAIL, new(" MD-1"))
	l.held(t, "H", meal)

	for _, empty := range []string{"", "  ", strings.Repeat("M", 101)} {
		_, err := record(l.p, l.check(t, db.QcOutcomePASS, &empty))
		linetest.Refused(t, err, fault.BadUserInput, "equipment", "1 to 100")
		_, err = l.make(&empty)
		linetest.Refused(t, err, fault.BadUserInput, "equipment", "1 to 100")
		linetest.Refused(t, l.remade(t, meal, &empty), fault.BadUserInput, "replacement.equipment", "1 to 100")
	}
	// Once the site lists its machines, others are mistakes.
	ended := l.p.Now()
	for _, row := range []db.Equipment{{Code: "MD-2"}, {Code: "MD-1", EndedAt: &ended}} {
		if _, err := l.p.Owner.Exec(t.Context(), "INSERT INTO equipment (id, site_id, code, name, kind, ended_at) VALUES ($1, $2, $3, $3, 'METAL_DETECTOR', $4)",
			linetest.NewID(), l.p.Site.ID, row.Code, row.EndedAt); err != nil {
			t.Fatal(err)
		}
	}
	l.p.Pass(time.Minute)
	for code, want := range map[string]struct {
		code fault.Code
		part string
	}{"MD2": {fault.NotFound, "no equipment \"MD2\""}, "MD-1": {fault.FailedPrecondition, "has ended"}} {
		_, err := record(l.p, l.check(t, db.QcOutcomePASS, &code))
		linetest.Refused(t, err, want.code, "equipment", want.part)
		_, err = l.make(&code)
		linetest.Refused(t, err, want.code, "equipment", want.part)
	}
	linetest.Refused(t, l.remade(t, meal, new("MD2")), fault.NotFound, "replacement.equipment", "no equipment")
	if err := l.remade(t, meal, new("MD-1")); err != nil { // it was there when the meal was made
		t.Error(err)
	}
	if _, err := record(l.p, l.check(t, db.QcOutcomePASS, new("MD-2 "))); err != nil {
		t.Error(err)
	}
}

// detected is what the checks of the metal detector say of a lot.
func (l line) detected(t *testing.T, id uuid.UUID) *lot.GateState {
	t.Helper()
	states, err := lot.Gates(t.Context(), db.New(l.p.Owner), []uuid.UUID{id})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range states[id] {
		if g.Number.Equal(quantity.FromInt(9)) {
			return g
		}
	}
	t.Fatal("the detector is not for this lot")
	return nil
}

// labelled passes the check of the labels.
func (l line) labelled(t *testing.T) {
	t.Helper()
	if err := db.New(l.p.Owner).InsertDecision(t.Context(), db.InsertDecisionParams{
		ID: linetest.NewID(), SiteID: l.p.Site.ID, GateID: gate(t, l.p, "8").UUID, RunID: &l.run, Decision: db.QcOutcomePASS,
		Measurements: []byte("[]"), Answers: []byte("[]"), DecidedAt: l.p.Now(), DecidedBy: l.p.Operator.UserID, CheckedAt: l.p.Now(),
	}); err != nil {
		t.Fatal(err)
	}
}

// TestChecksCountByEquipment: one detector's check says nothing of what passed the other, neither good nor bad.
func TestChecksCountByEquipment(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.labelled(t)
	l.detector(t, db.QcOutcomePASS, new("MD-1"))
	l.detector(t, db.QcOutcomePASS, new("MD-2"))
	first, other, unknown := l.meal(t, new("MD-1")), l.meal(t, new("MD-2")), l.meal(t, nil)
	checked := func(id uuid.UUID, before, after string) {
		t.Helper()
		if got := l.detected(t, id); got.Before != before || got.After != after || got.MayLeave() != (before == "PASS" && after == "PASS") {
			t.Errorf("%s stands between %q and %q, not %q and %q, and may leave: %v", l.p.Lot(id).Code, got.Before, got.After, before, after, got.MayLeave())
		}
	}
	l.detector(t, db.QcOutcomePASS, new("MD-2"))
	checked(first, "PASS", "")
	checked(other, "PASS", "PASS")
	checked(unknown, "PASS", "PASS")
	later := l.meal(t, new("MD-2"))
	l.detector(t, db.QcOutcomeFAIL, new("MD-1"))
	latest := l.meal(t, new("MD-2"))
	l.detector(t, db.QcOutcomePASS, new("MD-2"))
	checked(first, "PASS", "FAIL")
	checked(later, "PASS", "PASS")
	checked(latest, "PASS", "PASS")
	// A check that names no equipment is of the whole line.
	r := l.check(t, db.QcOutcomeFAIL, nil)
	r.CheckedAt = new(l.p.Now().Add(-75 * time.Minute))
	mustRecord(t, l.p, r)
	checked(later, "PASS", "FAIL")
	// A correction says that it was made on the other one, which was checked before it and failed after.
	if got := l.p.Lot(other).Status; got != db.LotStatusRELEASED {
		t.Errorf("passed, and %s", got)
	}
	if err := l.remade(t, other, new("MD-1")); err != nil {
		t.Fatal(err)
	}
	checked(other, "PASS", "FAIL")
	if got := l.p.Lot(other).Status; got != db.LotStatusQUARANTINE {
		t.Errorf("the check after it failed, and it is %s", got)
	}
}

func TestPassOfTheLine(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomePASS, nil)
	meal := l.meal(t, nil)
	if got := l.p.Lot(meal).Status; got != db.LotStatusQUARANTINE {
		t.Errorf("the label was not checked, and it is %s", got)
	}
	r := l.check(t, db.QcOutcomePASS, nil)
	r.Measurements[0].Value = quantity.MustParse("9")
	r.Answers = answers("REJ", false, "REJN", 3)
	_, err := record(l.p, r)
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements", "9 mm")
	linetest.Refused(t, err, fault.FailedPrecondition, "answers[REJ]", "no")
	if _, err := l.p.Runs.Abort(l.p.As(l.p.Manager), run.Change{RunID: l.p.RunID(l.run), Reason: "the power is gone for today"}); err != nil {
		t.Fatal(err)
	}
	_, err = record(l.p, l.check(t, db.QcOutcomePASS, nil))
	linetest.Refused(t, err, fault.FailedPrecondition, "runId", "read-only")
}

// TestMadeAfterAFailedCheck: what a line makes after a check of it failed is held at birth, for that check, until a MANAGER lets it go; and what it made before
// and is recorded later. What it makes after the next PASS isn't.
func TestMadeAfterAFailedCheck(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomePASS, new("MD-1"))
	l.detector(t, db.QcOutcomeFAIL, new("MD-1"))
	failed := l.p.Now()
	bad, other := l.meal(t, new("MD-1")), l.meal(t, new("MD-2"))
	l.detector(t, db.QcOutcomePASS, new("MD-2"))
	unnamed := l.meal(t, nil) // another machine's PASS says nothing about it
	l.detector(t, db.QcOutcomePASS, new("MD-1"))
	good := l.meal(t, new("MD-1"))
	tray := l.p.Make("TRAY", "10")
	if _, err := l.p.Owner.Exec(t.Context(), "UPDATE lot SET occurred_at = $2 WHERE id = $1", tray, failed.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	made, err := l.p.Transformations.RegisterLot(l.p.As(l.p.Operator), transformation.Registration{
		SiteCode: l.p.Site.Code, RunID: new(l.p.RunID(l.run)), NewLot: transformation.NewLot{
			LotType: "FG", Equipment: new("MD-1"), WeightKg: linetest.Kg("10"), OccurredAt: new(failed.Add(-time.Minute)), Inputs: []transformation.Draw{l.p.Of(tray, "")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	late := made.Lots[0] // it was made before the check failed
	l.held(t, "H-H-H", bad, other, unnamed, good, late)
	if n := count(t, l.p, "alert WHERE kind = 'QC_HOLD' AND message LIKE 'Held later: FG-%'"); n != 1 {
		t.Errorf("told %d times", n)
	}
	var id uuid.UUID
	if err := l.p.Owner.QueryRow(t.Context(), "SELECT h.id FROM hold h JOIN qc_decision d ON d.id = h.decision_id AND d.deviation_id = h.deviation_id WHERE h.lot_id = $1 AND d.decision = 'FAIL'", bad).Scan(&id); err != nil {
		t.Fatalf("held for the check and its deviation: %v", err)
	}
	if _, err := l.p.Holds.ReleaseLot(l.p.As(l.p.Manager), hold.Release{
		LotID: l.p.LotID(bad), Reason: "it went through again", Evaluation: new("through the other detector, nothing found"), Password: linetest.Password,
	}); err != nil {
		t.Fatal(err)
	}
	states, err := lot.Gates(t.Context(), db.New(l.p.Owner), []uuid.UUID{bad})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range states[bad] {
		if g.Number.Equal(quantity.MustParse("9")) && (!g.Passed() || !g.MayLeave()) {
			t.Errorf("released, and at gate 9 it is %+v", g)
		}
	}
}

// TestAPassWasOfAnotherMachine: what it had cleared is held for the check that failed before it, and what was passed in its place isn't.
func TestAPassWasOfAnotherMachine(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomeFAIL, new("MD-1"))
	wrong := l.detector(t, db.QcOutcomePASS, new("MD-1"))
	cleared, unnamed, other := l.meal(t, new("MD-1")), l.meal(t, nil), l.meal(t, new("MD-2"))
	l.detector(t, db.QcOutcomePASS, new("MD-1"))
	good := l.meal(t, new("MD-1"))
	l.held(t, "----", cleared, unnamed, other, good)

	correct := func(of uuid.UUID, equipment string) uuid.UUID {
		r := l.check(t, db.QcOutcomePASS, &equipment)
		r.SupersedesID, r.Notes = &relay.ID{Kind: relay.QcDecision, Site: l.p.Site.ID, UUID: of}, new("it was the other detector")
		return mustRecord(t, l.p, r)
	}
	same := correct(wrong, "MD-1")
	l.held(t, "----", cleared, unnamed, other, good)
	correct(same, "MD-2")
	l.held(t, "HH--", cleared, unnamed, other, good)
}

// TestAFailedLineAndAPassOfOneMachine: a check that names no machine is of all of them, and the PASS of one clears what was made on that one.
func TestAFailedLineAndAPassOfOneMachine(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomeFAIL, nil)
	l.detector(t, db.QcOutcomePASS, new("MD-1"))
	l.held(t, "-H-", l.meal(t, new("MD-1")), l.meal(t, new("MD-2")), l.meal(t, nil))

	whole := l.detector(t, db.QcOutcomePASS, nil)
	cleared, other := l.meal(t, new("MD-1")), l.meal(t, new("MD-2"))
	l.held(t, "--", cleared, other)
	r := l.check(t, db.QcOutcomePASS, new("MD-1"))
	r.SupersedesID, r.Notes = &relay.ID{Kind: relay.QcDecision, Site: l.p.Site.ID, UUID: whole}, new("only the first was tested")
	mustRecord(t, l.p, r)
	l.held(t, "-H", cleared, other)
}

// TestWhatNeverWasIsNotBracketed: a lot that a correction says nobody made, and one that is only announced.
func TestWhatNeverWasIsNotBracketed(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.detector(t, db.QcOutcomeFAIL, new("MD-1"))
	annulled := l.meal(t, new("MD-2"))
	void := func() error {
		v := transformation.Void{TransformationID: relay.ID{Kind: relay.Transformation, Site: l.p.Site.ID}, Reason: "nobody made it"}
		if err := l.p.Owner.QueryRow(t.Context(), "SELECT transformation_id FROM transformation_output WHERE lot_id = $1", annulled).Scan(&v.TransformationID.UUID); err != nil {
			return err
		}
		_, err := l.p.Transformations.VoidTransformation(l.p.As(l.p.Manager), v)
		return err
	}
	if err := void(); err != nil {
		t.Fatal(err)
	}
	l.held(t, "-", annulled)
	announced := l.meal(t, new("MD-1")) // held, until it is made to be one that nobody has made
	for _, sql := range []string{"DELETE FROM exposure", "DELETE FROM hold WHERE lot_id = $1", "UPDATE lot SET announced = true, source = 'AUTO', held = false WHERE id = $1"} {
		args := []any{announced}[:strings.Count(sql, "$1")]
		if _, err := l.p.Owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	l.detector(t, db.QcOutcomeFAIL, nil)
	l.held(t, "--", annulled, announced)
}

// TestLeavesAfterTheLaterResult: the laboratory's result at gate 10 comes later. Until then goods may move on inside, and stay on the site,
// whoever let them go.
func TestLeavesAfterTheLaterResult(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	meal := l.meal(t, nil)
	if _, err := l.p.Owner.Exec(t.Context(), "UPDATE lot SET status = 'RELEASED' WHERE id = $1", meal); err != nil {
		t.Fatal(err)
	}
	ship := func() error {
		_, err := l.p.Transformations.ShipLots(l.p.As(l.p.Operator), transformation.Shipment{LotIDs: []relay.ID{l.p.LotID(meal)}, PartnerID: l.p.Customer})
		return err
	}
	linetest.Refused(t, ship(), fault.FailedPrecondition, "lotIds[0]", "lacks the result of gate 10")
	mustRecord(t, l.p, qc.Record{GateID: gate(t, l.p, "10"), LotID: new(l.p.LotID(meal)), Decision: db.QcOutcomePASS, Answers: answers("LIST", true, "TVC", true)})
	if err := ship(); err != nil && strings.Contains(err.Error(), "gate 10") {
		t.Errorf("the result is there: %v", err)
	}
}

// TestASecondPersonReleasesAtACCP: who decided there doesn't let it go.
func TestASecondPersonReleasesAtACCP(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	if _, err := p.Checks.RecordDecision(p.As(p.Manager), arrival(t, p, id, db.QcOutcomeHOLD, "9")); err != nil {
		t.Fatal(err)
	}
	r := hold.Release{LotID: p.LotID(id), Reason: "the probe was broken", Evaluation: new("three other probes say 3 degrees"), Password: linetest.Password}
	_, err := p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "lotId", "somebody else releases it")
	if _, err := p.Holds.ReleaseLot(p.As(p.Second), r); err != nil {
		t.Error(err)
	}

	// Nor does who passed it after that.
	treated := fillet(t, p, poultry())
	mustRecord(t, p, arrival(t, p, treated, db.QcOutcomeHOLD, "9"))
	p.Pass(time.Hour)
	if _, err := p.Checks.RecordDecision(p.As(p.Manager), arrival(t, p, treated, db.QcOutcomePASS, "3")); err != nil {
		t.Fatal(err)
	}
	r = hold.Release{LotID: p.LotID(treated), Reason: "it was cooled down again", Password: linetest.Password}
	_, err = p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "lotId", "you passed")
	if _, err := p.Holds.ReleaseLot(p.As(p.Second), r); err != nil {
		t.Error(err)
	}
}

// TestAPassOfAnEarlierCheckReleasesNothing: what was checked before it was bad says nothing about it after that, whenever it is recorded. A correction is about
// the same check, and counts.
func TestAPassOfAnEarlierCheckReleasesNothing(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id, mistaken := fillet(t, p, poultry()), fillet(t, p, poultry())
	p.Pass(time.Hour)
	mustRecord(t, p, arrival(t, p, id, db.QcOutcomeFAIL, "9"))
	wrong := mustRecord(t, p, arrival(t, p, mistaken, db.QcOutcomeFAIL, "9"))
	p.Pass(30 * time.Minute)
	early := arrival(t, p, id, db.QcOutcomePASS, "3")
	early.CheckedAt = new(p.Now().Add(-time.Hour))
	mustRecord(t, p, early)
	r := hold.Release{LotID: p.LotID(id), Reason: "it was cooled down again", Password: linetest.Password}
	_, err := p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "evaluation", "record a new PASS")
	mustRecord(t, p, arrival(t, p, id, db.QcOutcomePASS, "3"))
	if _, err := p.Holds.ReleaseLot(p.As(p.Manager), r); err != nil {
		t.Error(err)
	}

	correction := arrival(t, p, mistaken, db.QcOutcomePASS, "3")
	correction.SupersedesID, correction.Notes = &relay.ID{Kind: relay.QcDecision, Site: p.Site.ID, UUID: wrong}, new("the probe was broken")
	mustRecord(t, p, correction)
	r.LotID = p.LotID(mistaken)
	if _, err := p.Holds.ReleaseLot(p.As(p.Manager), r); err != nil {
		t.Error(err)
	}
}
