package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/sync/errgroup"

	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/demo"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// TestProveTenants asks random operations of a member of one of the demo's sites, full of codes and ids of the other, each twice:
// with what exists there, and with what exists nowhere. Both are answered alike, and no answer has anything of the other
// site. `make prove-tenants` runs it at full size.
func TestProveTenants(t *testing.T) {
	t.Parallel()
	operations := 150
	if dbtest.Full() {
		operations = 10_000
	}
	owner := dbtest.New(t, nil)
	if _, err := demo.Load(t.Context(), owner, demo.DefaultSeed); err != nil {
		t.Fatal(err)
	}
	app := dbtest.AsApp(t, owner, nil)
	t.Cleanup(app.Close)
	sites := newTenants(t, owner)
	h := newHandler(t, newResolver(app))
	member := identity.Program([]int32{sites.own})

	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: graph.SDL()})
	var group errgroup.Group
	group.SetLimit(4)
	for seed := range operations {
		group.Go(func() error {
			rnd := rand.New(rand.NewPCG(uint64(seed), 3))
			for { // until one is answered: many ask for more than an operation may
				g := generator{schema: schema, rnd: rnd, texts: sites.texts, ids: sites.ids}
				query := g.operation()
				_, there, _ := askAs(t, h, member, query, nil)
				_, nowhere, _ := askAs(t, h, member, sites.missing.Replace(query), nil)
				if diff := cmp.Diff(sites.missing.Replace(string(ordered(t, nowhere))), sites.missing.Replace(string(ordered(t, there)))); diff != "" {
					return fmt.Errorf("what exists at the other site is told from what exists nowhere (-nowhere +there):\n%s\n%s", diff, query)
				}
				if err := sites.leak(query, string(there)); err != nil || strings.Contains(string(there), `"data":{`) {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("prove: %d answered random operations of a member of one site, full of codes and ids of another: 0 leaks", operations)
}

// tenants are two sites with all that names their rows.
type tenants struct {
	own, other int32
	texts, ids []string          // of both
	missing    *strings.Replacer // turns what names a row of the other site into what names none
}

func newTenants(t *testing.T, owner *pgxpool.Pool) tenants {
	t.Helper()
	s := tenants{texts: []string{"DUNA", "TISZ", "hu", "en", "2026", "RAW", "chilled-ready-meal", "1.0.0"}}
	if err := owner.QueryRow(t.Context(), "SELECT max(id) FILTER (WHERE code = 'DUNA'), max(id) FILTER (WHERE code = 'TISZ') FROM site").Scan(&s.own, &s.other); err != nil {
		t.Fatal(err)
	}
	replace := []string{"TISZ", "QQQQ"}
	for _, of := range []struct {
		kind  relay.Kind
		table string
		text  string
	}{
		{relay.Lot, "lot", "code"},
		{relay.Run, "run", "code"},
		{relay.Partner, "partner", "name"},
		{relay.Location, "location", "code"},
		{relay.Equipment, "equipment", "code"},
		{relay.Transformation, "transformation", "kind::text"},
		{relay.QcDecision, "qc_decision", "decision::text"},
		{relay.Alert, "alert", "kind::text"},
	} {
		rows, err := owner.Query(t.Context(), fmt.Sprintf(
			`SELECT site_id, id, %s FROM (SELECT *, row_number() OVER (PARTITION BY site_id ORDER BY md5(id::text)) AS n FROM %s) t WHERE n <= 30`, of.text, of.table))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			id, text := relay.ID{Kind: of.kind}, ""
			if err := rows.Scan(&id.Site, &id.UUID, &text); err != nil {
				t.Fatal(err)
			}
			s.texts, s.ids = append(s.texts, text), append(s.ids, id.String())
			if id.Site == s.other {
				replace = append(replace, id.String(), relay.ID{Kind: of.kind, Site: 99, UUID: uuid.NewSHA1(uuid.Nil, id.UUID[:])}.String())
				disguised := id
				disguised.Site = s.own
				s.ids = append(s.ids, disguised.String())
				replace = append(replace, disguised.String(), relay.ID{Kind: of.kind, Site: s.own, UUID: uuid.NewSHA1(uuid.Nil, id.UUID[:])}.String())
			}
		}
		if rows.Err() != nil {
			t.Fatal(rows.Err())
		}
	}
	site := relay.ID{Kind: relay.Site, Site: s.other}.String()
	s.ids = append(s.ids, site)
	s.missing = strings.NewReplacer(append(replace, site, relay.ID{Kind: relay.Site, Site: 99}.String())...)
	return s
}

var opaque = regexp.MustCompile(`"[A-Za-z0-9_-]{28}"`)

// leak finds in an answer what is of the other site and wasn't in the question.
func (s tenants) leak(query, answer string) error {
	for _, found := range opaque.FindAllString(answer, -1) {
		text := strings.Trim(found, `"`)
		if id, err := relay.ParseID(text); err == nil && id.Site == s.other && !strings.Contains(query, text) {
			return fmt.Errorf("the answer has the id of a %s of the other site:\n%s\n%s", id.Kind, query, answer)
		}
	}
	var data struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(answer), &data); err != nil {
		return err
	}
	if strings.Contains(string(data.Data), "TISZ") {
		return fmt.Errorf("the answer has a code of the other site:\n%s\n%s", query, answer)
	}
	return nil
}

// generator writes random operations of a schema.
type generator struct {
	schema     *ast.Schema
	rnd        *rand.Rand
	texts, ids []string
	alias      int
}

func (g *generator) operation() string { return "query " + g.selection(g.schema.Query, 4) }

// selection asks for some fields of a type, each under an alias of its own, down to a depth.
func (g *generator) selection(def *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename")
	for _, possible := range g.schema.GetPossibleTypes(def) {
		if def.IsAbstractType() && g.rnd.IntN(3) == 0 {
			fmt.Fprintf(&b, " ... on %s %s", possible.Name, g.selection(possible, depth))
		}
	}
	for range 1 + g.rnd.IntN(4) {
		field := def.Fields[g.rnd.IntN(len(def.Fields))]
		of := g.schema.Types[field.Type.Name()]
		if strings.HasPrefix(field.Name, "__") || of.IsCompositeType() && depth == 0 {
			continue
		}
		g.alias++
		fmt.Fprintf(&b, " f%d: %s%s", g.alias, field.Name, g.arguments(field))
		if of.IsCompositeType() {
			b.WriteString(" " + g.selection(of, depth-1))
		}
	}
	return b.String() + " }"
}

func (g *generator) arguments(field *ast.FieldDefinition) string {
	var given []string
	for _, arg := range field.Arguments {
		if arg.Type.NonNull && arg.DefaultValue == nil || g.rnd.IntN(2) == 0 {
			given = append(given, arg.Name+": "+g.value(arg.Type))
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

func (g *generator) value(t *ast.Type) string {
	if t.Elem != nil {
		return "[" + g.value(t.Elem) + ", " + g.value(t.Elem) + "]"
	}
	def := g.schema.Types[t.NamedType]
	switch {
	case def.Kind == ast.Enum:
		return def.EnumValues[g.rnd.IntN(len(def.EnumValues))].Name
	case def.Kind == ast.InputObject:
		var fields []string
		for _, f := range def.Fields {
			if f.Type.NonNull || g.rnd.IntN(4) == 0 {
				fields = append(fields, f.Name+": "+g.value(f.Type))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	switch def.Name {
	case "Int":
		return fmt.Sprint(1 + g.rnd.IntN(5))
	case "Boolean":
		return fmt.Sprint(g.rnd.IntN(2) == 0)
	case "ID":
		return quoted(g.ids[g.rnd.IntN(len(g.ids))])
	case "DateTime":
		return `"2026-10-20T00:00:00Z"`
	case "Cursor":
		return "null"
	}
	return quoted(g.texts[g.rnd.IntN(len(g.texts))])
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string can't fail
	return string(b)
}
