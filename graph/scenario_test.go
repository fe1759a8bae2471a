package graph_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
)

// TestScenariosLife asks through the API; the rules are tried in internal/scenario.
func TestScenariosLife(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const password = "four brown hens on a roof"
	pool := dbtest.New(t, nil)
	site, err := db.New(pool).InsertSite(t.Context(), db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	must(err)
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	r := newResolver(app)
	made, err := r.Identity.Create(identity.WithActor(identity.WithOrigin(t.Context(), identity.Origin{Program: "test"}), identity.Program([]int32{site})), identity.NewUser{
		Email: "m@example.com", FullName: "M", Password: password, Memberships: []identity.SiteRole{{SiteCode: "DUNA", Role: db.RoleMANAGER}},
	})
	must(err)
	who := &identity.Actor{UserID: made.ID, Memberships: map[int32]identity.Role{site: db.RoleMANAGER}}
	h := newHandler(t, r)
	file, err := os.ReadFile("../internal/scenario/catalogue/doner-frozen.json")
	must(err)

	// id is of the version that the last answer had.
	var id string
	send := func(name, query string, variables map[string]any, want string) (answer string) {
		t.Helper()
		raw, err := json.Marshal(variables)
		must(err)
		_, body, _ := askAs(t, h, who, query, raw)
		answer = string(body)
		if !strings.Contains(answer, want) {
			t.Fatalf("%s: %.1000s\nwant %s", name, answer, want)
		}
		if _, after, ok := strings.Cut(answer, `{"scenario":{"id":"`); ok {
			id, _, _ = strings.Cut(after, `"`)
		}
		return answer
	}
	do := func(name, mutation, want string, input map[string]any) string {
		t.Helper()
		kind := strings.ToUpper(mutation[:1]) + mutation[1:]
		query := fmt.Sprintf(`mutation ($input: %sInput!) { %s(input: $input) { scenario { id version status gates { number limits { anyOf { value } } } } } }`, kind, mutation)
		return send(name, query, map[string]any{"input": input}, want)
	}
	definition := json.RawMessage(file)
	first := map[string]any{"definition": definition, "idempotencyKey": "1"}
	whole := do("create", "createScenario", `"version":"1.0.0","status":"DRAFT"`, first)
	if again := do("again", "createScenario", `"status":"DRAFT"`, first); again != whole {
		t.Errorf("%s\nthen %s", whole, again)
	}
	do("twice", "createScenario", `"extensions":{"code":"CONFLICT","field":"definition.version"}`, map[string]any{"definition": definition})
	do("change", "changeScenario", `"status":"DRAFT"`, map[string]any{"scenarioId": id, "definition": definition})
	do("submit", "submitScenario", `"status":"REVIEW"`, map[string]any{"scenarioId": id})
	do("return", "returnScenario", `"status":"DRAFT"`, map[string]any{"scenarioId": id, "reason": "the salt is missing"})
	do("submit again", "submitScenario", `"status":"REVIEW"`, map[string]any{"scenarioId": id})
	do("no password", "publishScenario", `"extensions":{"code":"BAD_USER_INPUT","field":"password"}`, map[string]any{"scenarioId": id})
	publish := func(want string) {
		t.Helper()
		send("publish", fmt.Sprintf(`mutation { publishScenario(input: {scenarioId: %q, password: %q}) { scenario { id status } replaced { version status } } }`, id, password), nil, want)
	}
	publish(`"status":"PUBLISHED"},"replaced":null`)
	do("copy", "copyScenario", `"version":"1.1.0","status":"DRAFT"`, map[string]any{"scenarioId": id, "version": "1.1.0"})
	do("submit the copy", "submitScenario", `"status":"REVIEW"`, map[string]any{"scenarioId": id})
	publish(`"status":"PUBLISHED"},"replaced":{"version":"1.0.0","status":"DEPRECATED"}`)
	do("deprecate", "deprecateScenario", `"status":"DEPRECATED"`, map[string]any{"scenarioId": id, "reason": "nobody eats it"})

	// What is exported is what was given, as a program reads it.
	const check = `query ($definition: JSON!) { scenarioFaults(definition: $definition) { pointer place message } }`
	var exported struct {
		Data struct {
			Scenario struct{ Definition json.RawMessage }
		}
	}
	answer := send("export", `{ scenario(key: "doner-frozen", version: "1.0.0") { definition } }`, nil, `"definition":{`)
	must(json.Unmarshal([]byte(answer), &exported))
	if diff := cmp.Diff(asValue(t, file), asValue(t, exported.Data.Scenario.Definition)); diff != "" {
		t.Errorf("given (-), exported (+):\n%s", diff)
	}
	send("check", check, map[string]any{"definition": exported.Data.Scenario.Definition}, `{"data":{"scenarioFaults":[]}}`)
	broken := json.RawMessage(strings.Replace(string(file), `"number": 3, "stream"`, `"stream"`, 1))
	send("a fault", check, map[string]any{"definition": broken}, `{"pointer":"/phases/3/number","place":"phases[3].number","message":"missing: add it"}`)
	do("a fault in a new one", "createScenario", `"extensions":{"code":"BAD_USER_INPUT","field":"definition.phases[3].number"}`, map[string]any{"definition": broken})
}

func asValue(t *testing.T, raw []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
