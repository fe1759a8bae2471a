package dbtest

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
)

// Template is a database of which tests get clones.
type Template string

// Fill has fill write into a migrated database, once for all packages that share the server: what many tests begin with, and takes long.
func Fill(t testing.TB, name string, fill func(ctx context.Context, pool *pgxpool.Pool) error) Template {
	t.Helper()
	from, err := shared.template(t.Context())
	if err != nil {
		t.Fatalf("prepare the template database: %v", err)
	}
	filled := Template(from + "_" + name)
	if os.Getenv(EnvRun) == "" { // a server that stays may have one that other code has filled
		filled += Template("_" + strconv.Itoa(os.Getpid()))
		shared.dropAtEnd(string(filled))
	}
	err = once(t.Context(), shared.databaseURL("postgres"), string(filled), from, func(ctx context.Context, url string) error {
		pool, err := db.Open(ctx, url, nil)
		if err != nil {
			return err
		}
		defer pool.Close()
		return fill(ctx, pool)
	})
	if err != nil {
		t.Fatalf("fill the database %s: %v", filled, err)
	}
	return filled
}

// URL clones the template for one test and returns the clone's address.
func (f Template) URL(t testing.TB) string {
	t.Helper()
	return clone(t, string(f))
}

// New clones the template for one test and opens a pool on it, as the function New does.
func (f Template) New(t testing.TB, tracer pgx.QueryTracer) *pgxpool.Pool {
	t.Helper()
	return open(t, f.URL(t), tracer)
}

// Shared clones the template for all tests of a package that only read: it is dropped when Main ends. The pool's owner makes it once.
func (f Template) Shared(t testing.TB, tracer pgx.QueryTracer) *pgxpool.Pool {
	t.Helper()
	name := makeClone(t, string(f))
	pool, err := db.Open(context.WithoutCancel(t.Context()), shared.databaseURL(name), tracer)
	if err != nil {
		t.Fatalf("open the tests' database: %v", err)
	}
	shared.atEnd(func() error {
		pool.Close()
		return drop(name)
	})
	return pool
}
