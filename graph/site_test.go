package graph_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
)

// plant is a database of its own with the site DUNA, and one user who is what a test says.
type plant struct {
	owner *pgxpool.Pool
	app   *pgxpool.Pool
	h     http.Handler
	actor *identity.Actor
}

func newPlant(t *testing.T, role identity.Role) *plant {
	t.Helper()
	p := &plant{owner: dbtest.New(t, nil), actor: &identity.Actor{UserID: newID()}}
	q := db.New(p.owner)
	duna, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.InsertUser(t.Context(), db.InsertUserParams{ID: p.actor.UserID, Email: "a@example.com", FullName: "A", CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := q.PutMembership(t.Context(), db.PutMembershipParams{UserID: p.actor.UserID, SiteID: duna, Role: role}); err != nil {
		t.Fatal(err)
	}
	p.actor.Memberships = map[int32]identity.Role{duna: role}
	p.app = dbtest.AsApp(t, p.owner, nil)
	t.Cleanup(p.app.Close)
	p.h = newHandler(t, newResolver(p.app))
	t.Cleanup(func() { hearAll(t, p.owner, p.app, p.actor) })
	return p
}

// ask asks as the plant's user, with an input where there is one.
func (p *plant) ask(t *testing.T, query, input string) string {
	t.Helper()
	variables := json.RawMessage(nil)
	if input != "" {
		variables = json.RawMessage(`{"input":` + input + `}`)
	}
	_, answer, _ := askAs(t, p.h, p.actor, query, variables)
	return string(answer)
}

// step is one request of a test, and what its answer must hold.
type step struct {
	name, query, input string
	want               []string
}

func (p *plant) walk(t *testing.T, steps []step) {
	t.Helper()
	for _, s := range steps {
		answer := p.ask(t, s.query, s.input)
		for _, want := range s.want {
			if !strings.Contains(answer, want) {
				t.Errorf("%s: %s\nwant %s", s.name, answer, want)
			}
		}
	}
}

// sql runs a statement as the owner.
func (p *plant) sql(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := p.owner.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// fault is what an answer holds of one.
func faulty(code, field string) string {
	return `"extensions":{"code":"` + code + `","field":"` + field + `"}`
}

const (
	createSite = `mutation ($input: CreateSiteInput!) { createSite(input: $input) { site { id code name timeZone productionDayStart gln companyPrefix maxLotKg } } }`
	endSite    = `mutation ($input: EndSiteInput!) { endSite(input: $input) { site { code endedAt } } }`
	changeSite = `mutation ($input: ChangeSiteInput!) { changeSite(input: $input) { site { code name timeZone productionDayStart gln address approvalNumber companyPrefix maxLotKg } } }`
	events     = `{ auditEvents { nodes { action subjectLabel before after } } }`
)

func TestChangeSite(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleADMIN)
	p.walk(t, []step{
		{"as it was", `{ sites { productionDayStart companyPrefix maxLotKg } }`, "", []string{`[{"productionDayStart":"06:00","companyPrefix":null,"maxLotKg":"10000.000"}]`}},
		{
			"changed", changeSite, `{"siteCode":"DUNA","name":" Duna Works ","timeZone":"Europe/Vienna","productionDayStart":"05:30","gln":"9521001000000",
				"address":"1 Quay","approvalNumber":"HU 1","companyPrefix":"9521001","maxLotKg":"120000"}`,
			[]string{`{"code":"DUNA","name":"Duna Works","timeZone":"Europe/Vienna","productionDayStart":"05:30","gln":"9521001000000","address":"1 Quay","approvalNumber":"HU 1","companyPrefix":"9521001","maxLotKg":"120000.000"}`},
		},
		{
			"one value, and one taken away", changeSite, `{"siteCode":"DUNA","productionDayStart":"06:00","gln":""}`,
			[]string{`"name":"Duna Works","timeZone":"Europe/Vienna","productionDayStart":"06:00","gln":null,"address":"1 Quay"`},
		},
		{"the log says what changed", events, "", []string{
			`{"nodes":[{"action":"CHANGE_SITE","subjectLabel":"DUNA","before":{"gln":"9521001000000","productionDayStart":"05:30"},"after":{"gln":null,"productionDayStart":"06:00"}},`,
			`"after":{"address":"1 Quay","approvalNumber":"HU 1","companyPrefix":"9521001","gln":"9521001000000","maxLotKg":"120000.000","name":"Duna Works","productionDayStart":"05:30","timeZone":"Europe/Vienna"}`,
		}},
		{"nothing changed", changeSite, `{"siteCode":"DUNA","name":"Duna Works"}`, []string{`"name":"Duna Works"`}},
		{"so nothing is in the log", `{ auditEvents { totalCount } }`, "", []string{`"totalCount":2`}},
		{"an unknown site", changeSite, `{"siteCode":"NOPE","name":"x"}`, []string{faulty("NOT_FOUND", "siteCode")}},
		{
			"all wrong", changeSite, `{"siteCode":"DUNA","name":" ","timeZone":"Europe/Atlantis","productionDayStart":"24:00","gln":"1",
				"address":"` + strings.Repeat("x", 501) + `","approvalNumber":"` + strings.Repeat("x", 101) + `","companyPrefix":"123","maxLotKg":"9999.999"}`,
			[]string{
				faulty("BAD_USER_INPUT", "name"), faulty("BAD_USER_INPUT", "timeZone"), faulty("BAD_USER_INPUT", "productionDayStart"), faulty("BAD_USER_INPUT", "gln"),
				faulty("BAD_USER_INPUT", "address"), faulty("BAD_USER_INPUT", "approvalNumber"), faulty("BAD_USER_INPUT", "companyPrefix"), faulty("BAD_USER_INPUT", "maxLotKg"),
			},
		},
		{"Go's own zone", changeSite, `{"siteCode":"DUNA","timeZone":"Local"}`, []string{faulty("BAD_USER_INPUT", "timeZone")}},
		{"no zone", changeSite, `{"siteCode":"DUNA","timeZone":""}`, []string{faulty("BAD_USER_INPUT", "timeZone")}},
		{"half a gram", changeSite, `{"siteCode":"DUNA","maxLotKg":"20000.0005"}`, []string{faulty("BAD_USER_INPUT", "maxLotKg")}},
		{"too heavy", changeSite, `{"siteCode":"DUNA","maxLotKg":"1000000.001"}`, []string{faulty("BAD_USER_INPUT", "maxLotKg")}},
		{"an hour of one digit", changeSite, `{"siteCode":"DUNA","productionDayStart":"6:00"}`, []string{faulty("BAD_USER_INPUT", "productionDayStart")}},
	})
	p.walk(t, []step{
		{"ended", endSite, `{"siteCode":"DUNA"}`, []string{`"code":"DUNA","endedAt":"20`}},
		{"ended twice", endSite, `{"siteCode":"DUNA"}`, []string{faulty("FAILED_PRECONDITION", "siteCode")}},
	})
	p.actor.Memberships[1] = db.RoleMANAGER
	p.walk(t, []step{{"a manager changes no settings", changeSite, `{"siteCode":"DUNA","name":"x"}`, []string{`"FORBIDDEN"`}}})
	p.actor.Memberships = map[int32]identity.Role{1: db.RoleVIEWER, 2: db.RoleADMIN}
	p.walk(t, []step{{"nor an admin of another", changeSite, `{"siteCode":"DUNA","name":"x"}`, []string{`"FORBIDDEN"`}}})
}

func TestCreateSite(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleADMIN)
	const tisz = `{"code":"TISZ","name":"Tisza","timeZone":"Europe/Budapest","productionDayStart":"04:00","companyPrefix":"9521002","idempotencyKey":"one"}`
	first := p.ask(t, createSite, tisz)
	const made = `"code":"TISZ","name":"Tisza","timeZone":"Europe/Budapest","productionDayStart":"04:00","gln":null,"companyPrefix":"9521002","maxLotKg":"10000.000"`
	if !strings.Contains(first, made) {
		t.Fatal(first)
	}
	if again := p.ask(t, createSite, tisz); again != first {
		t.Errorf("sent again: %s\nnot %s", again, first)
	}
	p.walk(t, []step{
		{"the code is taken", createSite, `{"code":"TISZ","name":"x","timeZone":"UTC"}`, []string{faulty("CONFLICT", "code")}},
		{"all wrong", createSite, `{"code":"Tisz","name":"","timeZone":"nowhere","gln":"2"}`, []string{
			faulty("BAD_USER_INPUT", "code"), faulty("BAD_USER_INPUT", "name"), faulty("BAD_USER_INPUT", "timeZone"), faulty("BAD_USER_INPUT", "gln"),
		}},
		{"one more", createSite, `{"code":"RABA","name":"Raba","timeZone":"UTC"}`, []string{`"code":"RABA"`}},
	})
	rows, err := db.New(p.owner).MembershipsOfUser(t.Context(), p.actor.UserID)
	if err != nil || len(rows) != 3 || rows[1].Role != db.RoleADMIN {
		t.Fatalf("the creator is a member of %v (%v)", rows, err)
	}
	p.actor.Memberships = map[int32]identity.Role{rows[1].SiteID: db.RoleADMIN}
	p.walk(t, []step{
		{"its log begins with it", events, "", []string{
			`[{"action":"CHANGE_MEMBERSHIP","subjectLabel":"a@example.com","before":null,"after":{"role":"ADMIN"}},{"action":"CREATE_SITE","subjectLabel":"TISZ","before":null,"after":{"address":null,`,
		}},
		{"and its stream", `{ eventCursor(site: "TISZ") }`, "", []string{`"eventCursor"`}},
	})
	p.actor.Memberships[rows[1].SiteID] = db.RoleMANAGER
	p.walk(t, []step{{"who is no admin", createSite, `{"code":"ZALA","name":"Zala","timeZone":"UTC"}`, []string{`"FORBIDDEN"`}}})
	p.actor.Memberships[rows[1].SiteID] = db.RoleADMIN
	p.actor.Token = newID()
	p.walk(t, []step{{"a program", createSite, `{"code":"ZALA","name":"Zala","timeZone":"UTC"}`, []string{`"FORBIDDEN"`}}})
	p.actor.Token = identity.Actor{}.Token

	p.sql(t, `DELETE FROM membership WHERE site_id = $1`, rows[1].SiteID)
	p.walk(t, []step{{"sent again by whom it is there for no more", createSite, tisz, []string{`"NOT_FOUND"`}}})

	// The database asks too: a caller that it doesn't know as an ADMIN makes none.
	p.sql(t, `UPDATE membership SET role = 'MANAGER'`)
	p.walk(t, []step{{"an actor who isn't what they say", createSite, `{"code":"ZALA","name":"Zala","timeZone":"UTC"}`, []string{`"INTERNAL"`}}})
}
