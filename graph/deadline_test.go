package graph_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"flowviz/db/dbtest"
)

// TestSlowStatement: a statement that doesn't end in time is given up, and the answer says so.
func TestSlowStatement(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	r := newResolver(pool)
	r.Patience = 0
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
	if !strings.Contains(string(answer), `"code":"LIMIT"`) || !strings.Contains(string(answer), "the database took longer than 2s") {
		t.Errorf("%s", answer)
	}
	if _, answer, _ := ask(t, h, `{ sites { code } }`, nil); string(answer) != `{"data":{"sites":[]}}` {
		t.Errorf("and after it: %s", answer)
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
		{duna, "mutation { a: " + register + " b: " + register + " c: " + register + " }", []string{`"code":"LIMIT","cost":5,"limit":"seconds","value":5`, `"data":null`, "this took longer than 5s"}},
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
