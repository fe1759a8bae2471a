package db_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
)

// ofTheCompany are the tables whose rows belong to no site: people, how they sign in and what they signed; production
// definitions and products; numbers of pallets; the schema's version. A table that is missing here needs row level security.
var ofTheCompany = []string{
	"api_token", "app_user",
	"external_identity", "external_link",
	"goose_db_version",
	"idempotency_key", // by its user instead
	"lot_type", "password_credential", "password_guess", "phase", "product", "product_component", "product_recipe", "qc_gate", "qc_gate_lot_type", "refresh_token",
	"river_job", "river_leader", "river_migration", "river_notification", "river_queue", // periodic work
	"scenario", "session", "signature", "sscc_counter", "stream",
}

// TestEveryTableIsSecured reads the catalog: each table either is one of the company's, or has forced row level security
// with policies for reading and for writing that compare its site with the transaction's.
func TestEveryTableIsSecured(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	rows, err := pool.Query(t.Context(), `
		SELECT c.relname AS "table", c.relrowsecurity AND c.relforcerowsecurity AS forced,
			EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'site_id') AS site_owned,
			EXISTS (
				SELECT FROM pg_policies p WHERE p.tablename = c.relname AND p.schemaname = 'public' AND p.cmd IN ('ALL', 'SELECT')
					AND p.qual ~ 'IN \( SELECT unnest\(\(NULLIF\(current_setting\(''flowviz.(sites|audits)'''
			) AND EXISTS (
				SELECT FROM pg_policies p WHERE p.tablename = c.relname AND p.schemaname = 'public' AND p.cmd IN ('ALL', 'INSERT')
					AND coalesce(p.with_check, p.qual) ~ 'IN \( SELECT unnest\(\(NULLIF\(current_setting\(''flowviz.sites'''
			) AS by_site
		FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname`)
	if err != nil {
		t.Fatal(err)
	}
	type table struct {
		Table                     string
		Forced, SiteOwned, BySite bool
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	if err != nil {
		t.Fatal(err)
	}
	var company []string
	for _, table := range tables {
		if slices.Contains(ofTheCompany, table.Table) {
			company = append(company, table.Table)
			if table.SiteOwned {
				t.Errorf("%s has a site_id: its rows belong to a site", table.Table)
			}
			continue
		}
		if !table.Forced || !table.BySite {
			t.Errorf("%s: row level security is forced: %v; a policy by site: %v", table.Table, table.Forced, table.BySite)
		}
	}
	if diff := cmp.Diff(ofTheCompany, company); diff != "" {
		t.Errorf("tables of the company (-named +found):\n%s", diff)
	}
}

// TestSitesAreKeptApart asks every secured table for all it has, as the app: without a site nothing is there, with one nothing
// of another. Then it writes where it may not.
func TestSitesAreKeptApart(t *testing.T) {
	t.Parallel()
	owner := dbtest.New(t, nil)
	for _, code := range []string{"DUNA", "TISZ"} {
		if _, err := db.New(owner).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "UTC"}); err != nil {
			t.Fatal(err)
		}
	}
	app := dbtest.AsApp(t, owner, nil)
	t.Cleanup(app.Close)

	for name, c := range map[string]struct {
		scope db.Scope
		want  []string
	}{
		"none":  {db.Scope{}, nil},
		"first": {db.Scope{Sites: []int32{1}}, []string{"DUNA"}},
		"both":  {db.Scope{Sites: []int32{1, 2}}, []string{"DUNA", "TISZ"}},
	} {
		if diff := cmp.Diff(c.want, siteCodes(t, app, c.scope)); diff != "" {
			t.Errorf("sites in the scope of %s (-want +got):\n%s", name, diff)
		}
	}
	if codes := codesOf(t, app); len(codes) > 0 {
		t.Errorf("outside transactions the app sees %v", codes)
	}

	err := db.InTx(t.Context(), app, db.Scope{Sites: []int32{1}}, func(q *db.Queries) error {
		_, err := q.InsertPartner(t.Context(), db.InsertPartnerParams{ID: uuid.New(), SiteID: 2, Name: "Farm"})
		return err
	})
	if err == nil {
		t.Error("a partner was written at a site outside the scope")
	}
	for _, forbidden := range []string{"DELETE FROM lot", "UPDATE qc_decision SET notes = ''", "UPDATE site SET code = 'ABCD'", "INSERT INTO site (code, name, time_zone) VALUES ('ABCD', 'x', 'UTC')", "SELECT create_site('ABCD', 'x', 'UTC')", "TRUNCATE lot CASCADE", "ALTER TABLE lot DISABLE ROW LEVEL SECURITY"} {
		if _, err := app.Exec(t.Context(), forbidden); err == nil {
			t.Errorf("the app may %s", forbidden)
		}
	}
}

func siteCodes(t *testing.T, pool *pgxpool.Pool, scope db.Scope) (codes []string) {
	t.Helper()
	s := db.NewSnapshot(t.Context(), pool, scope)
	defer s.Close()
	return codesOf(t, s)
}

func codesOf(t *testing.T, tx db.DBTX) (codes []string) {
	t.Helper()
	sites, err := db.New(tx).Sites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sites {
		codes = append(codes, s.Code)
	}
	return codes
}

// TestAppLogin shows who may work as the app, and that its login follows the owner's.
func TestAppLogin(t *testing.T) {
	t.Parallel()
	ownerURL := dbtest.URL(t)
	appURL, err := db.EnsureAppLogin(t.Context(), ownerURL)
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]bool{ownerURL: false, appURL: true} {
		app, err := db.IsApp(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if app != want {
			t.Errorf("works as the app: %v, not %v", app, want)
		}
	}
	again, err := db.EnsureAppLogin(t.Context(), ownerURL)
	if err != nil || again != appURL {
		t.Errorf("asked again, the login is another: %v", err)
	}
	if _, err := db.EnsureAppLogin(t.Context(), appURL); err == nil {
		t.Error("the app's own role passes for the owner")
	}
}

// TestKeysCarryTheSite reads the catalog: the key of each table of a site's rows has the site and doesn't begin with it, and each reference
// between two such tables names the site that it leads to.
func TestKeysCarryTheSite(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	rows, err := pool.Query(t.Context(), `
		WITH owned AS (
			SELECT c.oid, a.attnum FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id'
			WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'site_head' -- one row a site
		)
		SELECT concat(conrelid::regclass, ': ', pg_get_constraintdef(k.oid)), contype = 'p',
			CASE contype WHEN 'p' THEN o.attnum = ANY(conkey) AND conkey[1] <> o.attnum ELSE EXISTS ( -- its own site, or that of a lot received from another
				SELECT FROM pg_attribute a WHERE a.attrelid = conrelid AND a.attnum = conkey[array_position(confkey, target.attnum)]
					AND a.attname IN ('site_id', 'parent_site_id', 'lot_site_id')
			) END
		FROM pg_constraint k JOIN owned o ON o.oid = conrelid LEFT JOIN owned target ON target.oid = confrelid
		WHERE contype = 'p' OR contype = 'f' AND target.oid IS NOT NULL
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		Definition    string
		Primary, Good bool
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[key])
	if err != nil {
		t.Fatal(err)
	}
	primary, references := 0, 0
	for _, k := range keys {
		if !k.Good {
			t.Errorf("%s", k.Definition)
		}
		if k.Primary {
			primary++
		} else {
			references++
		}
	}
	if primary < 15 || references < 15 {
		t.Errorf("only %d keys and %d references were found", primary, references)
	}
}
