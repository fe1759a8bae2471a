package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/tools/txtar"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/demo/demotest"
	"flowviz/internal/identity"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	flag.Parse()
	// These tests wait a lot: let more of them wait at once than there are cores. With 16 they starve each other: what takes 17 s alone took 158 s.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	dbtest.Main(m)
}

// patience is how long loaders gather keys here. Within 20 ms all fields of a level have asked as a rule; where the machine is starved a batch
// splits, and what then ran other statements than it should is asked again with more. In 3 s a level, eight levels end within requestTime.
var patience = []time.Duration{20 * time.Millisecond, time.Second, 3 * time.Second}

// statements gathers the names of the sqlc queries that one request runs.
type statements struct {
	mu    sync.Mutex
	names []string
}

type statementsKey struct{}

func record(ctx context.Context, name string) {
	if s, ok := ctx.Value(statementsKey{}).(*statements); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.names = append(s.names, name)
	}
}

// sorted names each query, with how often it ran where that is more than once.
func (s *statements) sorted() string {
	count := map[string]int{}
	for _, name := range s.names {
		count[name]++
	}
	var lines []string
	for name, n := range count {
		if n > 1 {
			name = fmt.Sprintf("%s × %d", name, n)
		}
		lines = append(lines, name)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// api is the handler on the demo history, which many tests read and none changes.
var api = sync.OnceValue(func() *demoAPI { return &demoAPI{} })

type demoAPI struct {
	once    sync.Once
	handler http.Handler
	patient []http.Handler // by patience
	pool    *pgxpool.Pool
	err     error
}

// actor is a member of every site in one role; nil for ANONYMOUS, whom nobody knows.
func actor(t *testing.T, role identity.Role) *identity.Actor {
	t.Helper()
	if role == "ANONYMOUS" {
		return nil
	}
	if !slices.Contains(identity.View.Roles(), role) {
		t.Fatalf("%s is no role", role)
	}
	a := &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{}}
	for id := range int32(10) { // no test has more sites
		a.Memberships[id+1] = role
	}
	return a
}

// demoHandler loads the demo history once for all tests of the package.
func demoHandler(t *testing.T) http.Handler {
	t.Helper()
	return loadedDemo(t).handler
}

// wide is the same pool with a connection for each test that runs at once, two where it compares: each operation has one for
// as long as its loaders are patient.
func wide(t *testing.T, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	config := pool.Config()
	pool.Close()
	config.MaxConns = 32
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(t.Context()), config)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

func loadedDemo(t *testing.T) *demoAPI {
	t.Helper()
	a := api()
	a.once.Do(func() {
		a.pool = wide(t, dbtest.AsApp(t, demotest.Template(t).Shared(t, nil), db.Recorder(record)))
		for _, wait := range patience {
			r := newResolver(a.pool)
			r.LoaderWait = wait
			h, err := graph.NewHandler(r, graph.Edge{}, slog.New(slog.DiscardHandler))
			a.patient, a.err = append(a.patient, h), errors.Join(a.err, err)
		}
		a.handler = a.patient[0]
	})
	if a.err != nil || a.handler == nil {
		t.Fatalf("load the demo history: %v", a.err) // or the test that did has said why
	}
	return a
}

// until asks with ever more patience until what ran is as it should be, and reports whether it was.
func (a *demoAPI) until(ask func(http.Handler) bool) bool { return slices.ContainsFunc(a.patient, ask) }

// ask sends one request as a manager and returns the answer's status and body, and what it ran.
func ask(t *testing.T, h http.Handler, query string, variables json.RawMessage) (status int, answer []byte, ran *statements) {
	t.Helper()
	return askAs(t, h, actor(t, db.RoleMANAGER), query, variables)
}

// askAs asks as anybody; nobody is signed in where the actor is nil.
func askAs(t *testing.T, h http.Handler, as *identity.Actor, query string, variables json.RawMessage) (status int, answer []byte, ran *statements) {
	t.Helper()
	if len(bytes.TrimSpace(variables)) == 0 {
		variables = json.RawMessage("{}")
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ran = &statements{}
	ctx := context.WithValue(t.Context(), statementsKey{}, ran)
	if as != nil {
		ctx = identity.WithActor(ctx, as)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes(), ran
}

// TestGolden asks each query of testdata/<noun>/*.txtar of the demo history, and compares the answer and the sqlc queries
// that ran: an N+1 shows as a diff. `make golden` writes them anew.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("testdata"), "*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	a := loadedDemo(t)
	for _, file := range files {
		if strings.HasPrefix(file, "day/") { // TestProveDay
			continue
		}
		t.Run(strings.TrimSuffix(file, ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, a, filepath.Join("testdata", file))
		})
	}
}

func golden(t *testing.T, a *demoAPI, path string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	section := map[string]string{}
	for _, f := range archive.Files {
		section[f.Name] = string(f.Data)
	}
	query, variables := section["query.graphql"], json.RawMessage(section["variables.json"])
	role := db.RoleMANAGER
	if given := strings.TrimSpace(section["actor"]); given != "" {
		role = identity.Role(given)
	}
	var answer []byte
	var ran *statements
	a.until(func(h http.Handler) bool {
		_, answer, ran = askAs(t, h, actor(t, role), query, variables)
		return ran.sorted() == section["statements"]
	})
	got := map[string]string{"response.json": indent(t, ordered(t, answer)), "statements": ran.sorted()}
	if *update {
		write(t, path, archive, got)
		return
	}
	for name, have := range got {
		if d := cmp.Diff(section[name], have); d != "" {
			t.Errorf("%s: %s (-want +got); if it is meant, `make golden`:\n%s", path, name, d)
		}
	}
}

func write(t *testing.T, path string, archive *txtar.Archive, got map[string]string) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { _, ok := got[f.Name]; return ok })
	for _, name := range []string{"response.json", "statements"} {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(got[name])})
	}
	if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ordered puts an answer's errors in the order of their paths: fields fail at the same time.
func ordered(t *testing.T, raw []byte) []byte {
	t.Helper()
	var answer struct {
		Errors []json.RawMessage `json:"errors,omitempty"`
		Data   json.RawMessage   `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, raw)
	}
	slices.SortFunc(answer.Errors, func(a, b json.RawMessage) int { return bytes.Compare(path(a), path(b)) })
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func path(e json.RawMessage) []byte {
	_, after, _ := bytes.Cut(e, []byte(`"path":`))
	return after
}

func indent(t *testing.T, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, bytes.TrimSpace(raw), "", "  "); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%s", err, raw)
	}
	return b.String() + "\n"
}
