package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/audit/audittest"
	"flowviz/internal/identity"
)

// as is the handler as somebody of these roles sees it.
func as(h http.Handler, roles map[int32]identity.Role) http.Handler {
	actor := &identity.Actor{UserID: uuid.MustParse("01900000-0000-7000-8000-00000000000a"), Memberships: roles}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(identity.WithActor(r.Context(), actor)))
	})
}

// TestAuditOfAMutation: what a mutation did stands in its site's log, which a manager of that site may verify, and sees tampered with.
func TestAuditOfAMutation(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	q := db.New(pool)
	duna, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: "TISZ", Name: "Tisza", TimeZone: "Europe/Budapest"}); err != nil {
		t.Fatal(err)
	}
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	h := newHandler(t, newResolver(app))
	nobody := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(identity.WithActor(r.Context(), nil)))
	})
	manager := as(h, map[int32]identity.Role{duna: db.RoleMANAGER})
	const verify = `{ verifyAudit(site: "DUNA") { site { code } intact events checkpoints covered flaw { sequence problem message } } }`
	const events = `{ auditEvents { totalCount nodes { sequence action subject { ... on Partner { name } } subjectLabel before after } } }`
	for _, step := range []struct {
		name    string
		h       http.Handler
		ask     string
		between string // SQL that runs before
		want    string
	}{
		{"nobody changes nothing", nobody, `mutation { registerPartner(input: {siteCode: "DUNA", name: "Farm"}) { partner { name } } }`, "", `"code":"UNAUTHENTICATED"`},
		{
			"nor does a manager of another site", as(h, map[int32]identity.Role{duna: db.RoleOPERATOR, duna + 1: db.RoleMANAGER}),
			`mutation { registerPartner(input: {siteCode: "DUNA", name: "Farm"}) { partner { name } } }`, "", `"code":"FORBIDDEN"`,
		},
		{
			"for whom another isn't there", as(h, map[int32]identity.Role{duna + 1: db.RoleMANAGER}),
			`mutation { registerPartner(input: {siteCode: "DUNA", name: "Farm"}) { partner { name } } }`, "", `"code":"NOT_FOUND"`,
		},
		{"a manager does", manager, `mutation { registerPartner(input: {siteCode: "DUNA", name: "Farm"}) { partner { name } } }`, "", `"name":"Farm"`},
		{
			"it is in the log", manager, events, "",
			`{"totalCount":1,"nodes":[{"sequence":1,"action":"REGISTER_PARTNER","subject":{"name":"Farm"},"subjectLabel":"Farm","before":null,"after":{"address":null,"gln":null,"identifier":null,"name":"Farm"}}]}`,
		},
		{"which is intact", manager, verify, "", `{"site":{"code":"DUNA"},"intact":true,"events":1,"checkpoints":0,"covered":0,"flaw":null}`},
		{"and another site's nobody's business", manager, strings.Replace(verify, "DUNA", "TISZ", 1), "", `"code":"NOT_FOUND"`},
		{"nor is there any other", manager, strings.Replace(verify, "DUNA", "NONE", 1), "", `"code":"NOT_FOUND"`},
		{"operators don't verify", as(h, map[int32]identity.Role{duna: db.RoleOPERATOR}), verify, "", `"code":"FORBIDDEN"`},
		{"who changes it is found out", manager, verify, "UPDATE audit_event SET subject_label = 'Barn'", `"intact":false,"events":0,"checkpoints":0,"covered":0,"flaw":{"sequence":1,"problem":"CHANGED"`},
		{"a subject that is gone is null", manager, events, "DELETE FROM partner", `"subject":null,"subjectLabel":"Barn"`},
	} {
		if step.between != "" {
			if _, err := pool.Exec(t.Context(), step.between); err != nil {
				t.Fatal(err)
			}
		}
		if _, answer, _ := ask(t, step.h, step.ask, nil); !strings.Contains(string(answer), step.want) {
			t.Errorf("%s: %s\nwant %s", step.name, answer, step.want)
		}
	}
}

// TestProveVerifyAudit: a long log is verified by one query, and so are one that was cut off together with its head, and one that was
// rewritten from an event on: the checkpoints know better.
func TestProveVerifyAudit(t *testing.T) {
	t.Parallel()
	rows := 20_000
	if dbtest.Full() {
		rows = 1_000_000
	}
	pool := dbtest.New(t, nil)
	duna, err := db.New(pool).InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	if err != nil {
		t.Fatal(err)
	}
	audittest.Long(t, pool, duna, rows)
	store := audit.NewFolder(t.TempDir())
	keys, err := audit.EnsureKeys(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	signing, err := audit.NewCheckpointer(pool, store, keys, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := signing.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	r := newResolver(app)
	r.Audit = audit.NewVerifier(app, store, keys)
	h := as(newHandler(t, r), map[int32]identity.Role{duna: db.RoleAUDITOR})
	verify := func(want string) time.Duration {
		began := time.Now()
		_, answer, _ := ask(t, h, `{ verifyAudit(site: "DUNA") { intact events checkpoints covered flaw { sequence problem } } }`, nil)
		took := time.Since(began)
		if string(answer) != `{"data":{"verifyAudit":`+want+`}}` {
			t.Errorf("%s; want %s", answer, want)
		}
		return took
	}
	took := verify(fmt.Sprintf(`{"intact":true,"events":%d,"checkpoints":1,"covered":%d,"flaw":null}`, rows, rows))
	audittest.Rewrite(t, pool, duna, rows-1)
	verify(fmt.Sprintf(`{"intact":false,"events":%d,"checkpoints":0,"covered":0,"flaw":{"sequence":%d,"problem":"REWRITTEN"}}`, rows-1, rows))
	audittest.Cut(t, pool, duna, rows)
	verify(fmt.Sprintf(`{"intact":false,"events":%d,"checkpoints":0,"covered":0,"flaw":{"sequence":%d,"problem":"CUT"}}`, rows-1, rows))
	t.Logf("prove: by GraphQL, %d events verified in %.1f s", rows, took.Seconds())
}

// TestAuditEventByID finds an event by the id that a list returned.
func TestAuditEventByID(t *testing.T) {
	t.Parallel()
	a := loadedDemo(t)
	_, answer, _ := ask(t, a.handler, `{ auditEvents(first: 1) { nodes { id hash } } }`, nil)
	var list struct {
		Data struct {
			AuditEvents struct{ Nodes []struct{ ID, Hash string } }
		}
	}
	if err := json.Unmarshal(answer, &list); err != nil || len(list.Data.AuditEvents.Nodes) != 1 {
		t.Fatalf("%v: %s", err, answer)
	}
	event := list.Data.AuditEvents.Nodes[0]
	_, answer, _ = ask(t, a.handler, fmt.Sprintf(`{ node(id: %q) { id ... on AuditEvent { hash } } }`, event.ID), nil)
	if want := fmt.Sprintf(`{"data":{"node":{"id":%q,"hash":%q}}}`, event.ID, event.Hash); string(answer) != want {
		t.Errorf("%s\nwant %s", answer, want)
	}
}
