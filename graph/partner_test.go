package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/relay"
)

const register = `mutation ($input: RegisterPartnerInput!) { registerPartner(input: $input) { partner { name gln address site { code } } } }`

// TestRegisterPartner walks the one way of every mutation: checks, a transaction, and faults that name the field.
func TestRegisterPartner(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	_, err := db.New(pool).InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	if err != nil {
		t.Fatal(err)
	}
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	h := newHandler(t, newResolver(app))
	for _, step := range []struct{ name, input, want string }{
		{"made", `{"siteCode":"DUNA","name":" Farm ","gln":"9521321000001"}`, `{"data":{"registerPartner":{"partner":{"name":"Farm","gln":"9521321000001","address":null,"site":{"code":"DUNA"}}}}}`},
		{"again", `{"siteCode":"DUNA","name":"Other","gln":"9521321000001"}`, `"extensions":{"code":"CONFLICT","field":"gln"}`},
		{"unknown site", `{"siteCode":"NOPE","name":"Farm"}`, `"extensions":{"code":"NOT_FOUND","field":"siteCode"}`},
		{"its own number", `{"siteCode":"DUNA","name":"Mill","identifier":"V-7"}`, `"name":"Mill"`},
		{"its own number again", `{"siteCode":"DUNA","name":"Other","identifier":"V-7"}`, `"extensions":{"code":"CONFLICT","field":"identifier"}`},
		{"wrong check digit", `{"siteCode":"DUNA","name":"Farm","gln":"9521321000008"}`, `"extensions":{"code":"BAD_USER_INPUT","field":"gln"}`},
		{"both wrong: the name", `{"siteCode":"DUNA","name":"  ","gln":"1"}`, `"extensions":{"code":"BAD_USER_INPUT","field":"name"}`},
		{"both wrong: the number", `{"siteCode":"DUNA","name":"  ","gln":"1"}`, `"extensions":{"code":"BAD_USER_INPUT","field":"gln"}`},
		{"no name at all", `{"siteCode":"DUNA"}`, `BAD_USER_INPUT`},
	} {
		_, answer, _ := ask(t, h, register, json.RawMessage(`{"input":`+step.input+`}`))
		if !strings.Contains(string(answer), step.want) {
			t.Errorf("%s: %s\nwant %s", step.name, answer, step.want)
		}
	}
	_, answer, _ := ask(t, h, `{ partners { totalCount } }`, nil)
	if string(answer) != `{"data":{"partners":{"totalCount":2}}}` {
		t.Errorf("after all this: %s", answer)
	}
}

const (
	changePartner = `mutation ($input: ChangePartnerInput!) { changePartner(input: $input) { partner { name gln identifier address endedAt } } }`
	endPartner    = `mutation ($input: EndPartnerInput!) { endPartner(input: $input) { partner { name endedAt } } }`
)

func TestChangePartner(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleMANAGER)
	const quick = `mutation ($input: RegisterPartnerInput!) { registerPartner(input: $input) { partner { id } } }`
	id := idIn(t, p.ask(t, quick, `{"siteCode":"DUNA","name":"Farm","gln":"9521321000001","address":"1 Road"}`))
	p.ask(t, quick, `{"siteCode":"DUNA","name":"Mill","gln":"9521321000018"}`)
	input := func(fields string) string { return `{"partnerId":"` + id + `",` + fields + `}` }
	p.walk(t, []step{
		{"changed", changePartner, input(`"name":" Green Farm ","identifier":"https://farm.example","address":""`), []string{
			`{"name":"Green Farm","gln":"9521321000001","identifier":"https://farm.example","address":null,"endedAt":null}`,
		}},
		{"the log says what", events, "", []string{
			`{"action":"CHANGE_PARTNER","subjectLabel":"Green Farm","before":{"address":"1 Road","identifier":null,"name":"Farm"},"after":{"address":null,"identifier":"https://farm.example","name":"Green Farm"}}`,
		}},
		{"nothing changed, nothing logged", changePartner, input(`"name":"Green Farm"`), []string{`"name":"Green Farm"`}},
		{"both wrong", changePartner, input(`"name":"","gln":"9521321000008"`), []string{faulty("BAD_USER_INPUT", "name"), faulty("BAD_USER_INPUT", "gln")}},
		{"another's GLN", changePartner, input(`"gln":"9521321000018"`), []string{faulty("CONFLICT", "gln")}},
		{"no partner", changePartner, `{"partnerId":"` + relay.ID{Kind: relay.Partner, Site: 1, UUID: newID()}.String() + `"}`, []string{faulty("NOT_FOUND", "partnerId")}},
		{"another site's id", endPartner, `{"partnerId":"` + relay.ID{Kind: relay.Partner, Site: 7, UUID: newID()}.String() + `"}`, []string{faulty("NOT_FOUND", "partnerId")}},
		{"a lot's id", endPartner, `{"partnerId":"` + relay.ID{Kind: relay.Lot, Site: 1}.String() + `"}`, []string{faulty("BAD_USER_INPUT", "partnerId")}},
		{"ended", endPartner, `{"partnerId":"` + id + `"}`, []string{`"name":"Green Farm","endedAt":"20`}},
		{"ended twice", endPartner, `{"partnerId":"` + id + `"}`, []string{faulty("FAILED_PRECONDITION", "partnerId")}},
		{"changed after its end", changePartner, input(`"name":"x"`), []string{faulty("FAILED_PRECONDITION", "partnerId")}},
		{"who is left", `{ partners(filter: {ended: false}) { totalCount nodes { name } } }`, "", []string{`{"totalCount":1,"nodes":[{"name":"Mill"}]}`}},
		{"it can be read", `{ partners(filter: {ended: true, search: "https://farm.example"}) { nodes { name } } }`, "", []string{`[{"name":"Green Farm"}]`}},
		{"all that was done", `{ auditEvents { totalCount } }`, "", []string{`{"totalCount":4}`}},
	})
	p.actor.Memberships[1] = db.RoleOPERATOR
	p.walk(t, []step{{"an operator ends none", endPartner, `{"partnerId":"` + id + `"}`, []string{`"FORBIDDEN"`}}})
}
