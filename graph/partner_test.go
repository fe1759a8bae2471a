package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"flowviz/db"
	"flowviz/db/dbtest"
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
	if string(answer) != `{"data":{"partners":{"totalCount":1}}}` {
		t.Errorf("after all this: %s", answer)
	}
}
