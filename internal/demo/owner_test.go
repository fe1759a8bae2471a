package demo

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
)

// TestPlainOwnerMigratesAll: row level security holds an owner that is no superuser, and a migration that forgets so moves nothing, in silence.
// Where lots are and what reports hold is worked out anew going up, and put back going down.
func TestPlainOwnerMigratesAll(t *testing.T) {
	t.Parallel()
	plain, super := plainOwner(t)
	m, err := db.NewMigrator(plain)
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	_, err = m.Up(t.Context())
	must(t, err)
	pool, err := db.Open(t.Context(), super, nil) // loading is above row level security
	must(t, err)
	t.Cleanup(pool.Close)
	_, err = Load(t.Context(), pool, DefaultSeed)
	must(t, err)
	before := standings(t, pool)
	for file := ""; file != "00150_lot_standing.sql"; {
		file, err = m.Down(t.Context())
		must(t, err)
	}
	_, err = m.Up(t.Context())
	must(t, err)
	if diff := cmp.Diff(before, standings(t, pool)); diff != "" {
		t.Errorf("after down and up (-before +after):\n%s", diff)
	}
}

// plainOwner are the addresses of an empty database: for who owns it, and nothing else, and for a superuser.
func plainOwner(t *testing.T) (plain, super string) {
	t.Helper()
	dbtest.URL(t) // a migrated one: the app's role is there
	name := fmt.Sprintf("plain_owner_%d", os.Getpid())
	var u *url.URL
	admin := func(database string, statements ...string) {
		t.Helper()
		ctx, of := context.WithoutCancel(t.Context()), *u
		of.Path = database
		conn, err := pgx.Connect(ctx, of.String())
		must(t, err)
		defer conn.Close(ctx)
		for _, sql := range statements {
			_, err := conn.Exec(ctx, sql)
			must(t, err)
		}
	}
	t.Cleanup(func() { admin("/postgres", "DROP ROLE "+name) }) // after its database is dropped
	var err error
	u, err = url.Parse(dbtest.EmptyURL(t))
	must(t, err)
	admin(u.Path, "CREATE ROLE "+name+" LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'plain'",
		"ALTER DATABASE "+strings.TrimPrefix(u.Path, "/")+" OWNER TO "+name, "ALTER SCHEMA public OWNER TO "+name)
	own := *u
	own.User = url.UserPassword(name, "plain")
	return own.String(), u.String()
}

// standings say how each lot is, and what the reports of recalls hold.
func standings(t *testing.T, pool *pgxpool.Pool) (found []string) {
	t.Helper()
	must(t, pool.QueryRow(t.Context(), `SELECT array_agg(x.row ORDER BY x.row) FROM (
		SELECT concat_ws(' ', l.code, l.intricate, l.shipment_id) AS row FROM lot l
		UNION ALL
		SELECT concat_ws(' ', r.report_id, r.site_id, l.code) FROM recall_report_lots r
		CROSS JOIN generate_series(0, 32767) AS n JOIN lot l ON l.number = r.page * 32768::bigint + n
		WHERE get_bit(r.bits, n) = 1
	) x`).Scan(&found))
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
