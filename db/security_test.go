package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	"refused_password",
	"river_job", "river_leader", "river_migration", "river_notification", "river_queue", // periodic work
	"scenario", "session", "signature", "sscc_counter", "stream",
}

// setting is a condition that compares a column with a setting of the transaction, as PostgreSQL writes it.
func setting(column, name string) string {
	return fmt.Sprintf("(%s IN ( SELECT unnest((NULLIF(current_setting('flowviz.%s'::text, true), ''::text))::integer[]) AS unnest))", column, name)
}

// The conditions by which the app sees and writes rows.
var (
	bySite  = setting("site_id", "sites")
	byAudit = setting("site_id", "audits")
	byUser  = `(user_id = ( SELECT (NULLIF(current_setting('flowviz.user'::text, true), ''::text))::uuid AS "nullif"))`
)

// conditions are by command what lets the app touch rows of a table; one of them is enough.
type conditions map[string][]string

func always(condition string) conditions {
	return conditions{"SELECT": {condition}, "INSERT": {condition}, "UPDATE": {condition}, "DELETE": {condition}}
}

// otherwise are the tables that have other conditions than bySite for all.
var otherwise = map[string]conditions{
	"audit_event":     {"SELECT": {byAudit}, "INSERT": {bySite}},
	"idempotency_key": always(byUser),
	// What came from another site is seen by who sees both.
	"lot_genealogy": always(fmt.Sprintf("(%s AND ((parent_site_id = site_id) OR %s))", bySite, setting("parent_site_id", "sites"))),
	"receipt":       always(fmt.Sprintf("(%s AND %s)", bySite, setting("lot_site_id", "sites"))),
	// One's own also say which sites to name.
	"membership": {"SELECT": {bySite, byUser}, "INSERT": {bySite}, "UPDATE": {bySite}, "DELETE": {bySite}},
	"site":       always(setting("id", "sites")),
}

// TestEveryTableIsSecured reads the catalog: each table either is one of the company's, or has forced row level security that compares
// its site with the transaction's.
func TestEveryTableIsSecured(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t, nil)
	rows, err := pool.Query(t.Context(), `
		SELECT c.relname AS "table", c.relrowsecurity AND c.relforcerowsecurity AS forced,
			EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'site_id') AS site_owned
		FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname`)
	if err != nil {
		t.Fatal(err)
	}
	type table struct {
		Table             string
		Forced, SiteOwned bool
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	if err != nil {
		t.Fatal(err)
	}
	found := policies(t, pool)
	var company []string
	for _, table := range tables {
		want, secured := otherwise[table.Table]
		if slices.Contains(ofTheCompany, table.Table) {
			company = append(company, table.Table)
			if table.SiteOwned {
				t.Errorf("%s has a site_id: its rows belong to a site", table.Table)
			}
		} else if !secured {
			want, secured = always(bySite), true
		}
		if secured && !table.Forced {
			t.Errorf("%s: row level security isn't forced", table.Table)
		}
		if diff := cmp.Diff(want, found[table.Table]); diff != "" {
			t.Errorf("%s: what lets the app see and write rows (-want +policies):\n%s", table.Table, diff)
		}
	}
	if diff := cmp.Diff(ofTheCompany, company); diff != "" {
		t.Errorf("tables of the company (-named +found):\n%s", diff)
	}
}

// policies are the conditions of all policies but those of tables' owners.
func policies(t *testing.T, pool *pgxpool.Pool) map[string]conditions {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		SELECT p.tablename::text, c.command, array_agg(DISTINCT condition ORDER BY condition)
		FROM pg_policies p JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) c (command) ON p.cmd IN (c.command, 'ALL')
			CROSS JOIN LATERAL (VALUES
				(c.command <> 'INSERT', coalesce(p.qual, 'true')),
				(c.command IN ('INSERT', 'UPDATE'), coalesce(p.with_check, p.qual, 'true'))
			) v (applies, condition)
		WHERE applies AND p.permissive = 'PERMISSIVE'
			AND p.roles <> ARRAY[(SELECT k.tableowner FROM pg_tables k WHERE k.schemaname = p.schemaname AND k.tablename = p.tablename)]
		GROUP BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]conditions{}
	var table, command string
	var of []string
	_, err = pgx.ForEachRow(rows, []any{&table, &command, &of}, func() error {
		if found[table] == nil {
			found[table] = conditions{}
		}
		found[table][command] = of
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
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
	for _, forbidden := range []string{
		"DELETE FROM lot", "UPDATE qc_decision SET notes = ''", "UPDATE site SET code = 'ABCD'", "INSERT INTO site (code, name, time_zone) VALUES ('ABCD', 'x', 'UTC')",
		"SELECT create_site('ABCD', 'x', 'UTC')", "TRUNCATE lot CASCADE", "ALTER TABLE lot DISABLE ROW LEVEL SECURITY",
		"UPDATE audit_event SET reason = ''", "DELETE FROM audit_event", "TRUNCATE audit_event", "ALTER TABLE audit_event DISABLE TRIGGER ALL",
		"UPDATE event SET data = '{}'", "DELETE FROM event", "TRUNCATE event", "UPDATE signature SET meaning = 'x'", "DELETE FROM signature", "TRUNCATE signature CASCADE",
	} {
		_, err := app.Exec(t.Context(), forbidden)
		if refused, ok := errors.AsType[*pgconn.PgError](err); !ok || refused.Code != insufficientPrivilege {
			t.Errorf("the app may %s: %v", forbidden, err)
		}
	}
}

// insufficientPrivilege is PostgreSQL's SQLSTATE.
const insufficientPrivilege = "42501"

// TestWhatIsOnlyAdded asks the catalog what the app may do to what is never changed: to no column of it anything but to fill it, and to no
// row anything but to add it.
func TestWhatIsOnlyAdded(t *testing.T) {
	t.Parallel()
	app := dbtest.AsApp(t, dbtest.New(t, nil), nil)
	t.Cleanup(app.Close)
	for _, table := range []string{"audit_event", "event", "external_identity", "measurement", "product_component", "product_recipe", "qc_decision", "signature"} {
		var adds, changes bool
		err := app.QueryRow(t.Context(), `SELECT has_table_privilege($1, 'INSERT'),
			has_any_column_privilege($1, 'UPDATE') OR has_table_privilege($1, 'DELETE, TRUNCATE, TRIGGER')`, table).Scan(&adds, &changes)
		if err != nil {
			t.Fatal(err)
		}
		if !adds || changes {
			t.Errorf("%s: the app adds rows: %v; changes or removes them: %v", table, adds, changes)
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
			WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('site_head', 'event') -- one row a site; numbered by site
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
