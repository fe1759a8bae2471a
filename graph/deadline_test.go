package graph_test

import (
	"strings"
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
	if !strings.Contains(string(answer), `"code":"LIMIT"`) || !strings.Contains(string(answer), "the database took too long") {
		t.Errorf("%s", answer)
	}
	if _, answer, _ := ask(t, h, `{ sites { code } }`, nil); string(answer) != `{"data":{"sites":[]}}` {
		t.Errorf("and after it: %s", answer)
	}
}
