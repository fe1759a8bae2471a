// Package demotest gives tests databases with the demo's history, which is made once for all of them: it takes seconds, and with the race
// detector half a minute.
package demotest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db/dbtest"
	"flowviz/internal/demo"
)

// Template is a database with the history of demo.DefaultSeed.
func Template(t testing.TB) dbtest.Template {
	t.Helper()
	return dbtest.Fill(t, "demo", func(ctx context.Context, pool *pgxpool.Pool) error {
		_, err := demo.Load(ctx, pool, demo.DefaultSeed)
		return err
	})
}
