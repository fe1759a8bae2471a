package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// invariant is one file of testdata/invariants: a query that returns what breaks a rule, so that it must return no row.
type invariant struct{ name, query, violation string }

func invariants(t *testing.T) []invariant {
	t.Helper()
	files, err := filepath.Glob("testdata/invariants/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("every invariant has NAME.sql, and NAME.break.sql that violates it: %v", err)
		}
		return string(text)
	}
	var all []invariant
	for _, f := range files {
		if !strings.HasSuffix(f, ".break.sql") {
			name := strings.TrimSuffix(filepath.Base(f), ".sql")
			all = append(all, invariant{name, read(f), read(strings.TrimSuffix(f, ".sql") + ".break.sql")})
		}
	}
	return all
}

// violations runs an invariant and returns its rows.
func violations(t *testing.T, q interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}, inv invariant,
) []map[string]any {
	t.Helper()
	rows, err := q.Query(t.Context(), inv.query)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func loaded(t *testing.T, seed uint64) (*pgxpool.Pool, Summary) {
	t.Helper()
	pool := dbtest.New(t, nil)
	summary, err := Load(t.Context(), pool, seed)
	if err != nil {
		t.Fatalf("Load(seed %d): %v", seed, err)
	}
	// Some invariants walk the whole genealogy: without statistics PostgreSQL takes ten times as long.
	if _, err := pool.Exec(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	return pool, summary
}

func TestInvariantsHold(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{DefaultSeed, 20261030} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			pool, _ := loaded(t, seed)
			for _, inv := range invariants(t) {
				if found := violations(t, pool, inv); len(found) > 0 {
					t.Errorf("%s: %d rows, the first: %v", inv.name, len(found), found[0])
				}
			}
		})
	}
}

// An invariant that can't fail proves nothing: each one must see the violation made for it, in a transaction that is
// rolled back.
func TestInvariantsSeeTheirViolation(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, DefaultSeed)
	for _, inv := range invariants(t) {
		seesViolation(t, pool, inv)
	}
}

func seesViolation(t *testing.T, pool *pgxpool.Pool, inv invariant) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(context.Background()); err != nil { // the test's own context may be over
			t.Error(err)
		}
	}()
	// Without triggers, which would keep some invariants.
	if _, err := tx.Exec(t.Context(), "SET LOCAL session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	tag, err := tx.Exec(t.Context(), inv.violation)
	if err != nil {
		t.Fatalf("%s.break.sql: %v", inv.name, err)
	}
	if tag.RowsAffected() == 0 {
		t.Errorf("%s.break.sql changes nothing", inv.name)
	}
	if len(violations(t, tx, inv)) == 0 {
		t.Errorf("%s does not see what %s.break.sql does", inv.name, inv.name)
	}
}
