package recall_test

import (
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/quantity"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const phoned = "the supplier phoned: glass"

// plant is one whose lots are recalled.
type plant struct {
	*linetest.Plant
	t       *testing.T
	auditor *identity.Actor
}

func newPlant(t *testing.T) plant {
	t.Helper()
	p := linetest.New(t)
	auditor := *p.Second
	auditor.Memberships = map[int32]identity.Role{p.Site.ID: db.RoleAUDITOR}
	return plant{p, t, &auditor}
}

func (p plant) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p plant) ids(lots ...uuid.UUID) []relay.ID {
	ids := make([]relay.ID, len(lots))
	for i, id := range lots {
		ids[i] = p.LotID(id)
	}
	return ids
}

func (p plant) recallID(id uuid.UUID) relay.ID {
	return relay.ID{Kind: relay.Recall, Site: p.Site.ID, UUID: id}
}

// try opens a recall.
func (p plant) try(who *identity.Actor, kind db.RecallKind, scope recall.Scope) (uuid.UUID, error) {
	in := recall.Opening{Kind: kind, Reason: phoned, Scope: scope}
	if kind == db.RecallKindREAL {
		in.Password = linetest.Password
	}
	return p.Recalls.Open(p.As(who), in)
}

func (p plant) open(kind db.RecallKind, scope recall.Scope) uuid.UUID {
	p.t.Helper()
	id, err := p.try(p.Manager, kind, scope)
	p.must(err)
	return id
}

func (p plant) close(who *identity.Actor, id uuid.UUID) error {
	_, err := p.Recalls.Close(p.As(who), recall.Closing{RecallID: p.recallID(id), Conclusion: new("  all of it was found  "), Password: linetest.Password})
	return err
}

func (p plant) refresh(id uuid.UUID) {
	p.t.Helper()
	_, err := p.Recalls.Refresh(p.As(p.auditor), recall.Refreshment{RecallID: p.recallID(id)})
	p.must(err)
}

func (p plant) release(id uuid.UUID) {
	p.t.Helper()
	_, err := p.Holds.ReleaseLot(p.As(p.Manager), hold.Release{LotID: p.LotID(id), Reason: "nothing was found in it", Password: linetest.Password})
	p.must(err)
}

func (p plant) ship(lots ...uuid.UUID) {
	p.t.Helper()
	_, err := p.Transformations.ShipLots(p.As(p.Operator), transformation.Shipment{LotIDs: p.ids(lots...), PartnerID: p.Customer})
	p.must(err)
}

// exec does something to the database that no command does.
func (p plant) exec(sql string, args ...any) {
	p.t.Helper()
	_, err := p.Owner.Exec(p.t.Context(), sql, args...)
	p.must(err)
}

func (p plant) count(from string, args ...any) (n int) {
	p.t.Helper()
	p.must(p.Owner.QueryRow(p.t.Context(), "SELECT count(*) FROM "+from, args...).Scan(&n))
	return n
}

// report is the last one, as the manager sees it.
func (p plant) report(id uuid.UUID) *recall.Report {
	p.t.Helper()
	var found []*recall.Report
	snapshot := db.NewSnapshot(p.t.Context(), p.App, p.Manager.Scope())
	defer snapshot.Close()
	found, err := recall.NewFinder(snapshot).Reports(p.t.Context(), []uuid.UUID{id})
	p.must(err)
	if len(found) != 1 {
		p.t.Fatalf("%d reports", len(found))
	}
	return found[0]
}

// figures are what a report says in kilograms and per cent.
func (p plant) figures(id uuid.UUID) [5]string {
	p.t.Helper()
	r := p.report(id)
	missing, err := r.MissingKg()
	p.must(err)
	percent, err := r.LocatedPercent()
	p.must(err)
	return [5]string{text(r.OnSiteKg), text(r.ShippedKg), text(r.TakenKg), text(missing), text(percent)}
}

func text(d quantity.Decimal) string { return d.String() }

// suspects are a recall's, in the order of their ids.
func (p plant) suspects(id uuid.UUID) (lots []uuid.UUID) {
	p.t.Helper()
	p.must(p.Owner.QueryRow(p.t.Context(), "SELECT coalesce(array_agg(lot_id ORDER BY lot_id), '{}') FROM recall_suspect WHERE recall_id = $1", id).Scan(&lots))
	return lots
}
