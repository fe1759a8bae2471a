package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/identity"
)

const accessTable = "../docs/access.md"

// TestAccessTableIsPrinted holds the reviewed table to the schema.
func TestAccessTableIsPrinted(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile(accessTable)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(graph.AccessTable(), string(have)); diff != "" {
		t.Errorf("docs/access.md is not what the schema says (-schema +table); run `make generate`:\n%s", diff)
	}
}

// TestMatrix sends, as each caller and on each transport, an operation for each field of the schema, and expects of it what the reviewed
// table says of the field and of those that lead to it.
func TestMatrix(t *testing.T) {
	t.Parallel()
	app := dbtest.AsApp(t, dbtest.New(t, nil), nil)
	t.Cleanup(app.Close)
	asked := matrix(t)
	for transport, newAsker := range map[string]func(t *testing.T, url string, as identity.Role) asker{
		"POST": askByPost, "server-sent events": askByStream, "a shared stream": askByShared, "websocket": askBySocket,
	} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			url := serveAs(t, app)
			asked, refusals := asked, 0
			if transport == "a shared stream" && !dbtest.Full() { // it costs three requests each time, through the gate of the others
				asked = everyTenth(asked)
			}
			for _, caller := range graph.Callers() {
				ask := newAsker(t, url, caller)
				if ask == nil {
					continue // and so can ask for nothing
				}
				for _, q := range asked {
					got := ask(t, q.document)
					if may := q.may[caller]; may == (got != "") {
						t.Errorf("%s as %s: allowed %t, and is answered %q\n%s", q.field, caller, may, got, q.document)
					}
					if got != "" {
						refusals++
					}
				}
			}
			t.Logf("prove: %d fields × %d callers by %s: as the table says, %d of them refused", len(asked), len(graph.Callers()), transport, refusals)
		})
	}
}

func everyTenth(all []question) (tenth []question) {
	for i := 0; i < len(all); i += 10 {
		tenth = append(tenth, all[i])
	}
	return tenth
}

// question is an operation for a field, and who may ask it.
type question struct {
	field, document string
	may             map[identity.Role]bool
}

// matrix is one question for each field of the table.
func matrix(t *testing.T) []question {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: graph.SDL()})
	expected := readAccessTable(t)
	routes := routesTo(schema)
	var asked []question
	for _, field := range slices.Sorted(maps.Keys(expected)) {
		typ, name, _ := strings.Cut(field, ".")
		def := schema.Types[typ]
		if def == nil || def.Fields.ForName(name) == nil {
			t.Errorf("the table has %s, which the schema hasn't", field)
			continue
		}
		route, ok := routes[typ]
		if !ok {
			t.Errorf("no operation reaches %s", field)
			continue
		}
		q := question{field, route.query(schema, def.Fields.ForName(name)), map[identity.Role]bool{}}
		for _, caller := range graph.Callers() {
			q.may[caller] = expected[field][caller] && !slices.ContainsFunc(route.fields, func(f string) bool { return !expected[f][caller] })
		}
		asked = append(asked, q)
	}
	return asked
}

// refusal is the code of an answer that was refused for who asks, before anything ran; "" of any other. What a resolver
// refuses, such as a wrong password, comes with data.
func refusal(t *testing.T, answer []byte) string {
	t.Helper()
	var a struct {
		Data   json.RawMessage
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		t.Fatalf("%v\n%s", err, answer)
	}
	if a.Data != nil {
		return ""
	}
	for _, e := range a.Errors {
		if code := e.Extensions.Code; code == "UNAUTHENTICATED" || code == "FORBIDDEN" {
			return code
		}
	}
	return ""
}

// readAccessTable reads who may, by field.
func readAccessTable(t *testing.T) map[string]map[identity.Role]bool {
	t.Helper()
	text, err := os.ReadFile(accessTable)
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]map[identity.Role]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != len(graph.Callers())+3 || !strings.Contains(cells[1], ".") {
			continue
		}
		row := map[identity.Role]bool{}
		for i, caller := range graph.Callers() {
			row[caller] = strings.TrimSpace(cells[i+2]) == "✓"
		}
		table[strings.TrimSpace(cells[1])] = row
	}
	if len(table) < 200 {
		t.Fatalf("the table has only %d fields", len(table))
	}
	return table
}

// route is how an operation reaches a type.
type route struct {
	operation string
	opening   string // up to the type's selection
	closing   int    // braces to close
	fields    []string
}

// routesTo finds a shortest route to each type.
func routesTo(schema *ast.Schema) map[string]route {
	routes := map[string]route{"Query": {operation: "query"}, "Mutation": {operation: "mutation"}, "Subscription": {operation: "subscription"}}
	for queue := []string{"Query", "Mutation", "Subscription"}; len(queue) > 0; queue = queue[1:] {
		from := routes[queue[0]]
		add := func(name, opening string, fields ...string) {
			if _, known := routes[name]; !known {
				routes[name] = route{from.operation, from.opening + opening, from.closing + 1, append(slices.Clip(from.fields), fields...)}
				queue = append(queue, name)
			}
		}
		for _, f := range schema.Types[queue[0]].Fields {
			if target := schema.Types[f.Type.Name()]; target.IsCompositeType() && !strings.HasPrefix(f.Name, "__") {
				add(target.Name, f.Name+arguments(schema, f)+" { ", queue[0]+"."+f.Name)
			}
		}
		for _, possible := range schema.PossibleTypes[queue[0]] {
			add(possible.Name, "... on "+possible.Name+" { ")
		}
	}
	return routes
}

func (r route) query(schema *ast.Schema, field *ast.FieldDefinition) string {
	selection := ""
	if schema.Types[field.Type.Name()].IsCompositeType() {
		selection = " { __typename }"
	}
	return r.operation + " { " + r.opening + field.Name + arguments(schema, field) + selection + strings.Repeat(" }", r.closing+1)
}

// arguments gives a field those that it can't do without.
func arguments(schema *ast.Schema, field *ast.FieldDefinition) string {
	var given []string
	for _, a := range field.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil {
			given = append(given, a.Name+": "+example(schema, a.Type))
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// example is any value of a type.
func example(schema *ast.Schema, typ *ast.Type) string {
	if typ.Elem != nil {
		return "[]"
	}
	switch def := schema.Types[typ.Name()]; {
	case def.Kind == ast.Enum:
		return def.EnumValues[0].Name
	case def.Kind == ast.InputObject:
		var fields []string
		for _, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil {
				fields = append(fields, f.Name+": "+example(schema, f.Type))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case def.Name == "Boolean":
		return "true"
	case def.Name == "Int":
		return "1"
	case def.Name == "DateTime":
		return `"2026-10-14T06:30:00Z"`
	case def.Name == "ID":
		return `"CAAAAAEBkAAAAABwAIAAAAAAAACq"`
	}
	return `"1"`
}

// TestRefusals: who may not, learns what is needed and where.
func TestRefusals(t *testing.T) {
	t.Parallel()
	h := newHandler(t, newResolver(dbtest.New(t, nil)))
	for name, tc := range map[string]struct {
		as     identity.Role
		query  string
		status int
		says   []string
	}{
		"nobody":              {graph.Anonymous, `{ sites { code } }`, http.StatusUnauthorized, []string{`"UNAUTHENTICATED"`, `"path":["sites"]`}},
		"nobody, in a part":   {graph.Anonymous, `query { __typename ...f } fragment f on Query { plants: sites { name } }`, http.StatusUnauthorized, []string{`"path":["plants"]`}},
		"nobody, the schema":  {graph.Anonymous, `{ __schema { types { name } } }`, http.StatusUnauthorized, []string{`"UNAUTHENTICATED"`}},
		"nobody, a name":      {graph.Anonymous, `{ __typename }`, http.StatusOK, []string{`{"data":{"__typename":"Query"}}`}},
		"nobody, skipped":     {graph.Anonymous, `{ __typename sites @skip(if: true) { code } }`, http.StatusUnauthorized, []string{`"UNAUTHENTICATED"`}},
		"a viewer's mutation": {db.RoleVIEWER, `mutation { registerPartner(input: {siteCode: "DUNA", name: "x"}) { partner { id } } }`, http.StatusOK, []string{`"FORBIDDEN"`, "needs the role MANAGER or ADMIN", `"path":["registerPartner"]`}},
		"an inline fragment":  {graph.Anonymous, `{ ... on Query { ... { sites { code } } } }`, http.StatusUnauthorized, []string{`"UNAUTHENTICATED"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer, _ := askAs(t, h, actor(t, tc.as), tc.query, nil)
			for _, says := range tc.says {
				if status != tc.status || !strings.Contains(string(answer), says) {
					t.Errorf("%d %s; want %d with %s", status, answer, tc.status, says)
				}
			}
		})
	}
}

// TestMemberOfNoSite: to be signed in is not enough to see anything.
func TestMemberOfNoSite(t *testing.T) {
	t.Parallel()
	h := newHandler(t, newResolver(dbtest.New(t, nil)))
	_, answer, _ := askAs(t, h, &identity.Actor{UserID: newID()}, `{ sites { code } }`, nil)
	if want := fmt.Sprintf("needs the role %s", "VIEWER"); !strings.Contains(string(answer), want) {
		t.Errorf("%s; want %q", answer, want)
	}
}
