package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/sync/errgroup"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/demo/demotest"
	"flowviz/internal/identity"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
)

// TestProveTenants asks random operations of a member of one of the demo's sites, full of codes and ids of the other, each twice:
// with what exists there, and with what exists nowhere. Both are answered alike, and no answer has anything of the other
// site. A third of them are mutations, each of which names something of the other site: all are refused, and no row of the database is another
// afterwards. `make prove-tenants` runs it at full size.
func TestProveTenants(t *testing.T) {
	t.Parallel()
	operations := 150
	if dbtest.Full() {
		operations = 10_000
	}
	owner := demotest.Template(t).New(t, nil)
	app := dbtest.AsApp(t, owner, nil)
	t.Cleanup(app.Close)
	sites := newTenants(t, owner, app)
	ask := sites.twice(t, newHandler(t, newResolver(app)))
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: graph.SDL()})
	mutations := sites.mutations(t, schema)
	before := everyRow(t, owner)
	for kind, of := range sites.of { // each id of the other site, as no random operation asks for them
		for some := range slices.Chunk(of.other, 50) {
			if _, err := ask(`{ nodes(ids: ["` + strings.Join(some, `", "`) + `"]) { id } }`); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
	}

	var group errgroup.Group
	group.SetLimit(4)
	for seed := range operations {
		group.Go(func() error {
			g := generator{schema: schema, rnd: rand.New(rand.NewPCG(uint64(seed), 3)), texts: sites.texts, ids: sites.ids()}
			if seed%3 == 0 {
				return sites.refused(g, mutations[seed/3%len(mutations)], ask)
			}
			for { // until one is answered: many ask for more than an operation may
				if answer, err := ask(g.operation()); err != nil || strings.Contains(answer, `"data":{`) {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, everyRow(t, owner)); diff != "" {
		t.Errorf("what was refused was done (-before +after):\n%s", diff)
	}
	t.Logf("prove: %d random operations of a member of one site, full of codes and ids of another, a third of them mutations of %d kinds: 0 leaks, 0 changes",
		operations, len(mutations))
}

// twice asks as the member, with what exists at the other site and with what exists nowhere.
func (s tenants) twice(t *testing.T, h http.Handler) func(query string) (answer string, err error) {
	return func(query string) (string, error) {
		_, there, _ := askAs(t, h, s.member, query, nil)
		_, nowhere, _ := askAs(t, h, s.member, s.missing.Replace(query), nil)
		if diff := cmp.Diff(s.missing.Replace(string(ordered(t, nowhere))), s.missing.Replace(string(ordered(t, there)))); diff != "" {
			return "", fmt.Errorf("what exists at the other site is told from what exists nowhere (-nowhere +there):\n%s\n%s", diff, query)
		}
		return string(there), s.leak(query, string(there))
	}
}

// tenants are two sites with all that names their rows.
type tenants struct {
	own, other int32
	member     *identity.Actor // an ADMIN of one of them
	texts      []string        // of both
	of         map[relay.Kind]*sides
	missing    *strings.Replacer // turns what names a row of the other site into what names none
}

// sides are ids of one kind: one's own, and those of the other site, also disguised as one's own.
type sides struct{ own, other []string }

// rowsOf are what has an id, each with its site and a text; holds and exposures, which have none, by their lots.
var rowsOf = []struct {
	kind relay.Kind
	sql  string
}{
	{relay.Lot, "SELECT site_id, id, code FROM lot"},
	{relay.Lot, "SELECT h.site_id, h.lot_id, l.code FROM hold h JOIN lot l ON l.id = h.lot_id"},
	{relay.Lot, "SELECT e.site_id, e.lot_id, l.code FROM exposure e JOIN lot l ON l.id = e.lot_id"},
	{relay.Run, "SELECT site_id, id, code FROM run"},
	{relay.Partner, "SELECT site_id, id, name FROM partner"},
	{relay.Location, "SELECT site_id, id, code FROM location"},
	{relay.Equipment, "SELECT site_id, id, code FROM equipment"},
	{relay.Transformation, "SELECT site_id, id, kind::text FROM transformation"},
	{relay.QcDecision, "SELECT site_id, id, decision::text FROM qc_decision"},
	{relay.Alert, "SELECT site_id, id, kind::text FROM alert"},
	{relay.Deviation, "SELECT site_id, id, code FROM deviation"},
	{relay.Recall, "SELECT site_id, id, code FROM recall"},
	{relay.AuditEvent, "SELECT site_id, id, action FROM audit_event"},
	{relay.APIToken, "SELECT sites[1], id, name FROM api_token"},
	{relay.User, "SELECT min(m.site_id), u.id, u.email FROM app_user u JOIN membership m ON m.user_id = u.id GROUP BY u.id HAVING count(*) = 1"},
	{relay.Scenario, "SELECT 0, id, key FROM scenario"}, // the company's
	{relay.QcGate, "SELECT 0, id, number::text FROM qc_gate"},
	{relay.Product, "SELECT 0, id, sku FROM product"},
}

func newTenants(t *testing.T, owner, app *pgxpool.Pool) tenants {
	t.Helper()
	s := tenants{texts: []string{"DUNA", "TISZ", "hu", "en", "2026", "RAW", "chilled-ready-meal", "1.0.0"}, of: map[relay.Kind]*sides{}}
	if err := owner.QueryRow(t.Context(), "SELECT max(id) FILTER (WHERE code = 'DUNA'), max(id) FILTER (WHERE code = 'TISZ') FROM site").Scan(&s.own, &s.other); err != nil {
		t.Fatal(err)
	}
	s.member = newAdmin(t, app, s.own, "DUNA")
	exercise(t, owner, app, s.own, s.member)
	exercise(t, owner, app, s.other, newAdmin(t, app, s.other, "TISZ"))
	site := relay.ID{Kind: relay.Site, Site: s.other}.String()
	s.of[relay.Site] = &sides{own: []string{relay.ID{Kind: relay.Site, Site: s.own}.String()}, other: []string{site}}
	replace := []string{"TISZ", "QQQQ", site, relay.ID{Kind: relay.Site, Site: 99}.String()}
	for _, rows := range rowsOf {
		found, err := owner.Query(t.Context(), fmt.Sprintf(
			`SELECT site, id, text FROM (SELECT *, row_number() OVER (PARTITION BY site ORDER BY md5(id::text)) AS n FROM (%s) r (site, id, text)) r WHERE n <= 30`, rows.sql))
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		if s.of[rows.kind] == nil {
			s.of[rows.kind] = &sides{}
		}
		of := s.of[rows.kind]
		for found.Next() {
			id, text := relay.ID{Kind: rows.kind}, ""
			if err := found.Scan(&id.Site, &id.UUID, &text); err != nil {
				t.Fatal(err)
			}
			s.texts = append(s.texts, text)
			nobody := relay.ID{Kind: id.Kind, Site: 99, UUID: uuid.NewSHA1(uuid.Nil, id.UUID[:])}
			disguised, nobodyDisguised := id, nobody
			disguised.Site, nobodyDisguised.Site = s.own, s.own
			foreign := id.Site == s.other
			if id.Kind == relay.User || id.Kind == relay.APIToken { // their ids name none
				id.Site, nobody.Site = 0, 0
			}
			if !foreign {
				of.own = append(of.own, id.String())
				continue
			}
			of.other = append(of.other, id.String(), disguised.String())
			replace = append(replace, id.String(), nobody.String(), disguised.String(), nobodyDisguised.String())
		}
		if found.Err() != nil || of.own == nil || of.other == nil && !ofCompany(rows.kind) {
			t.Fatalf("no %s of both sites: %v", rows.kind, found.Err())
		}
	}
	s.missing = strings.NewReplacer(replace...)
	return s
}

// ids are all of both sites, by kind.
func (s tenants) ids() [][]string {
	var ids [][]string
	for _, kind := range slices.Sorted(maps.Keys(s.of)) {
		ids = append(ids, slices.Concat(s.of[kind].own, s.of[kind].other))
	}
	return ids
}

// newAdmin makes an ADMIN of a site, and an API token for it, as people do: what they did stands in its audit log.
func newAdmin(t *testing.T, app *pgxpool.Pool, site int32, code string) *identity.Actor {
	t.Helper()
	users := newIdentity(app)
	console := identity.WithActor(identity.WithOrigin(t.Context(), identity.Origin{Program: "a test"}), identity.Program([]int32{site}))
	made, err := users.Create(console, identity.NewUser{
		Email: strings.ToLower(code) + ".admin@example.com", FullName: code + " ADMIN", Password: password, Memberships: []identity.SiteRole{{SiteCode: code, Role: db.RoleADMIN}},
	})
	if err != nil {
		t.Fatal(err)
	}
	actor := &identity.Actor{UserID: made.ID, Memberships: map[int32]identity.Role{site: db.RoleADMIN}}
	if _, _, err := users.CreateAPIToken(identity.WithActor(t.Context(), actor), identity.NewAPIToken{
		Name: code + " reports", Role: db.RoleVIEWER, SiteCodes: []string{code}, ExpiresAt: time.Now().Add(time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	return actor
}

// exercise opens a mock recall of a lot of which something was made.
func exercise(t *testing.T, owner, app *pgxpool.Pool, site int32, by *identity.Actor) {
	t.Helper()
	suspect := relay.ID{Kind: relay.Lot, Site: site}
	if err := owner.QueryRow(t.Context(), "SELECT parent_id FROM lot_genealogy WHERE site_id = $1 AND parent_site_id = $1 ORDER BY parent_id LIMIT 1", site).Scan(&suspect.UUID); err != nil {
		t.Fatal(err)
	}
	if _, err := newResolver(app).Recalls.Open(identity.WithActor(t.Context(), by), recall.Opening{
		Kind: db.RecallKindMOCK, Reason: "an exercise of the day", Scope: recall.Scope{LotIDs: []relay.ID{suspect}},
	}); err != nil {
		t.Fatal(err)
	}
}

var opaque = regexp.MustCompile(`"[A-Za-z0-9_-]{28}"`)

// leak finds in an answer what is of the other site and wasn't in the question.
func (s tenants) leak(query, answer string) error {
	for _, found := range opaque.FindAllString(answer, -1) {
		text := strings.Trim(found, `"`)
		id, err := relay.ParseID(text)
		if err == nil && (id.Site == s.other || slices.Contains(s.of[relay.User].other, text) || slices.Contains(s.of[relay.APIToken].other, text)) && !strings.Contains(query, text) {
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
	schema *ast.Schema
	rnd    *rand.Rand
	texts  []string
	ids    [][]string // by kind
	alias  int
	// named gives an argument or an input's field a value that its name asks for, "" where any of its type will do.
	named func(name string, t *ast.Type) string
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
			given = append(given, arg.Name+": "+g.value(arg.Name, arg.Type))
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

func (g *generator) value(name string, t *ast.Type) string {
	if t.Elem != nil {
		return "[" + g.value(name, t.Elem) + ", " + g.value(name, t.Elem) + "]"
	}
	if g.named != nil {
		if value := g.named(name, t); value != "" {
			return value
		}
	}
	def := g.schema.Types[t.NamedType]
	switch {
	case def.Kind == ast.Enum:
		return def.EnumValues[g.rnd.IntN(len(def.EnumValues))].Name
	case def.Kind == ast.InputObject:
		var fields []string
		for _, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil || f.Name == "password" || g.rnd.IntN(4) == 0 { // wrong passwords are soon too many
				fields = append(fields, f.Name+": "+g.value(f.Name, f.Type))
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
		ids := g.ids[g.rnd.IntN(len(g.ids))]
		return quoted(ids[g.rnd.IntN(len(ids))])
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
