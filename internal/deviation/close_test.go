package deviation_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/deviation"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

// ship ships all of a lot.
func (o office) ship(id uuid.UUID) {
	o.t.Helper()
	_, err := o.Transformations.ShipLots(o.As(o.Operator), transformation.Shipment{LotIDs: []relay.ID{o.LotID(id)}, PartnerID: o.Customer})
	o.must(err)
}

// waste and rework use so many kilograms of a lot.
func (o office) waste(id uuid.UUID, kg string)  { o.t.Helper(); o.Make("WASTE", kg, o.Of(id, kg)) }
func (o office) rework(id uuid.UUID, kg string) { o.t.Helper(); o.Make("REWORK", kg, o.Of(id, kg)) }

// TestEachDisposition: a deviation is closed when its lot has become what the disposition says, and not before.
func TestEachDisposition(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	released, rejected := o.release, o.reject
	both := func(first, second func(uuid.UUID)) func(uuid.UUID) {
		return func(id uuid.UUID) { first(id); second(id) }
	}
	used := func(use func(uuid.UUID, string), kg string) func(uuid.UUID) {
		return func(id uuid.UUID) { use(id, kg) }
	}
	nothing := func(uuid.UUID) {}
	for _, tc := range []struct {
		name        string
		disposition db.DeviationDisposition
		done        func(uuid.UUID)
		refused     string // part of why it can't be closed; "" where it can
	}{
		{"nobody let it go", db.DeviationDispositionRELEASE, nothing, "is still held"},
		{"released", db.DeviationDispositionRELEASE, released, ""},
		{"rejected and not released", db.DeviationDispositionRELEASE, rejected, "was rejected"},
		{"downgraded", db.DeviationDispositionDOWNGRADE, released, ""},
		{"rejected and not downgraded", db.DeviationDispositionDOWNGRADE, rejected, "was rejected"},
		{"rejected", db.DeviationDispositionDESTROY, rejected, ""},
		{"released and wasted", db.DeviationDispositionDESTROY, both(released, used(o.waste, "10")), ""},
		{"wasted for the most part", db.DeviationDispositionDESTROY, both(released, used(o.waste, "9")), "was neither rejected nor wasted"},
		{"wasted and still held", db.DeviationDispositionDESTROY, used(o.waste, "10"), "is still held"},
		{"released and not destroyed", db.DeviationDispositionDESTROY, released, "was neither rejected nor wasted"},
		{"reworked", db.DeviationDispositionREWORK, both(released, used(o.rework, "10")), ""},
		{"reworked in part", db.DeviationDispositionREWORK, both(released, used(o.rework, "4")), "was not reworked"},
		{"wasted and not reworked", db.DeviationDispositionREWORK, both(released, used(o.waste, "10")), "was not reworked"},
		{"sent back", db.DeviationDispositionRETURN, both(released, o.ship), ""},
		{"rejected and fetched", db.DeviationDispositionRETURN, rejected, ""},
		{"released and not sent back", db.DeviationDispositionRETURN, released, "was neither shipped back nor rejected"},
	} {
		lot := o.Make("WIP", "10")
		id := o.hold(lot)
		o.describe(id, tc.disposition)
		o.must(o.verify(o.Manager, id))
		tc.done(lot)
		err := o.close(o.Second, id)
		if tc.refused == "" {
			if err != nil || o.row(id).Status != db.DeviationStatusCLOSED {
				t.Errorf("%s: %v, and it is %s", tc.name, err, o.row(id).Status)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: closed", tc.name)
			continue
		}
		linetest.Refused(t, err, fault.FailedPrecondition, "deviationId", o.Lot(lot).Code+" "+tc.refused)
	}
}

// TestUsedBefore: what became of a lot before it was held is no answer.
func TestUsedBefore(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lot := o.Make("WIP", "10")
	o.rework(lot, "10")
	o.Pass(time.Second)
	id := o.hold(lot)
	o.describe(id, db.DeviationDispositionREWORK)
	o.must(o.verify(o.Manager, id))
	o.release(lot)
	linetest.Refused(t, o.close(o.Second, id), fault.FailedPrecondition, "deviationId", "was not reworked")
}

// TestHeldAfterItWasRejected: each deviation of a lot is closed by what was decided for it, also where another one had it rejected before.
func TestHeldAfterItWasRejected(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lot := o.Make("WIP", "10")
	o.reject(lot)
	o.Pass(time.Minute)
	id := o.hold(lot)
	o.waste(lot, "10")
	o.describe(id, db.DeviationDispositionDESTROY)
	o.must(o.verify(o.Manager, id))
	linetest.Refused(t, o.close(o.Second, id), fault.FailedPrecondition, "deviationId", "is still held: release or reject it first")
	o.reject(lot)
	if got := o.Lot(lot); got.Held || got.Status != db.LotStatusREJECTED {
		t.Errorf("held: %v, and %s", got.Held, got.Status)
	}
	o.must(o.close(o.Second, id))
}

// TestLotByLot: of lots that were held together, some are released and some destroyed; all that haven't become so are named.
func TestLotByLot(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	good, bad := o.Make("WIP", "10"), o.Make("WIP", "10")
	id := o.hold(good, bad)
	o.describe(id, db.DeviationDispositionRELEASE, &deviation.LotDisposition{LotID: o.LotID(bad), Disposition: db.DeviationDispositionDESTROY})
	o.must(o.verify(o.Manager, id))
	err := o.close(o.Second, id)
	for _, lot := range []uuid.UUID{good, bad} {
		linetest.Refused(t, err, fault.FailedPrecondition, "deviationId", o.Lot(lot).Code+" is still held")
	}
	o.release(good)
	o.reject(bad)
	o.must(o.close(o.Second, id))
}

// TestClosedOnce: of several who close one at the same moment, one does.
func TestClosedOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lot := o.Make("WIP", "10")
	id := o.hold(lot)
	o.describe(id, db.DeviationDispositionRELEASE)
	o.must(o.verify(o.Manager, id))
	o.release(lot)
	var closed atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := o.close(o.Second, id); err == nil {
				closed.Add(1)
			} else {
				linetest.Refused(t, err, fault.FailedPrecondition, "deviationId", "is closed")
			}
		})
	}
	wg.Wait()
	if n := closed.Load(); n != 1 || o.count("audit_event WHERE action = 'CLOSE_DEVIATION'") != 1 || o.count("signature WHERE meaning = 'closeDeviation'") != 1 {
		t.Errorf("%d closed it; %d times in the log", n, o.count("audit_event WHERE action = 'CLOSE_DEVIATION'"))
	}
}

// TestDescribedWhileItIsClosed: what was signed is what was verified, whoever writes at the same moment.
func TestDescribedWhileItIsClosed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 10 {
		lot := o.Make("WIP", "10")
		id := o.hold(lot)
		o.describe(id, db.DeviationDispositionRELEASE)
		o.must(o.verify(o.Manager, id))
		o.release(lot)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := o.Deviations.Describe(o.As(o.Operator), deviation.Description{DeviationID: o.id(id), Cause: new("no, it was the lid of a jar")}); err != nil {
				linetest.Refused(t, err, fault.FailedPrecondition, "deviationId", "is closed")
			}
		})
		wg.Go(func() {
			if err := o.close(o.Second, id); err != nil {
				linetest.Refused(t, err, fault.FailedPrecondition, "deviationId", "isn't verified")
			}
		})
		wg.Wait()
		d := o.row(id)
		changed := *d.Cause != "a jar broke above the belt"
		if closed := d.Status == db.DeviationStatusCLOSED; closed == changed {
			t.Errorf("closed: %v, changed: %v", closed, changed)
		}
	}
}
