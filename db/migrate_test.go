package db_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/fault"
)

func TestMigrationsUpDownUp(t *testing.T) {
	t.Parallel()
	url := dbtest.EmptyURL(t)
	m := migrator(t, url)
	empty := catalog(t, url)

	up, err := m.Up(t.Context())
	must(t, err)
	must(t, m.Check(t.Context()))
	first := catalog(t, url)
	if len(first) == len(empty) {
		t.Fatal("the migrations made nothing")
	}

	var down []string
	for {
		file, err := m.Down(t.Context())
		must(t, err)
		if file == "" {
			break
		}
		down = append(down, file)
	}
	slices.Reverse(down)
	if diff := cmp.Diff(up, down); diff != "" {
		t.Errorf("taken back (+), other than applied (-):\n%s", diff)
	}
	if diff := cmp.Diff(empty, catalog(t, url)); diff != "" {
		t.Errorf("left behind (+) after all went down:\n%s", diff)
	}

	again, err := m.Up(t.Context())
	must(t, err)
	if diff := cmp.Diff(up, again); diff != "" {
		t.Errorf("applied the second time (+):\n%s", diff)
	}
	if diff := cmp.Diff(first, catalog(t, url)); diff != "" {
		t.Errorf("the schema differs the second time (+):\n%s", diff)
	}
}

// TestMigrateAtOnce: replicas that start together apply each migration once, and all of them find the schema current.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	const replicas = 4
	url := dbtest.EmptyURL(t)
	type result struct {
		files []string
		err   error
	}
	results := make(chan result, replicas)
	for range replicas {
		m := migrator(t, url)
		go func() {
			files, err := m.Up(t.Context())
			if err == nil {
				err = m.Check(t.Context())
			}
			results <- result{files, err}
		}()
	}
	var applied []string
	for range replicas {
		r := <-results
		must(t, r.err)
		applied = append(applied, r.files...)
	}
	slices.Sort(applied)
	var want []string
	for _, s := range status(t, migrator(t, url)) {
		want = append(want, s.File)
	}
	if diff := cmp.Diff(want, applied); diff != "" {
		t.Errorf("applied (+):\n%s", diff)
	}
}

func TestMigrationStatus(t *testing.T) {
	t.Parallel()
	m := migrator(t, dbtest.EmptyURL(t))
	if err := m.Check(t.Context()); !fault.Is(err, fault.FailedPrecondition) {
		t.Errorf("check of an empty database: %v", err)
	}
	for _, s := range status(t, m) {
		if !s.AppliedAt.IsZero() {
			t.Errorf("%s is applied to an empty database", s.File)
		}
	}
	_, err := m.Up(t.Context())
	must(t, err)
	last, err := m.Down(t.Context())
	must(t, err)
	for _, s := range status(t, m) {
		if pending := s.AppliedAt.IsZero(); pending != (s.File == last) {
			t.Errorf("%s pending: %v, after %s was taken back", s.File, pending, last)
		}
	}
	if err := m.Check(t.Context()); !fault.Is(err, fault.FailedPrecondition) {
		t.Errorf("check with one pending: %v", err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	conn := connect(t, url)
	_, err := conn.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	must(t, err)
	before := catalog(t, url)

	m := migrator(t, url)
	for name, act := range map[string]func(context.Context) error{
		"up":     func(ctx context.Context) error { _, err := m.Up(ctx); return err },
		"down":   func(ctx context.Context) error { _, err := m.Down(ctx); return err },
		"status": func(ctx context.Context) error { _, err := m.Status(ctx); return err },
		"check":  m.Check,
	} {
		if err := act(t.Context()); !fault.Is(err, fault.FailedPrecondition) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(before, catalog(t, url)); diff != "" {
		t.Errorf("changed (+):\n%s", diff)
	}
}

func TestBadDatabaseURL(t *testing.T) {
	t.Parallel()
	if _, err := db.NewMigrator("postgres://127.0.0.1:port/"); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("migrator: %v", err)
	}
	if _, err := db.Open(t.Context(), "postgres://127.0.0.1:port/", nil); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("pool: %v", err)
	}
}

// catalog describes all that migrations can make in the public schema, one line a thing, in order.
func catalog(t *testing.T, url string) []string {
	t.Helper()
	rows, err := connect(t, url).Query(t.Context(), `
		WITH ours AS (
			SELECT c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions
			FROM pg_class c
			WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'goose_db_version%'
		)
		SELECT format('%s %s %s %s %s', relkind, relname, relrowsecurity, relforcerowsecurity, reloptions) FROM ours
		UNION ALL
		SELECT format('column %s.%s %s %s %s %s %s', o.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
			a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
		FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		UNION ALL
		SELECT format('constraint %s.%s %s', o.relname, c.conname, pg_get_constraintdef(c.oid))
		FROM ours o JOIN pg_constraint c ON c.conrelid = o.oid
		UNION ALL
		SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM ours o JOIN pg_index i ON i.indrelid = o.oid
		UNION ALL
		SELECT format('trigger %s', pg_get_triggerdef(g.oid))
		FROM ours o JOIN pg_trigger g ON g.tgrelid = o.oid AND NOT g.tgisinternal
		UNION ALL
		SELECT format('policy %s.%s %s %s', o.relname, p.polname, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
		FROM ours o JOIN pg_policy p ON p.polrelid = o.oid
		UNION ALL
		SELECT format('enum %s %s', e.enumtypid::regtype, string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder))
		FROM pg_enum e GROUP BY e.enumtypid
		UNION ALL
		SELECT format('function %s', pg_get_functiondef(f.oid))
		FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prokind <> 'a'
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e')
		UNION ALL
		SELECT format('extension %s', extname) FROM pg_extension
		ORDER BY 1`)
	must(t, err)
	things, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return things
}

func status(t *testing.T, m *db.Migrator) []db.MigrationStatus {
	t.Helper()
	all, err := m.Status(t.Context())
	must(t, err)
	if len(all) == 0 {
		t.Fatal("no migrations")
	}
	return all
}

func migrator(t *testing.T, url string) *db.Migrator {
	t.Helper()
	m, err := db.NewMigrator(url)
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	return m
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close(context.Background())) })
	return conn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
