package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/db/dbtest"
	"flowviz/graph"
)

// TestCostTableIsPrinted holds the table of weights to the schema.
func TestCostTableIsPrinted(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile("../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(graph.CostTable(), string(have)); diff != "" {
		t.Errorf("docs/cost.md is not what the schema says (-schema +table); run `make generate`:\n%s", diff)
	}
}

// TestCost: what an operation may have to read is counted before it runs. Those within the limit are answered.
func TestCost(t *testing.T) {
	t.Parallel()
	h := newHandler(t, newResolver(dbtest.New(t, nil)))
	introspection, err := os.ReadFile("testdata/documents/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	const walk = `ancestors(first: 10000) { nodes { id code weightKg temperatureC lotType { code } } }`
	for name, tc := range map[string]struct {
		document, variables string
		cost                int // of what is refused; 0 of what is answered
	}{
		"10,000 ancestors with their types":    {`query ($code: String!) { lot(code: $code) { ` + walk + ` } }`, `{"code": "x"}`, 0},
		"10,000 ancestors of each of 100":      {`{ lots(first: 100) { nodes { ` + walk + ` } } }`, ``, 1 + 100*(1+100+1+20_000)},
		"100 ancestors of each of 100":         {`{ lots(first: 100) { nodes { ancestors(first: 100) { nodes { code } } } } }`, ``, 0},
		"by a variable":                        {`query ($n: Int) { lots(first: $n) { nodes { ancestors(first: 1000) { nodes { code } } } } }`, `{"n": 100}`, 1 + 100*(1+100+1+1_000)},
		"by a variable that asks for less":     {`query ($n: Int) { lots(first: $n) { nodes { ancestors(first: 1000) { nodes { code } } } } }`, `{"n": 10}`, 0},
		"in fragments":                         {`{ lots(first: 100) { ...page } } fragment page on LotConnection { nodes { ... { ...lot } } } fragment lot on Lot { ancestors(first: 1000) { edges { node { code } } } }`, ``, 1 + 100*(1+100+1+2*1_000)},
		"lists in lists":                       {`{ runs(first: 100) { nodes { lots(first: 100) { nodes { decisions(first: 100) { nodes { id } } } } } } }`, ``, 1 + 100*(1+1+100*(1+1+100))},
		"a page too long is the field's fault": {`{ lots(first: 2000000000) { nodes { code } } }`, ``, 0},
		"two audit logs":                       {`{ a: verifyAudit(site: "A") { intact } b: verifyAudit(site: "B") { intact } }`, ``, 2 * (25_000 + 1)},
		"what GraphiQL asks of the schema":     {string(introspection), ``, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer, _ := ask(t, h, tc.document, json.RawMessage(tc.variables))
			want := fmt.Sprintf(`"extensions":{"code":"LIMIT","cost":%d,"limit":"cost","value":50000}`, tc.cost)
			if got := strings.Contains(string(answer), `"limit":"cost"`); status != http.StatusOK || got != (tc.cost > 0) || got && !strings.Contains(string(answer), want) {
				t.Errorf("%d %.500s; want %s", status, answer, want)
			}
		})
	}
}

// TestNestedObjectsAreCounted: lists in lists that come to more than an answer may hold end the operation, with one error.
func TestNestedObjectsAreCounted(t *testing.T) {
	t.Parallel()
	const query = `{ runs(first: 100) { nodes { lots(first: %[1]d) { nodes { code } edges { cursor } } decisions(first: %[1]d) { nodes { id } edges { cursor } } } } }`
	h := demoHandler(t)
	if _, answer, _ := ask(t, h, fmt.Sprintf(query, 5), nil); strings.Contains(string(answer), `"errors"`) {
		t.Errorf("a small one: %.500s", answer)
	}
	_, answer, _ := ask(t, h, fmt.Sprintf(query, 100), nil)
	var got struct {
		Data   any
		Errors []struct {
			Message    string
			Extensions struct {
				Code, Limit string
				Value, Cost int
			}
		}
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Errors) != 1 || got.Data != nil || got.Errors[0].Extensions.Limit != "objects" || got.Errors[0].Extensions.Value != 20_000 || got.Errors[0].Extensions.Cost <= 20_000 {
		t.Errorf("%.1000s", answer)
	}
}
