package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// TestAcknowledgeAlert asks through the API; the rules are tried in internal/alert.
func TestAcknowledgeAlert(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pool := dbtest.New(t, nil)
	q := db.New(pool)
	site, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	must(err)
	who := &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{site: db.RoleOPERATOR}}
	must(q.InsertUser(t.Context(), db.InsertUserParams{ID: who.UserID, Email: "o@example.com", FullName: "O", CreatedAt: time.Now()}))
	var ids []string
	for range 2 {
		row := db.CopyAlertsParams{ID: newID(), SiteID: site, Kind: db.AlertKindRUNIDLE, Severity: db.AlertSeverityWARNING, Message: "nothing moves", RaisedAt: time.Now()}
		_, err := q.CopyAlerts(t.Context(), []db.CopyAlertsParams{row})
		must(err)
		ids = append(ids, relay.ID{Kind: relay.Alert, Site: site, UUID: row.ID}.String())
	}
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	h := newHandler(t, newResolver(app))
	const fields = `kind acknowledgedBy { email }`
	const seen = `{"kind":"RUN_IDLE","acknowledgedBy":{"email":"o@example.com"}}`
	lot := relay.ID{Kind: relay.Lot, Site: site, UUID: newID()}
	for _, step := range []struct{ name, mutation, want string }{
		{"one", fmt.Sprintf(`acknowledgeAlert(input: {alertId: %q, idempotencyKey: "1"}) { alert { %s } }`, ids[0], fields), `{"data":{"acknowledgeAlert":{"alert":` + seen + `}}}`},
		{"again", fmt.Sprintf(`acknowledgeAlert(input: {alertId: %q, idempotencyKey: "1"}) { alert { %s } }`, ids[0], fields), `{"data":{"acknowledgeAlert":{"alert":` + seen + `}}}`},
		{"both", fmt.Sprintf(`acknowledgeAlerts(input: {alertIds: [%q, %q]}) { alerts { %s } }`, ids[0], ids[1], fields), `{"data":{"acknowledgeAlerts":{"alerts":[` + seen + `,` + seen + `]}}}`},
		{"no alert", fmt.Sprintf(`acknowledgeAlert(input: {alertId: %q}) { alert { %s } }`, lot, fields), `"extensions":{"code":"BAD_USER_INPUT","field":"alertId"}`},
	} {
		_, answer, _ := askAs(t, h, who, `mutation { `+step.mutation+` }`, json.RawMessage(`{}`))
		if !strings.Contains(string(answer), step.want) {
			t.Errorf("%s: %s\nwant %s", step.name, answer, step.want)
		}
	}
}
