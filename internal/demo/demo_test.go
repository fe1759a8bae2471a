package demo

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
)

// digests are a hash of each table's rows, but for the number of the transaction that wrote them.
func digests(t *testing.T, pool *pgxpool.Pool) map[string]string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for _, table := range tables {
		var sum string
		name := pgx.Identifier{table}.Sanitize()
		err := pool.QueryRow(t.Context(), `SELECT md5(coalesce(string_agg(x.row, E'\n' ORDER BY x.row), '')) FROM (SELECT (to_jsonb(t) - 'created_in' - 'changed_in')::text AS row FROM `+name+` t) x`).Scan(&sum)
		if err != nil {
			t.Fatal(err)
		}
		sums[table] = sum
	}
	return sums
}

func TestEqualSeedsGiveEqualHistories(t *testing.T) {
	t.Parallel()
	one, _ := loaded(t, DefaultSeed)
	again, _ := loaded(t, DefaultSeed)
	other, _ := loaded(t, DefaultSeed+1)
	first := digests(t, one)
	if diff := cmp.Diff(first, digests(t, again)); diff != "" {
		t.Errorf("two loads of one seed (-first +second):\n%s", diff)
	}
	if different := digests(t, other); different["lot"] == first["lot"] || different["qc_decision"] == first["qc_decision"] {
		t.Error("another seed gives the same lots or decisions")
	}
}

func TestDefaultSeedTellsTheReadmesStory(t *testing.T) {
	t.Parallel()
	pool, got := loaded(t, DefaultSeed)
	want := Summary{
		Loaded: true, Sites: 2, Runs: 100, Lots: 5142, Transformations: 5469, Decisions: 5690, Holds: 24, Links: 7378,
		HeldLot: "RAW-20261027-DUNA-0002", Pallet: "PAL-20261028-DUNA-0003",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the README quotes has changed: change it there too (-want +got):\n%s", diff)
	}
	before := digests(t, pool)
	again, err := Load(t.Context(), pool, DefaultSeed+1)
	if err != nil || again != (Summary{}) {
		t.Errorf("second Load = %+v, %v; want nothing loaded", again, err)
	}
	if diff := cmp.Diff(before, digests(t, pool)); diff != "" {
		t.Errorf("the second load changed the database (-before +after):\n%s", diff)
	}
}

func TestLoadIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	// One of the rows that are written last is refused.
	if _, err := pool.Exec(t.Context(), "ALTER TABLE alert ADD CONSTRAINT alert_refused CHECK (severity <> 'CRITICAL')"); err != nil {
		t.Fatal(err)
	}
	empty := digests(t, pool)
	if got, err := Load(t.Context(), pool, DefaultSeed); err == nil {
		t.Fatalf("Load = %+v, want an error", got)
	}
	if diff := cmp.Diff(empty, digests(t, pool)); diff != "" {
		t.Errorf("a load that failed left something behind (-empty +now):\n%s", diff)
	}
}

// A scenario of the catalogue may have been imported before the demo is loaded.
func TestLoadUsesStoredScenarios(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	defs, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), pool, db.Scope{}, func(q *db.Queries) error {
		_, err := scenario.Store(t.Context(), q, defs[0], uuid.New, db.ScenarioStatusPUBLISHED)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Load(t.Context(), pool, DefaultSeed); err != nil || !got.Loaded {
		t.Errorf("Load = %+v, %v; want it loaded", got, err)
	}
}

// Whatever the seed, no script runs into a rule, and the demo is as large as it should be.
func TestAnySeedGivesAHistory(t *testing.T) {
	t.Parallel()
	defs, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(30) {
		h, err := simulate(seed, defs)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if n := len(h.lots); n < 4_500 || n > 5_500 {
			t.Errorf("seed %d: %d lots, want about 5,000", seed, n)
		}
	}
}

func TestProductionDay(t *testing.T) {
	t.Parallel()
	c, err := loadClock(timeZone)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ at, want string }{
		"in the morning":            {"2026-10-05T06:00:00+02:00", "2026-10-05"},
		"before it begins":          {"2026-10-05T05:59:59+02:00", "2026-10-04"},
		"in another zone":           {"2026-10-05T04:00:00Z", "2026-10-05"},
		"the night of winter time":  {"2026-10-25T02:30:00+01:00", "2026-10-24"},
		"the first morning with it": {"2026-10-25T06:00:00+01:00", "2026-10-25"},
	} {
		at, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.productionDay(at).Format(time.DateOnly); got != tc.want {
			t.Errorf("%s: productionDay(%s) = %s, want %s", name, tc.at, got, tc.want)
		}
	}
}

func TestNoiseKeepsItsSpread(t *testing.T) {
	t.Parallel()
	n := newNoise(1, "test")
	low, high := int64(1000), int64(-1000)
	for range 20_000 {
		v := n.around(50, 20)
		low, high = min(low, v), max(high, v)
	}
	if low < 30 || low > 35 || high > 70 || high < 65 {
		t.Errorf("around(50, 20) gave %d to %d, want nearly 30 to 70", low, high)
	}
	if got := newNoise(1, "test").Int64(); got != newNoise(1, "test").Int64() {
		t.Error("equal seeds give other noise")
	}
	if newNoise(1, "test").Int64() == newNoise(1, "other").Int64() {
		t.Error("two lines have the same noise")
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add(int64(-185), uint8(1))
	f.Add(int64(5), uint8(3))
	f.Add(int64(0), uint8(2))
	f.Fuzz(func(t *testing.T, v int64, decimals uint8) {
		v, places := v%1_000_000_000, int(decimals%6)
		if got := parse(decimal(v, places), places); got != v {
			t.Errorf("parse(decimal(%d, %d)) = %d", v, places, got)
		}
	})
}
