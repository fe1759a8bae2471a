package graph_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph/loader"
	"flowviz/internal/demo/demotest"
	"flowviz/internal/identity"
	"flowviz/internal/trace"
	"flowviz/internal/trace/index"
)

// guessing is a handler that guesses which lot has a code, beside one that doesn't.
type guessing struct {
	t        *testing.T
	guesses  http.Handler
	patience http.Handler
}

func newGuessing(t *testing.T, pool *pgxpool.Pool) *guessing {
	t.Helper()
	keeper, guesses, r := index.NewKeeper(pool, slog.New(slog.DiscardHandler)), trace.NewGuesses(pool), newResolver(pool)
	if err := keeper.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := reading(pool, index.NewKeeper(pool, slog.New(slog.DiscardHandler)), time.Now) // knows nothing: what isn't guessed walks in SQL
	r.Read = func(ctx context.Context, statement time.Duration) (*loader.Finders, func()) {
		scope := identity.ActorFrom(ctx).Scope()
		finders, end := read(ctx, statement)
		finders.Guess = guesses.Of(scope, keeper.View(scope.Sites))
		return finders, end
	}
	return &guessing{t, newHandler(t, r), newHandler(t, newResolver(pool))}
}

// ask asks both, who must say the same, and returns that and whether it was guessed.
func (g *guessing) ask(query, code string) (answer string, guessed bool) {
	g.t.Helper()
	variables, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		g.t.Fatal(err)
	}
	_, first, ran := ask(g.t, g.guesses, query, variables)
	_, want, _ := ask(g.t, g.patience, query, variables)
	if string(first) != string(want) {
		g.t.Fatalf("%s of %s: guessing says\n%s\nand without\n%s", query, code, first, want)
	}
	return string(first), slices.Contains(ran.names, "GenealogyChanges") && !strings.Contains(ran.sorted(), "LotsByCode ×")
}

// TestGuesses: who asks for a lot's kin again gets it in one round trip, and the same.
func TestGuesses(t *testing.T) {
	t.Parallel()
	g := newGuessing(t, loadedDemo(t).pool)
	for i, code := range sampleLots(t, g.patience)[:6] {
		const (
			page  = `{ totalCount maxDepth pageInfo { hasNextPage endCursor } nodes { ` + columns + ` } edges { depth node { id } } }`
			graph = `{ depth lotCount linkCount truncated nodes { depth lot { ` + columns + ` } } links { parent child transformation } }`
		)
		for k, field := range []string{
			"ancestors(first: 10000)" + page, "descendants(first: 3)" + page, "ancestors(maxDepth: 1)" + page, "genealogy" + graph, "genealogy(direction: DESCENDANTS, maxDepth: 2)" + graph,
			"parents { lot { code parents { lot { id } } } }", "children { lot { children(first: 50) { __typename } weightKg } }",
		} {
			query := `query ($code: String!) { lot(code: $code) { code weightKg ` + field + ` } }`
			if _, guessed := g.ask(query, code); guessed && i+k == 0 {
				t.Errorf("%s: guessed what was never seen", code)
			}
			if _, guessed := g.ask(query, code); !guessed {
				t.Errorf("%s of %s, the second time: not guessed", field, code)
			}
		}
	}
}

// TestWrongGuesses are noticed, and what isn't one lot with one list isn't guessed.
func TestWrongGuesses(t *testing.T) {
	t.Parallel()
	owner := demotest.Template(t).New(t, nil)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	g := newGuessing(t, dbtest.AsApp(t, owner, db.Recorder(record)))
	const query = `query ($code: String!) { lot(code: $code) { ancestors { nodes { code status } } } }`
	rows, err := owner.Query(t.Context(), `SELECT code FROM lot l WHERE EXISTS (SELECT FROM lot_genealogy x WHERE x.child_id = l.id) ORDER BY id LIMIT 3`)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			t.Fatal(err)
		}
		codes = append(codes, code)
	}
	if rows.Err() != nil || len(codes) != 3 {
		t.Fatalf("%v, %v", codes, rows.Err())
	}
	expect := func(when, code string, want bool) (answer string) {
		t.Helper()
		answer, guessed := g.ask(query, code)
		if guessed != want {
			t.Errorf("%s: guessed %v", when, guessed)
		}
		return answer
	}
	for _, code := range codes {
		expect("never seen", code, false)
		expect("seen", code, true)
	}
	exec("UPDATE lot SET status = 'QUARANTINE' WHERE id IN (SELECT parent_id FROM lot_genealogy)")
	if answer := expect("its ancestors' status has changed", codes[0], true); !strings.Contains(answer, "QUARANTINE") {
		t.Errorf("the guess has statuses of before: %s", answer)
	}
	const weighed = `query ($code: String!) { lot(code: $code) { ancestors { nodes { code weightKg } } } }`
	exec("UPDATE lot SET weight_kg = weight_kg + 7, remaining_kg = remaining_kg + 7 WHERE id IN (SELECT parent_id FROM lot_genealogy JOIN lot c ON c.id = child_id WHERE c.code = $1)", codes[0])
	if _, guessed := g.ask(weighed, codes[0]); guessed {
		t.Error("its ancestors weigh more than the index knows, and it was guessed")
	}
	exec("UPDATE lot SET code = code || '-OLD' WHERE code = $1", codes[0])
	if answer := expect("nobody has the code", codes[0], false); answer != `{"data":{"lot":null}}` {
		t.Errorf("%s", answer)
	}
	exec("UPDATE lot SET code = $1 WHERE code = $2", codes[0], codes[1])
	expect("another lot has the code", codes[0], false)
	expect("which is known then", codes[0], true)
	exec("UPDATE transformation SET changed_in = pg_current_xact_id() WHERE id IN (SELECT transformation_id FROM lot_genealogy JOIN lot ON lot.id = child_id WHERE code = $1)", codes[2])
	expect("its links may have changed", codes[2], false)
	exec("UPDATE lot SET code = $1 WHERE id = (SELECT max(id::text)::uuid FROM lot o WHERE o.site_id <> (SELECT site_id FROM lot WHERE code = $1))", codes[0])
	if answer := expect("two sites know the code", codes[0], false); !strings.Contains(answer, "several sites know this code") {
		t.Errorf("%s", answer)
	}
	for _, other := range []string{
		`query ($code: String!) { lot(code: $code) { ancestors { nodes { code site { code } } } } }`,
		`query ($code: String!) { lot(code: $code) { site { code } ancestors { nodes { code } } } }`,
		`query ($code: String!) { lot(code: $code) { ancestors { nodes { code } } more: ancestors(first: 1) { nodes { code } } } }`,
		`query ($code: String!) { lot(code: $code) { ancestors { nodes { code } } } sites { code } }`,
		`query ($code: String!) { lot(code: $code) { ancestors(filter: {held: true}) { nodes { code } } } }`,
		`query ($code: String!) { lot(code: $code) { ancestors(first: 100000) { nodes { code } } } }`,
		`query ($code: String!) { lot(code: $code) { ancestors(maxDepth: 0) { nodes { code } } } }`,
		`query ($code: String!) { lot(code: $code) { ancestors { totalCount } } }`,
		`query ($code: String!) { lot(code: $code) { parents { quantityKg } } }`,
		`query ($code: String!) { lot(code: $code) { parents { lot { children { lot { code } } } } } }`,
		`query ($code: String!) { lot(code: $code) { parents(first: 0) { lot { code } } } }`,
		`query ($code: String!) { lot(code: $code) { genealogy { lotCount nodes { shareKg } } } }`,
		`query ($code: String!) { lot(code: $code) { genealogy { root { code } } } }`,
		`query ($code: String!) { lot(code: $code) { genealogy { links { kind } } } }`,
		`query ($code: String!) { lot(code: $code) { genealogy(limit: 1) { lotCount } } }`,
		`query ($code: String!) { lot(code: $code) { genealogy(limit: 0) { lotCount } } }`,
		`query ($code: String!) { lot(code: $code) { genealogy(asOf: "2026-01-01T00:00:00Z") { lotCount } } }`,
	} {
		if _, guessed := g.ask(other, codes[0]+"-OLD"); guessed {
			t.Errorf("guessed: %s", other)
		}
	}
}

// TestGuessesOfOthers: what somebody has asked for tells nobody else that it is there.
func TestGuessesOfOthers(t *testing.T) {
	t.Parallel()
	g := newGuessing(t, loadedDemo(t).pool)
	const query = `query ($code: String!) { lot(code: $code) { ancestors { nodes { code } } } }`
	code := sampleLots(t, g.patience)[0]
	g.ask(query, code)
	stranger := actor(t, db.RoleMANAGER)
	stranger.Memberships = map[int32]identity.Role{99: db.RoleMANAGER}
	if _, answer, _ := askAs(t, g.guesses, stranger, query, json.RawMessage(`{"code": "`+code+`"}`)); string(answer) != `{"data":{"lot":null}}` {
		t.Errorf("%s", answer)
	}
}
