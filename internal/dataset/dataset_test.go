package dataset_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db/dbtest"
	"flowviz/internal/dataset"
	"flowviz/internal/fault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// check is a question whose answer is known: one row with one boolean.
type check struct{ name, sql string }

// history are the invariants of what a plant would have written.
var history = []check{
	{"a lot is the output of one transformation, with its weight", `
		SELECT bool_and(n = 1 AND kg = weight_kg) FROM (
			SELECT l.weight_kg, count(o.lot_id) AS n, sum(o.quantity_kg) AS kg
			FROM lot l LEFT JOIN transformation_output o ON o.lot_id = l.id AND o.site_id = l.site_id GROUP BY l.id, l.site_id) x`},
	{"weight = consumed + remaining, to the gram", `
		SELECT bool_and(weight_kg = remaining_kg + coalesce(consumed, 0) AND remaining_kg >= 0)
		FROM lot l LEFT JOIN (SELECT lot_id, sum(quantity_kg) AS consumed FROM transformation_input GROUP BY lot_id) i ON i.lot_id = l.id`},
	{"a lot weighs what its inputs weighed", `
		SELECT bool_and(o.quantity_kg = i.kg) FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id
		JOIN (SELECT transformation_id, sum(quantity_kg) AS kg FROM transformation_input GROUP BY 1) i ON i.transformation_id = t.id
		WHERE t.kind = 'PROCESS'`},
	{"weights are within the domain's bounds", `SELECT min(weight_kg) > 0 AND max(weight_kg) <= 10000 FROM lot`},
	{"nothing remains of consumed lots alone", `SELECT bool_and((status = 'CONSUMED') = (remaining_kg = 0)) AND count(*) FILTER (WHERE status = 'CONSUMED') > 0 FROM lot`},
	{"the genealogy is inputs × outputs", `
		WITH derived AS (
			SELECT o.lot_id, i.lot_id, o.transformation_id, o.site_id, i.site_id AS parent_site_id
			FROM transformation_output o JOIN transformation_input i USING (transformation_id)),
		stored AS (SELECT child_id, parent_id, transformation_id, site_id, parent_site_id FROM lot_genealogy)
		SELECT NOT EXISTS (TABLE derived EXCEPT TABLE stored) AND NOT EXISTS (TABLE stored EXCEPT TABLE derived)`},
	{"deliveries have 1 to 40 raw lots and no input", `
		SELECT bool_and(lots BETWEEN 1 AND 40 AND inputs = 0 AND raw) FROM (
			SELECT (SELECT count(*) FROM transformation_input i WHERE i.transformation_id = t.id) AS inputs, count(*) AS lots, bool_and(lt.role = 'RAW') AS raw
			FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id
			JOIN lot l ON l.id = o.lot_id JOIN lot_type lt ON lt.id = l.lot_type_id WHERE t.kind = 'RECEIVE' GROUP BY t.id) x`},
	{"every other lot has a process of its own", `
		SELECT bool_and(lots = 1 AND NOT raw) FROM (
			SELECT count(*) AS lots, bool_or(lt.role = 'RAW') AS raw
			FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id
			JOIN lot l ON l.id = o.lot_id JOIN lot_type lt ON lt.id = l.lot_type_id WHERE t.kind = 'PROCESS' GROUP BY t.id) x`},
	{"nothing is consumed before it is there", `
		SELECT bool_and(l.occurred_at <= l.registered_at AND l.registered_at < t.occurred_at)
		FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id JOIN lot l ON l.id = i.lot_id`},
	{"codes are TYPE-YYYYMMDD-SITE-####", `
		SELECT bool_and(l.code ~ ('^' || lt.code || '-' || to_char((l.occurred_at - '6 hours'::interval) AT TIME ZONE 'UTC', 'YYYYMMDD') || '-' || s.code || '-[0-9]{4}$'))
		FROM lot l JOIN lot_type lt ON lt.id = l.lot_type_id JOIN site s ON s.id = l.site_id`},
	{"ids are UUIDv7 of the time of registration", `
		SELECT bool_and(uuid_extract_version(id) = 7 AND ('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint = floor(extract(epoch FROM registered_at) * 1000)) FROM lot`},
	{"every site has a head", `SELECT count(*) = (SELECT count(*) FROM site_head) FROM site`},
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	before := catalog(t, pool)
	report, err := dataset.Generate(t.Context(), pool, dataset.Options{Lots: 20_000, Seed: 1, SiteSize: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, catalog(t, pool)); diff != "" {
		t.Errorf("the schema isn't what it was before (-before +after):\n%s", diff)
	}
	wantReport(t, pool, report)
	verify(t, pool, history)
	verify(t, pool, []check{
		{"30 % are raw material", `SELECT avg((lt.role = 'RAW')::int) BETWEEN 0.29 AND 0.31 FROM lot l JOIN lot_type lt ON lt.id = l.lot_type_id`},
		{"2.7 parents on average, three at most", `
			SELECT avg(n) BETWEEN 2.65 AND 2.75 AND max(n) = 3 FROM (SELECT count(DISTINCT parent_id) AS n FROM lot_genealogy GROUP BY child_id) x`},
		{"parents are among the 400 before, so there is no cycle; near ones are likelier", `
			WITH place AS (SELECT id, row_number() OVER (ORDER BY registered_at) AS n FROM lot)
			SELECT bool_and(c.n - p.n BETWEEN 1 AND 400) AND max(c.n - p.n) > 380 AND avg(c.n - p.n) BETWEEN 100 AND 140
			FROM lot_genealogy g JOIN place c ON c.id = g.child_id JOIN place p ON p.id = g.parent_id`},
	})
	plan := one[string](t, pool, `EXPLAIN (ANALYZE, FORMAT JSON) SELECT child_id, parent_id FROM lot_genealogy ORDER BY child_id, parent_id`)
	if !strings.Contains(plan, `"Heap Fetches": 0`) {
		t.Errorf("an index-only scan reads the heap: %s", plan)
	}
	for _, size := range []int{90, 400, 7000} {
		if len(samplesOf(report, size)) == 0 {
			t.Errorf("no sample of about %d ancestors", size)
		}
	}
}

// TestChain has 50 small sites, the last of them with a chain.
func TestChain(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	report, err := dataset.Generate(t.Context(), pool, dataset.Options{Lots: 4_990, Seed: 1, SiteSize: 100})
	if err != nil {
		t.Fatal(err)
	}
	wantReport(t, pool, report)
	verify(t, pool, history)
	if got, want := report.Lots, 4_990+5_001; got != want {
		t.Errorf("%d lots, want %d: a chain's lots come on top", got, want)
	}
	ends := samplesOf(report, 5000)
	if len(ends) != 1 || !ends[0].Chain || !strings.Contains(ends[0].Code, "-AABX-") {
		t.Fatalf("chain's ends are %v, want one, at the 50th site AABX", ends)
	}
	var steps int
	err = pool.QueryRow(t.Context(), `
		WITH RECURSIVE chain (id, step) AS (
			SELECT id, 0 FROM lot WHERE code = $1
			UNION ALL
			SELECT g.parent_id, c.step + 1 FROM chain c JOIN lot_genealogy g ON g.child_id = c.id
			WHERE 1 = (SELECT count(*) FROM lot_genealogy x WHERE x.child_id = c.id)
			  AND 1 = (SELECT count(*) FROM lot_genealogy x WHERE x.parent_id = g.parent_id)
		) SELECT max(step) FROM chain`, ends[0].Code).Scan(&steps)
	if err != nil {
		t.Fatal(err)
	}
	if steps != 5000 {
		t.Errorf("the chain's end is %d steps of only child from its beginning, want 5000", steps)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	digest := func(seed uint64) string {
		pool := dbtest.New(t, nil)
		if _, err := dataset.Generate(t.Context(), pool, dataset.Options{Lots: 500, Seed: seed, SiteSize: 200}); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, table := range []string{"site", "scenario", "lot_type", "lot", "transformation", "transformation_input", "transformation_output", "lot_genealogy"} {
			all = append(all, one[string](t, pool, fmt.Sprintf(`SELECT md5(string_agg(r.row, ' ' ORDER BY r.row)) FROM (SELECT (to_jsonb(t) - 'created_in' - 'changed_in')::text AS row FROM %s t) r`, table)))
		}
		return strings.Join(all, " ")
	}
	first := digest(7)
	if again := digest(7); again != first {
		t.Errorf("seed 7 gave %s, then %s", first, again)
	}
	if other := digest(8); other == first {
		t.Error("seeds 7 and 8 gave the same data")
	}
}

// TestFailure lets the third site's code be taken: by then indexes and foreign keys are gone.
func TestFailure(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	if _, err := pool.Exec(t.Context(), `INSERT INTO site (code, name, time_zone) VALUES ('AAAC', 'Taken', 'UTC')`); err != nil {
		t.Fatal(err)
	}
	before := catalog(t, pool)
	if _, err := dataset.Generate(t.Context(), pool, dataset.Options{Lots: 500, Seed: 1, SiteSize: 100}); !fault.Is(err, fault.Conflict) {
		t.Errorf("error %v, want CONFLICT", err)
	}
	if diff := cmp.Diff(before, catalog(t, pool)); diff != "" {
		t.Errorf("the schema isn't what it was before (-before +after):\n%s", diff)
	}
	verify(t, pool, []check{
		{"nothing was written", `SELECT (SELECT count(*) FROM site) = 1 AND NOT EXISTS (SELECT FROM lot) AND NOT EXISTS (SELECT FROM scenario)`},
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	filled := dbtest.New(t, nil)
	if _, err := dataset.Generate(t.Context(), filled, dataset.Options{Lots: 10, SiteSize: 10}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		opt  dataset.Options
		want fault.Code
		text string
	}{
		{"lots are there", dataset.Options{Lots: 10, SiteSize: 10}, fault.FailedPrecondition, "has lots already"},
		{"no lots", dataset.Options{SiteSize: 10}, fault.BadUserInput, "lots: "},
		{"no site size", dataset.Options{Lots: 10}, fault.BadUserInput, "site-size: "},
		{"site too large", dataset.Options{Lots: 10, SiteSize: 100_001}, fault.BadUserInput, "100000"},
		{"too many sites", dataset.Options{Lots: 456_977, SiteSize: 1}, fault.BadUserInput, "codes of four letters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := dataset.Generate(t.Context(), filled, test.opt)
			if !fault.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %q, want %s with %q", err, test.want, test.text)
			}
		})
	}
}

// wantReport compares the report with what the database holds.
func wantReport(t *testing.T, pool *pgxpool.Pool, got dataset.Report) {
	t.Helper()
	counts := func(r dataset.Report) [4]int { return [4]int{r.Sites, r.Lots, r.Links, r.Transformations} }
	want := dataset.Report{
		Sites: one[int](t, pool, `SELECT count(*) FROM site`), Lots: one[int](t, pool, `SELECT count(*) FROM lot`),
		Links: one[int](t, pool, `SELECT count(*) FROM lot_genealogy`), Transformations: one[int](t, pool, `SELECT count(*) FROM transformation`),
	}
	if counts(got) != counts(want) {
		t.Errorf("reported sites, lots, links, transformations %v, there are %v", counts(got), counts(want))
	}
	for _, s := range got.Samples {
		from, to := "child_id", "parent_id"
		if s.Descendants {
			from, to = to, from
		}
		query := fmt.Sprintf(`
			WITH RECURSIVE kin (id) AS (
				SELECT g.%[2]s FROM lot l JOIN lot_genealogy g ON g.%[1]s = l.id WHERE l.code = $1
				UNION SELECT g.%[2]s FROM kin JOIN lot_genealogy g ON g.%[1]s = kin.id
			) SELECT count(*) FROM kin`, from, to)
		var kin int
		if err := pool.QueryRow(t.Context(), query, s.Code).Scan(&kin); err != nil {
			t.Fatal(err)
		}
		if kin != s.Kin {
			t.Errorf("%+v leads to %d lots", s, kin)
		}
	}
}

func samplesOf(r dataset.Report, size int) []dataset.Sample {
	var found []dataset.Sample
	for _, s := range r.Samples {
		if s.Size == size {
			found = append(found, s)
		}
	}
	return found
}

// catalog lists the constraints and indexes of all tables.
func catalog(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		SELECT format('%s %s %s %s', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace AND i.indisvalid
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 50 {
		t.Fatalf("the catalog has %d constraints and indexes, expected more", len(list))
	}
	return list
}

func verify(t *testing.T, pool *pgxpool.Pool, checks []check) {
	t.Helper()
	for _, c := range checks {
		if !one[bool](t, pool, c.sql) {
			t.Errorf("it doesn't hold that %s", c.name)
		}
	}
}

func one[T any](t *testing.T, pool *pgxpool.Pool, sql string) T {
	t.Helper()
	var value T
	if err := pool.QueryRow(context.Background(), sql).Scan(&value); err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return value
}
