package qc_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/qc"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/run"
)

// surface is a reading at the gate of arrivals.
func surface(t *testing.T, p *linetest.Plant, id uuid.UUID, celsius string) *qc.Taken {
	t.Helper()
	return &qc.Taken{
		GateID: new(gate(t, p, "1")), LotID: new(p.LotID(id)), Parameter: "surface_temp", Value: quantity.MustParse(celsius), Unit: "CEL",
		At: p.Now(), Probe: new("P-7"),
	}
}

func send(p *linetest.Plant, taken ...*qc.Taken) (qc.Measured, error) {
	return p.Checks.RecordMeasurements(p.As(p.Operator), qc.Batch{Measurements: taken})
}

func TestReadingsCountInTheDecision(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	other := surface(t, p, id, "80")
	other.GateID, other.Parameter, other.Unit = nil, "humidity", "P1"
	for _, want := range []int32{2, 0} { // a probe that sends again changes nothing
		got, err := send(p, surface(t, p, id, "2.5"), other)
		if err != nil || got.Count != want || len(got.Held) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	r := arrival(t, p, id, db.QcOutcomePASS, "3")
	r.Measurements = nil
	mustRecord(t, p, r)
	if n := count(t, p, "qc_decision WHERE measurements @> '[{\"probe\": \"P-7\", \"parameter\": \"surface_temp\"}]' AND jsonb_array_length(measurements) = 1"); n != 1 {
		t.Error("the decision doesn't say what it rests on")
	}
	if p.Lot(id).Status != db.LotStatusRELEASED || count(t, p, "audit_event WHERE action = 'RECORD_MEASUREMENT'") != 2 {
		t.Error("it was not released, or not logged once for each thing measured")
	}
}

func TestReadingOutsideALimitHolds(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id, good := fillet(t, p, poultry()), fillet(t, p, poultry())
	late := surface(t, p, id, "9")
	late.At = late.At.Add(-time.Second)
	got, err := send(p, surface(t, p, good, "3"), surface(t, p, id, "7.5"), late)
	if err != nil || got.Count != 3 || !slices.Equal(got.Held, []uuid.UUID{id}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if !p.Lot(id).Held || p.Lot(good).Held {
		t.Error("it held the wrong lot")
	}
	p.Pass(time.Minute)
	if got, err = send(p, surface(t, p, id, "8")); err != nil || len(got.Held) != 0 {
		t.Errorf("it is held already: %+v, %v", got, err)
	}
	for from, want := range map[string]int{
		"hold": 1, "measurement": 4, "alert WHERE kind = 'LIMIT_EXCEEDED' AND message LIKE '%7.5 °C%'": 1, "event WHERE type = 'MEASUREMENT_VIOLATED'": 2,
	} {
		if n := count(t, p, from); n != want {
			t.Errorf("%d rows of %s, not %d", n, from, want)
		}
	}
	// What was read can't be unread: nobody passes it with a better reading beside the bad one, or one from before.
	_, err = record(p, arrival(t, p, id, db.QcOutcomePASS, "3"))
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements", "8 °C")
	before := arrival(t, p, id, db.QcOutcomePASS, "3")
	before.CheckedAt = new(p.Now().Add(-time.Hour))
	_, err = record(p, before)
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements", "9 °C")
}

// TestTreatedLotPasses: what was read while a lot was bad is its hold's. It is treated, read anew and passed, and a MANAGER lets it go.
func TestTreatedLotPasses(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	for _, celsius := range []string{"9", "6", "3.5"} { // it cools down
		p.Pass(time.Hour)
		if _, err := send(p, surface(t, p, id, celsius)); err != nil {
			t.Fatal(err)
		}
	}
	mustRecord(t, p, arrival(t, p, id, db.QcOutcomePASS, "3"))
	if got := p.Lot(id); !got.Held || got.Status != db.LotStatusRELEASED {
		t.Errorf("it passed, and stays held until it is let go: %v, %s", got.Held, got.Status)
	}
	if n := count(t, p, `qc_decision WHERE decision = 'PASS' AND measurements @> '[{"probe": "P-7", "value": "3.5"}]' AND jsonb_array_length(measurements) = 2`); n != 1 {
		t.Error("the PASS rests on other readings than those since")
	}
	r := hold.Release{LotID: p.LotID(id), Reason: "it was cooled down again", Password: linetest.Password}
	if _, err := p.Holds.ReleaseLot(p.As(p.Manager), r); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(id); got.Held || got.Status != db.LotStatusRELEASED {
		t.Errorf("released, and held: %v, %s", got.Held, got.Status)
	}
	p.Pass(time.Hour) // what is bad after that is bad again
	if got, err := send(p, surface(t, p, id, "7")); err != nil || len(got.Held) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadingsOfTheLine(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	taken := &qc.Taken{GateID: new(gate(t, l.p, "9")), RunID: new(l.p.RunID(l.run)), Parameter: "fe_sphere", Value: quantity.MustParse("3"), Unit: "MMT", At: l.p.Now()}
	if got, err := send(l.p, taken); err != nil || got.Count != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if n := count(t, l.p, "alert WHERE kind = 'LIMIT_EXCEEDED' AND lot_id IS NULL AND run_id IS NOT NULL"); n != 1 {
		t.Errorf("%d alerts", n)
	}
	l.p.Pass(time.Minute)
	_, err := record(l.p, l.check(t, db.QcOutcomePASS, nil))
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements", "3 mm")
	mustRecord(t, l.p, l.check(t, db.QcOutcomeFAIL, nil))
	l.p.Pass(time.Minute)
	mustRecord(t, l.p, l.check(t, db.QcOutcomePASS, nil)) // the next check is about what was read since
	if _, err := l.p.Runs.Abort(l.p.As(l.p.Manager), run.Change{RunID: l.p.RunID(l.run), Reason: "the power is gone for today"}); err != nil {
		t.Fatal(err)
	}
	_, err = send(l.p, taken)
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements[0].runId", "read-only")
}

func TestReadingsThatAreRefused(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	unit, future, gone, line, none := surface(t, p, id, "3"), surface(t, p, id, "3"), surface(t, p, linetest.NewID(), "3"), surface(t, p, id, "3"), surface(t, p, id, "3")
	unit.Unit, future.At, line.GateID, none.LotID = "MMT", p.Now().Add(time.Minute), new(gate(t, p, "9")), nil
	for _, c := range []struct {
		taken *qc.Taken
		code  fault.Code
		field string
		part  string
	}{
		{unit, fault.BadUserInput, "measurements[1].unit", ""},
		{future, fault.BadUserInput, "measurements[1].at", "future"},
		{gone, fault.NotFound, "measurements[1].lotId", "no such lot"},
		{line, fault.BadUserInput, "measurements[1].lotId", "checks the line"},
		{none, fault.BadUserInput, "measurements[1]", "give lotId"},
	} {
		_, err := send(p, surface(t, p, id, "3"), c.taken)
		linetest.Refused(t, err, c.code, c.field, c.part)
	}
	_, err := send(p)
	linetest.Refused(t, err, fault.BadUserInput, "measurements", "1 to 1000")
	if n := count(t, p, "measurement"); n != 0 {
		t.Errorf("%d were kept", n)
	}
}

// TestReadingAtACCPIsReleasedAsThereDecided: who lets go what a reading held at a CCP needs more than a reason, also where
// somebody else held it before.
func TestReadingAtACCPIsReleasedAsThereDecided(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	if _, err := p.Holds.HoldLots(p.As(p.Operator), hold.Holding{LotIDs: []relay.ID{p.LotID(id)}, Reason: "the supplier phoned"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := send(p, surface(t, p, id, "9")); err != nil {
			t.Fatal(err)
		}
		p.Pass(time.Second)
	}
	if n := count(t, p, "hold"); n != 2 {
		t.Errorf("%d holds: one of a person, one of the gate", n)
	}
	r := hold.Release{LotID: p.LotID(id), Reason: "the supplier took it back", Password: linetest.Password}
	_, err := p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "evaluation", "is a CCP")
	r.Evaluation = new("swabs of all boxes are clean")
	if _, err := p.Holds.ReleaseLot(p.As(p.Manager), r); err != nil {
		t.Error(err)
	}
	if got := p.Lot(id); got.Status != db.LotStatusRELEASED {
		t.Errorf("a MANAGER evaluated what was read, and it is %s", got.Status)
	}
	p.Pass(time.Second)
	mustRecord(t, p, arrival(t, p, id, db.QcOutcomePASS, "3"))
}

// TestBadAgainMustBeGoodAgain: a PASS between two bad readings lets nothing go at a CCP. The second one opens no hold of its own.
func TestBadAgainMustBeGoodAgain(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := fillet(t, p, poultry())
	read := func(celsius string) {
		t.Helper()
		p.Pass(time.Hour)
		if _, err := send(p, surface(t, p, id, celsius)); err != nil {
			t.Fatal(err)
		}
	}
	pass := func() {
		t.Helper()
		p.Pass(time.Minute)
		mustRecord(t, p, arrival(t, p, id, db.QcOutcomePASS, "3"))
	}
	read("9")
	read("3")
	pass()
	read("8")
	if n := count(t, p, "hold"); n != 1 {
		t.Errorf("%d holds", n)
	}
	r := hold.Release{LotID: p.LotID(id), Reason: "it was cooled down again", Password: linetest.Password}
	_, err := p.Holds.ReleaseLot(p.As(p.Manager), r)
	linetest.Refused(t, err, fault.FailedPrecondition, "evaluation", "record a new PASS")
	read("3")
	pass()
	if _, err := p.Holds.ReleaseLot(p.As(p.Manager), r); err != nil {
		t.Error(err)
	}
}

// TestGoodBeforeItWasBad: nobody passes a lot that readings hold by giving what was read before. After a person's HOLD, during which nothing bad was
// read, what was read before it may be given.
func TestGoodBeforeItWasBad(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id, doubtful := fillet(t, p, poultry()), fillet(t, p, poultry())
	p.Pass(time.Hour)
	if _, err := send(p, surface(t, p, id, "9")); err != nil {
		t.Fatal(err)
	}
	mustRecord(t, p, arrival(t, p, doubtful, db.QcOutcomeHOLD, "3"))
	pass := func(of uuid.UUID, read time.Time) error {
		r := arrival(t, p, of, db.QcOutcomePASS, "3")
		r.Measurements[0].At = read
		_, err := record(p, r)
		return err
	}
	bad := p.Now()
	p.Pass(time.Hour)
	for _, read := range []time.Time{bad.Add(-time.Minute), bad} {
		linetest.Refused(t, pass(id, read), fault.FailedPrecondition, "measurements[0].at", "read it again")
	}
	if err := pass(id, bad.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if err := pass(doubtful, bad.Add(-time.Minute)); err != nil {
		t.Error(err)
	}
	if _, err := send(p, surface(t, p, doubtful, "8")); err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
	linetest.Refused(t, pass(doubtful, bad.Add(time.Minute)), fault.FailedPrecondition, "measurements[0].at", "read it again")
}
