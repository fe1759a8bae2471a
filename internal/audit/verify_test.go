package audit_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/audit"
)

// codeOf is a site's code.
func codeOf(t testing.TB, pool *pgxpool.Pool, site int32) string {
	t.Helper()
	sites, err := db.New(pool).SitesByIDs(t.Context(), []int32{site})
	must(t, err)
	return sites[0].Code
}

// intact checks that a site's log holds so many events, and nothing is wrong with it.
func intact(t testing.TB, pool *pgxpool.Pool, site int32, events int64) {
	t.Helper()
	reports, err := audit.NewVerifier(pool, nil, nil).All(t.Context(), codeOf(t, pool, site))
	must(t, err)
	if r := reports[0]; !r.Intact() || r.Events != events {
		t.Errorf("%d events instead of %d, flaw %+v", r.Events, events, r.Flaw)
	}
}
