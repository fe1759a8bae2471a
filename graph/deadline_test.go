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
	h := newHandler(t, newResolver(pool))
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

// TestSlowMutation: what a mutation reads and writes is bounded as what a query reads, whoever holds what it waits for.
func TestSlowMutation(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	duna := o.token("duna@example.com")
	tx, err := o.pool.Begin(t.Context())
	o.check(err)
	defer func() { o.check(tx.Rollback(context.WithoutCancel(t.Context()))) }()
	_, err = tx.Exec(t.Context(), "LOCK TABLE password_guess, partner IN ACCESS EXCLUSIVE MODE")
	o.check(err)
	var all sync.WaitGroup
	for token, mutation := range map[string]string{
		"":   login("duna@example.com", password, ""),
		duna: `mutation { registerPartner(input: {siteCode: "DUNA", name: "Farm"}) { partner { name } } }`,
	} {
		all.Go(func() {
			_, answer := o.ask(token, mutation)
			o.wants(mutation, answer, `"code":"LIMIT"`, `"limit":"statement seconds","value":2`, "the database took longer than 2s")
		})
	}
	all.Wait()
}
