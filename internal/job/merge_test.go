package job_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/job"
)

// TestMergeCodes: it takes in what is registered, as who may not touch the index.
func TestMergeCodes(t *testing.T) {
	t.Parallel()
	pool, ctx := dbtest.New(t, nil), t.Context()
	kind := uuid.New()
	site, err := db.New(pool).InsertSite(ctx, db.InsertSiteParams{Code: "DUNA", Name: "Duna", TimeZone: "Europe/Budapest"})
	must(t, err)
	_, err = pool.Exec(ctx, "INSERT INTO lot_type (id, code, name, role, unit, sort_order) VALUES ($1, 'RAW', '{}', 'RAW', 'KGM', 0)", kind)
	must(t, err)
	register := func(code string) {
		t.Helper()
		_, err := pool.Exec(ctx, `INSERT INTO lot (id, site_id, code, lot_type_id, status, source, weight_kg, remaining_kg, occurred_at, registered_at)
			VALUES ($1, $2, $3, $4, 'RELEASED', 'PERSON', 1, 1, now(), now())`, uuid.New(), site, code, kind)
		must(t, err)
	}
	app := dbtest.AsApp(t, pool, nil)
	merge := func() int64 {
		t.Helper()
		pages, err := db.New(app).MergeLotCodes(ctx)
		must(t, err)
		return pages
	}
	register("RAW-20261001-DUNA-0001")
	if pages := merge(); pages != 1 {
		t.Errorf("%d pages of codes, not 1", pages)
	}
	register("RAW-20261001-DUNA-0002")
	runner, err := job.New(app, slog.New(slog.DiscardHandler), job.MergeCodes(app))
	must(t, err)
	must(t, runner.Start(ctx))
	defer runner.Stop(ctx)
	patience, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for done := 0; done == 0; {
		must(t, pool.QueryRow(ctx, "SELECT count(*) FROM river_job WHERE kind = 'merge_lot_codes' AND state = 'completed'").Scan(&done))
		select {
		case <-patience.Done():
			t.Fatal("the job wasn't done")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if pages := merge(); pages != 0 {
		t.Errorf("the job left %d pages", pages)
	}
}
