package transformation_test

import (
	"testing"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/site"
	"flowviz/internal/transformation"
)

// TestEndedSite: nothing is made or started where a plant was closed; what is there is shipped, and held.
func TestEndedSite(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	sites := site.NewService(p.Commands, p.App)
	admin := &identity.Actor{UserID: p.Manager.UserID, Memberships: map[int32]identity.Role{p.Site.ID: db.RoleADMIN}}
	end := site.End{SiteCode: p.Site.Code}

	prep := p.Make("PREP", "100")
	started, err := p.Runs.Start(p.As(p.Operator), run.Start{SiteCode: p.Site.Code, ScenarioKey: "chilled-ready-meal"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sites.End(p.As(p.Manager), end)
	linetest.Refused(t, err, fault.Forbidden, "", "ADMIN")
	_, err = sites.End(p.As(admin), end)
	linetest.Refused(t, err, fault.FailedPrecondition, "siteCode", "complete or abort RUN-20261001-DUNA-0001 first")
	if _, err := p.Runs.Abort(p.As(p.Manager), run.Change{RunID: p.RunID(started), Reason: "the plant is closed"}); err != nil {
		t.Fatal(err)
	}
	if _, err := sites.End(p.As(admin), end); err != nil {
		t.Fatal(err)
	}
	_, err = sites.End(p.As(admin), end)
	linetest.Refused(t, err, fault.FailedPrecondition, "siteCode", "has ended already")

	_, err = p.TryMake("PREP", "1")
	linetest.Refused(t, err, fault.FailedPrecondition, "siteCode", "DUNA has ended")
	_, err = p.Runs.Start(p.As(p.Operator), run.Start{SiteCode: p.Site.Code, ScenarioKey: "chilled-ready-meal"})
	linetest.Refused(t, err, fault.FailedPrecondition, "siteCode", "DUNA has ended")

	if _, err := p.Transformations.ShipLots(p.As(p.Operator), transformation.Shipment{LotIDs: []relay.ID{p.LotID(prep)}, PartnerID: p.Customer}); err != nil {
		t.Error(err)
	}
	stop(t, p, prep)
}

// TestEndWaitsForWhatIsBeingMade: who registers a lot while the site is ended has it before, or not at all.
func TestEndWaitsForWhatIsBeingMade(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	admin := &identity.Actor{UserID: p.Manager.UserID, Memberships: map[int32]identity.Role{p.Site.ID: db.RoleADMIN}}
	working, err := p.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := working.Exec(t.Context(), `SELECT pg_advisory_xact_lock_shared(1, $1)`, p.Site.ID); err != nil { // as one who has begun
		t.Fatal(err)
	}
	ended, made := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := site.NewService(p.Commands, p.App).End(p.As(admin), site.End{SiteCode: p.Site.Code})
		ended <- err
	}()
	if !p.Waits(ended) {
		t.Fatal("a site ends while somebody works there")
	}
	go func() { // comes after the end, and has seen the site before it
		_, err := p.TryMake("PREP", "1")
		made <- err
	}()
	var waiting int
	for waiting < 2 {
		if err := p.Owner.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND NOT l.granted`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := working.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	linetest.Refused(t, <-made, fault.FailedPrecondition, "siteCode", "DUNA has ended")
}
