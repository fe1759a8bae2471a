package graph_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph/loader"
	"flowviz/internal/demo/demotest"
	"flowviz/internal/relay"
	"flowviz/internal/trace/index"
)

// TestDeadlinesOfClasses: how long an operation may take follows from the slowest of its fields.
func TestDeadlinesOfClasses(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	const page, walk, log = `sites { code }`, `lot(code: "x") { ancestors { totalCount } }`, `verifyAudit(site: "x") { events }`
	const stop = `mutation { refreshRecall(input: {recallId: "x"}) { recall { id } } }`
	for query, want := range map[string]struct{ answer, statement time.Duration }{
		"{ " + page + " }":               {5 * time.Second, 2 * time.Second},
		"{ " + walk + " }":               {15 * time.Second, 10 * time.Second},
		"{ " + log + " }":                {50 * time.Second, 10 * time.Second},
		"{ " + page + walk + page + " }": {15 * time.Second, 10 * time.Second},
		"{ ...a " + walk + " } fragment a on Query { " + log + " }": {50 * time.Second, 10 * time.Second},
		"mutation { logout { done } }":                              {5 * time.Second, 2 * time.Second},
		stop:                                                        {50 * time.Second, 45 * time.Second},
	} {
		r := newResolver(pool)
		r.Patience = 0
		read, asked := r.Read, false
		r.Read = func(ctx context.Context, statement time.Duration) (*loader.Finders, func()) {
			end, bounded := ctx.Deadline()
			// On top comes the time for which loaders wait, some ms at each level; it is running already, on a busy machine for seconds.
			if answer := time.Until(end).Round(time.Second); !bounded || answer > want.answer || answer < want.answer/2 || statement != want.statement {
				t.Errorf("%s has %v, and a statement of it %v; want %v", query, answer, statement, want)
			}
			asked = true
			return read(ctx, statement)
		}
		if _, answer, _ := ask(t, newHandler(t, r), query, nil); !asked {
			t.Errorf("%s: nothing was read: %s", query, answer)
		}
	}
}

// TestSlowStatement: a statement that doesn't end in time is given up, and the answer says so.
func TestSlowStatement(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	r := newResolver(pool)
	read := r.Read
	r.Read = func(ctx context.Context, _ time.Duration) (*loader.Finders, func()) { return read(ctx, time.Second) }
	h := newHandler(t, r)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := tx.Exec(t.Context(), "LOCK TABLE lot IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	_, answer, _ := ask(t, h, `{ lots { nodes { code } } }`, nil)
	if !strings.Contains(string(answer), `"code":"LIMIT"`) || !strings.Contains(string(answer), "the database took longer than 1s") {
		t.Errorf("%s", answer)
	}
	if _, answer, _ := ask(t, h, `{ sites { code } }`, nil); string(answer) != `{"data":{"sites":[]}}` {
		t.Errorf("and after it: %s", answer)
	}
}

// TestSlowSubscription: one that can't be opened in time isn't refused, after which no client asks again: it is cut off, and opens when the
// database has time.
func TestSlowSubscription(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	tw.tell(t, 1)
	listen := func() (*client, map[string]*stream) {
		ticket := tw.reserve(t)
		streams := map[string]*stream{
			"its own stream": tw.stream(t, tw.token, listening, nil, beginning),
			"a shared one":   newStream(tw.request(t, t.Context(), http.MethodGet, "?token="+ticket, "", "", "").Body),
		}
		tw.status(t, http.MethodPost, "", ticket, tw.token, operation("a", listening, &relay.EventPlace{Site: 1}), http.StatusAccepted)
		c := tw.enter(t)
		c.subscribe("a", listening, map[string]any{"after": beginning})
		return c, streams
	}
	tx, err := tw.owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }() // where the test ends before it is
	if _, err := tx.Exec(t.Context(), "LOCK TABLE site_head IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	c, streams := listen()
	c.expect("closed 1013")
	for name, s := range streams {
		if _, data, ok := s.event(); ok || s.complete {
			t.Errorf("%s hears %q, and that it is complete: %t", name, data, s.complete)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, streams = listen()
	hears(t, c.hear(), "a", 1)
	for _, s := range streams {
		s.hears(t, 1)
	}
}

// TestSlowWalk: so is one that follows a genealogy, however it is asked for.
func TestSlowWalk(t *testing.T) {
	t.Parallel()
	owner := demotest.Template(t).New(t, nil)
	var code string
	if err := owner.QueryRow(t.Context(), "SELECT l.code FROM lot l JOIN lot_genealogy g ON g.child_id = l.id JOIN lot_genealogy c ON c.parent_id = l.id LIMIT 1").Scan(&code); err != nil {
		t.Fatal(err)
	}
	r := newResolver(owner)
	tx, err := owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if _, err := tx.Exec(t.Context(), "LOCK TABLE lot_genealogy IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	read := reading(owner, index.NewKeeper(owner, slog.New(slog.DiscardHandler)), time.Now) // an index would know without asking
	r.Read = func(ctx context.Context, _ time.Duration) (*loader.Finders, func()) { return read(ctx, time.Second) }
	h := newHandler(t, r)
	for _, walk := range []string{
		"ancestors { nodes { code } }", "ancestors { nodes { code holds { reason } } }", "ancestors { totalCount }", "descendants { maxDepth }",
		"parents { lot { code } }", "children { lot { code } }", "genealogy(direction: DESCENDANTS) { nodes { lot { code } shareKg } }",
	} {
		t.Run(walk, func(t *testing.T) {
			t.Parallel()
			_, answer, _ := ask(t, h, `{ lot(code: "`+code+`") { `+walk+` } }`, nil)
			if !strings.Contains(string(answer), `"code":"LIMIT"`) || !strings.Contains(string(answer), "the database took longer than 1s") || !strings.Contains(string(answer), `"path":["lot","`) {
				t.Errorf("%s", answer)
			}
		})
	}
}

// TestSlowMutation: what a mutation reads and writes is bounded as what a query reads, whoever holds what it waits for; and so is the
// whole operation, in which each of three waits for 2 s.
func TestSlowMutation(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.resolver.Patience = 0
	o.serve()
	duna := o.token("duna@example.com")
	tx, err := o.pool.Begin(t.Context())
	o.check(err)
	defer func() { o.check(tx.Rollback(context.WithoutCancel(t.Context()))) }()
	_, err = tx.Exec(t.Context(), "LOCK TABLE password_guess, partner IN ACCESS EXCLUSIVE MODE")
	o.check(err)
	const register = `registerPartner(input: {siteCode: "DUNA", name: "Farm"}) { partner { name } }`
	statement := []string{`"code":"LIMIT","cost":2,"limit":"statement seconds","value":2`, "the database took longer than 2s"}
	var all sync.WaitGroup
	for _, tc := range []struct {
		token, mutation string
		says            []string
	}{
		{"", login("duna@example.com", password, ""), statement},
		{duna, "mutation { " + register + " }", statement},
		{duna, "mutation { a: " + register + " b: " + register + " c: " + register + " }", []string{`"code":"LIMIT","cost":5,"limit":"seconds","value":5`, `"data":null`, "this took longer than 5s: ask for less at once; some or all of the changes may have been made: repeat the mutation with the same idempotency keys"}},
	} {
		all.Go(func() {
			_, answer := o.ask(tc.token, tc.mutation)
			for range 4 { // where the machine stood still for 3 s, the other limit came first
				if strings.Contains(answer, tc.says[0]) {
					break
				}
				_, answer = o.ask(tc.token, tc.mutation)
			}
			o.wants(tc.mutation, answer, tc.says...)
		})
	}
	all.Wait()
}

// TestCutShortMutationIsRepeated: of one that was given up, what was committed before stays, and repeating it as its error says does the
// rest, and nothing twice.
func TestCutShortMutationIsRepeated(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.resolver.Patience = 0
	o.serve()
	duna := o.token("duna@example.com")
	var mutation strings.Builder
	mutation.WriteString(`mutation { createEquipment(input: {siteCode: "DUNA", code: "P1", name: "Probe", kind: PROBE, idempotencyKey: "p1"}) { equipment { code } }`)
	for _, farm := range []string{"a", "b", "c", "d"} { // three of them wait for 2 s each
		fmt.Fprintf(&mutation, ` %[1]s: registerPartner(input: {siteCode: "DUNA", name: "%[1]s", idempotencyKey: "%[1]s"}) { partner { name } }`, farm)
	}
	mutation.WriteString(" }")
	const told = "this took longer than 5s: ask for less at once; some or all of the changes may have been made: repeat the mutation with the same idempotency keys within a day, which makes none twice"
	tx, err := o.pool.Begin(t.Context())
	o.check(err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }() // where the test ends before it is
	_, err = tx.Exec(t.Context(), "LOCK TABLE partner IN ACCESS EXCLUSIVE MODE")
	o.check(err)
	_, answer := o.ask(duna, mutation.String())
	o.wants("while nobody can register partners", answer, `"data":null`, told)
	_, answer = o.ask(duna, `{ equipment { totalCount } }`)
	o.wants("meanwhile", answer, `{"data":{"equipment":{"totalCount":1}}}`)
	o.check(tx.Rollback(t.Context()))
	for range 2 {
		_, answer = o.ask(duna, mutation.String())
		o.wants("afterwards", answer, `{"data":{"createEquipment":{"equipment":{"code":"P1"}},"a":{"partner":{"name":"a"}},"b":`)
	}
	_, answer = o.ask(duna, `{ equipment { totalCount } partners { nodes { name } } }`)
	o.wants("in the end", answer, `{"data":{"equipment":{"totalCount":1},"partners":{"nodes":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]}}}`)
}
