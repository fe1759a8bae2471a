package deviation_test

import (
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/deviation"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// office is a plant whose people see to its deviations.
type office struct {
	*linetest.Plant
	t *testing.T
}

func newOffice(t *testing.T) office {
	t.Helper()
	return office{linetest.New(t), t}
}

func (o office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// id is a deviation's in the API.
func (o office) id(id uuid.UUID) relay.ID {
	return relay.ID{Kind: relay.Deviation, Site: o.Site.ID, UUID: id}
}

func (o office) row(id uuid.UUID) db.Deviation {
	o.t.Helper()
	rows, err := db.New(o.Owner).DeviationsByIDs(o.t.Context(), []uuid.UUID{id})
	o.must(err)
	if len(rows) != 1 {
		o.t.Fatalf("%d deviations %s", len(rows), id)
	}
	return rows[0]
}

// all are the deviations, the first one first.
func (o office) all() []uuid.UUID {
	o.t.Helper()
	var ids []uuid.UUID
	o.must(o.Owner.QueryRow(o.t.Context(), "SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM deviation").Scan(&ids))
	return ids
}

func (o office) count(from string, args ...any) (n int) {
	o.t.Helper()
	o.must(o.Owner.QueryRow(o.t.Context(), "SELECT count(*) FROM "+from, args...).Scan(&n))
	return n
}

// hold holds lots as the operator, and returns the deviation.
func (o office) hold(lots ...uuid.UUID) uuid.UUID {
	o.t.Helper()
	h := hold.Holding{Reason: "the supplier phoned about them"}
	for _, id := range lots {
		h.LotIDs = append(h.LotIDs, o.LotID(id))
	}
	_, err := o.Holds.HoldLots(o.As(o.Operator), h)
	o.must(err)
	all := o.all()
	return all[len(all)-1]
}

func (o office) release(id uuid.UUID) {
	o.t.Helper()
	_, err := o.Holds.ReleaseLot(o.As(o.Manager), hold.Release{LotID: o.LotID(id), Reason: "nothing was found in it", Password: linetest.Password})
	o.must(err)
}

func (o office) reject(id uuid.UUID) {
	o.t.Helper()
	_, err := o.Holds.RejectLot(o.As(o.Manager), hold.Rejection{LotID: o.LotID(id), Reason: "glass was found in it", Password: linetest.Password})
	o.must(err)
}

// describe says all that has to be said, as the operator; lots are those of which something else becomes.
func (o office) describe(id uuid.UUID, all db.DeviationDisposition, lots ...*deviation.LotDisposition) {
	o.t.Helper()
	_, err := o.Deviations.Describe(o.As(o.Operator), deviation.Description{
		DeviationID: o.id(id), Cause: new("a jar broke above the belt"), CorrectiveAction: new("the belt has a cover now"), Disposition: &all, Lots: lots,
	})
	o.must(err)
}

func (o office) verify(who *identity.Actor, id uuid.UUID) error {
	_, err := o.Deviations.Verify(o.As(who), deviation.Verification{DeviationID: o.id(id), Verification: "the cover is there, and closes"})
	return err
}

func (o office) close(who *identity.Actor, id uuid.UUID) error {
	_, err := o.Deviations.Close(o.As(who), deviation.Closing{DeviationID: o.id(id), Reason: "all is as it should be", Password: linetest.Password})
	return err
}
