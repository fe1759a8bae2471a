package audit_test

import (
	"testing"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

func TestRecordMemberships(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	app := dbtest.AsApp(t, pool, nil) // as a sign-in writes them: held by row level security
	t.Cleanup(app.Close)
	site := newSite(t, pool, "DUNA")
	mia := &identity.User{AppUser: db.AppUser{ID: newID(), Email: "mia@example.com"}}
	ctx := identity.WithOrigin(t.Context(), identity.Origin{Program: "sign-in"})
	must(t, db.InTx(ctx, app, db.Scope{Sites: []int32{site}}, func(q *db.Queries) error {
		return recorder().RecordMemberships(ctx, q, []identity.MembershipChange{
			{User: mia, Site: site, After: db.RoleMANAGER}, {User: mia, Site: site, Before: db.RoleMANAGER},
		})
	}))
	page, err := audit.NewFinder(pool).Page(t.Context(), nil, relay.PageArgs{})
	must(t, err)
	if len(page.Edges) != 2 {
		t.Fatalf("%d events", len(page.Edges))
	}
	last, first := page.Edges[0].Node, page.Edges[1].Node
	manager := `{"role":"MANAGER"}`
	if first.Before != nil || string(first.After) != manager || string(last.Before) != manager || last.After != nil {
		t.Errorf("%s → %s, %s → %s", first.Before, first.After, last.Before, last.After)
	}
	if id, ok := first.Subject(); !ok || id.UUID != mia.ID || id.Kind != relay.User || first.SubjectLabel != mia.Email || first.Action != string(audit.ChangeMembership) {
		t.Errorf("%+v", first)
	}
	intact(t, pool, site, 2)
}
