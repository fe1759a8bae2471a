package qc_test

import (
	"fmt"
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
)

// core is what the three probes in a cooling batch read at once.
func core(t *testing.T, p *linetest.Plant, id uuid.UUID, celsius string) []*qc.Taken {
	t.Helper()
	var taken []*qc.Taken
	for probe := range 3 {
		taken = append(taken, &qc.Taken{
			GateID: new(gate(t, p, "5")), LotID: new(p.LotID(id)), Parameter: "core_temp", Value: quantity.MustParse(celsius), Unit: "CEL", At: p.Now(), Probe: new(fmt.Sprint("P", probe)),
		})
	}
	return taken
}

// TestACurveThatIsMissedHolds: as soon as the readings so far show it, and not before; once.
func TestACurveThatIsMissedHolds(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	slow, quick := p.Make("CHILL", "50"), p.Make("CHILL", "50")
	read := func(what, ofSlow, ofQuick string, want ...uuid.UUID) {
		t.Helper()
		var taken []*qc.Taken
		if ofSlow != "" {
			taken = core(t, p, slow, ofSlow)
		}
		if ofQuick != "" {
			taken = append(taken, core(t, p, quick, ofQuick)...)
		}
		got, err := send(p, taken...)
		if err != nil || !slices.Equal(got.Held, want) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	const alerts = "alert WHERE kind = 'LIMIT_EXCEEDED' AND severity = 'CRITICAL' AND message LIKE '%core_temp took 5460 s%'"
	read("hot", "60", "60")
	p.Pass(80 * time.Minute)
	read("warm", "", "27")
	p.Pass(9 * time.Minute)
	read("it can still get there", "30", "26")
	p.Pass(2 * time.Minute)
	read("too late", "27", "25", slow)
	if n := count(t, p, alerts); n != 1 || !p.Lot(slow).Held || p.Lot(quick).Held {
		t.Errorf("%d alerts of it", n)
	}
	p.Pass(time.Minute)
	read("it was told", "26", "20")
	p.Pass(4 * time.Hour)
	read("cold", "3", "4")
	if n := count(t, p, "alert WHERE kind = 'LIMIT_EXCEEDED'"); n != 1 {
		t.Errorf("%d alerts", n)
	}
	if _, err := p.Holds.ReleaseLot(p.As(p.Second), hold.Release{LotID: p.LotID(slow), Reason: "eaten up by the staff at once", Evaluation: new("it went through the kettle again, at 80 °C for a minute"), Password: linetest.Password}); err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
	read("what it was held for is over", "3", "")
	if p.Lot(slow).Held {
		t.Error("it is held again for the same way")
	}
}

// TestACurveInOneBatch: a logger that is read out when all is over.
func TestACurveInOneBatch(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	id := p.Make("CHILL", "50")
	var taken []*qc.Taken
	for minute := range 300 {
		p.Pass(time.Minute)
		taken = append(taken, core(t, p, id, quantity.FromInt(int64(60-minute/6)).String())...) // 26.7 °C after 200 min
	}
	got, err := send(p, taken...)
	if err != nil || got.Count != 900 || !slices.Equal(got.Held, []uuid.UUID{id}) {
		t.Fatalf("%d, %v held, %v", got.Count, got.Held, err)
	}
	_, err = record(p, qc.Record{GateID: gate(t, p, "5"), LotID: new(p.LotID(id)), Decision: db.QcOutcomePASS})
	linetest.Refused(t, err, fault.FailedPrecondition, "measurements", "")
}
