package job_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/identity"
	"flowviz/internal/job"
	"flowviz/internal/relay"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestTablesAreRivers: our migration leaves what the library asks for.
func TestTablesAreRivers(t *testing.T) {
	t.Parallel()
	migrator, err := rivermigrate.New(riverpgxv5.New(dbtest.New(t, nil)), nil)
	must(t, err)
	result, err := migrator.Validate(t.Context(), nil)
	must(t, err)
	if !result.OK {
		t.Errorf("bring migrations/ up to River's own: %v", result.Messages)
	}
}

// TestTablesAreTheSame: as River's own migrations would have made them.
func TestTablesAreTheSame(t *testing.T) {
	t.Parallel()
	const columns = `SELECT string_agg(line, E'\n' ORDER BY line) FROM (
		SELECT format('column %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE c.relname LIKE 'river%' AND c.relkind = 'r'
		UNION ALL
		SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relname LIKE 'river%' AND NOT i.indisprimary
		UNION ALL
		SELECT format('check %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid::regclass::text LIKE 'river%' AND contype = 'c'
		UNION ALL
		SELECT format('enum %s', string_agg(enumlabel, ' ' ORDER BY enumsortorder)) FROM pg_enum WHERE enumtypid = (SELECT oid FROM pg_type WHERE typname = 'river_job_state')
		UNION ALL
		SELECT format('function %s', regexp_replace(pg_get_functiondef(oid), '\s+', ' ', 'g')) FROM pg_proc WHERE proname LIKE 'river%'
	) x`
	pool := dbtest.New(t, nil)
	var ours, theirs string
	must(t, pool.QueryRow(t.Context(), columns).Scan(&ours))
	_, err := pool.Exec(t.Context(), `DROP TABLE river_notification, river_queue, river_leader, river_job, river_migration;
		DROP FUNCTION river_job_state_in_bitmask; DROP TYPE river_job_state`)
	must(t, err)
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	must(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	must(t, err)
	must(t, pool.QueryRow(t.Context(), columns).Scan(&theirs))
	if diff := cmp.Diff(strings.Split(theirs, "\n"), strings.Split(ours, "\n")); diff != "" {
		t.Errorf("River's (-), ours (+):\n%s", diff)
	}
}

// watched is a store that tells what it was given.
type watched struct {
	audit.Store
	put chan *audit.Checkpoint
}

func (w watched) Put(ctx context.Context, c *audit.Checkpoint) error {
	err := w.Store.Put(ctx, c)
	w.put <- c
	return err
}

// told passes on what is logged as an error.
type told struct {
	slog.Handler
	lines chan string
}

func (h told) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

func (h told) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	select {
	case h.lines <- line:
	default: // nobody reads any more
	}
	return nil
}

// TestCheckpointsAreSignedPeriodically: a runner signs what there is when it starts, and what comes after.
func TestCheckpointsAreSignedPeriodically(t *testing.T) {
	t.Parallel()
	pool, ctx := dbtest.New(t, nil), t.Context()
	site, err := db.New(pool).InsertSite(ctx, db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	must(t, err)
	keys, err := audit.EnsureKeys(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	store := watched{audit.NewFolder(t.TempDir()), make(chan *audit.Checkpoint, 10)}
	// A clock of which each look is a minute later than the one before.
	now := time.Date(2026, 10, 14, 12, 0, 0, 0, time.UTC)
	checkpointer, err := audit.NewCheckpointer(pool, store, keys, func() time.Time { now = now.Add(time.Minute); return now })
	must(t, err)
	said := told{slog.DiscardHandler, make(chan string, 10)}
	runner, err := job.New(pool, slog.New(said), job.Checkpoints(checkpointer))
	must(t, err)

	add := func() {
		t.Helper()
		recorder := audit.NewRecorder(uuid.New, func() time.Time { return time.Unix(0, 0) })
		program := identity.WithOrigin(ctx, identity.Origin{Program: "a test"})
		must(t, db.InTx(ctx, pool, db.Scope{}, func(q *db.Queries) error {
			return recorder.Record(program, q, audit.Entry{Site: site, Action: audit.RegisterPartner, Subject: relay.ID{Kind: relay.Partner, Site: site}})
		}))
	}
	add()
	must(t, runner.Start(ctx))
	if c := <-store.put; c.Sequence != 1 || c.Site != "DUNA" {
		t.Errorf("%+v", c)
	}
	add()
	if c := <-store.put; c.Sequence != 2 {
		t.Errorf("%+v", c)
	}
	_, err = pool.Exec(ctx, "UPDATE site_head SET audit_sequence = 1")
	must(t, err)
	if line := <-said.lines; !strings.Contains(line, "flowviz audit verify") {
		t.Errorf("a log that was cut: %s", line)
	}
	runner.Stop(ctx)
	_, err = pool.Exec(ctx, "UPDATE site_head SET audit_sequence = 2")
	must(t, err)
	reports, err := audit.NewVerifier(pool, store, keys).All(ctx, "")
	must(t, err)
	if r := reports[0]; !r.Intact() || r.Checkpoints != 2 || r.Covered != 2 {
		t.Errorf("%+v", r)
	}
	var running int
	must(t, pool.QueryRow(ctx, "SELECT count(*) FROM river_job WHERE state = 'running'").Scan(&running))
	if running != 0 {
		t.Errorf("%d jobs still run after Stop", running)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
