package deviation_test

import (
	"testing"

	"flowviz/db"
	"flowviz/internal/deviation"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
)

// TestVerifiedByAnother: who opened it, or wrote any of it, is none who verifies it; what is written anew is verified anew.
func TestVerifiedByAnother(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lot := o.Make("PREP", "10")
	_, err := o.Holds.HoldLots(o.As(o.Manager), hold.Holding{LotIDs: []relay.ID{o.LotID(lot)}, Reason: "it smells of diesel"})
	o.must(err)
	id := o.all()[0]
	for _, part := range []string{"lacks its cause", "lacks its corrective action", "lacks the disposition of " + o.Lot(lot).Code} {
		linetest.Refused(t, o.verify(o.Second, id), fault.FailedPrecondition, "deviationId", part)
	}
	o.describe(id, db.DeviationDispositionRELEASE)
	linetest.Refused(t, o.verify(o.Manager, id), fault.FailedPrecondition, "deviationId", "you opened")
	linetest.Refused(t, o.verify(o.Operator, id), fault.Forbidden, "", "MANAGER")
	linetest.Refused(t, o.close(o.Second, id), fault.FailedPrecondition, "deviationId", "isn't verified")
	o.must(o.verify(o.Second, id))

	// Saying the same again changes nothing.
	o.describe(id, db.DeviationDispositionRELEASE)
	if d := o.row(id); d.Status != db.DeviationStatusVERIFIED {
		t.Errorf("the same again: %s", d.Status)
	}
	// A manager who wrote a word of it isn't another person any more, whoever writes after them.
	_, err = o.Deviations.Describe(o.As(o.Second), deviation.Description{DeviationID: o.id(id), Cause: new("the fork lift's tank leaks")})
	o.must(err)
	if d := o.row(id); d.Status != db.DeviationStatusOPEN || d.VerifiedBy != nil || d.Verification != nil {
		t.Errorf("described anew, and %s", d.Status)
	}
	o.describe(id, db.DeviationDispositionDESTROY)
	linetest.Refused(t, o.verify(o.Second, id), fault.FailedPrecondition, "deviationId", "you described")

	// The database keeps it too, whatever statement writes.
	if _, err := o.Owner.Exec(t.Context(), "UPDATE deviation SET verified_by = $2, verified_at = now(), verification = 'seen' WHERE id = $1", id, o.Second.UserID); err == nil {
		t.Error("the database took a verification by who described it")
	}
}
