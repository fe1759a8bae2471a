package lab

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/dataset"
	"flowviz/internal/pgembed"
)

// CacheDir is where benchmarks keep what they make.
const CacheDir = ".cache/bench"

// Database is the name that every PostgreSQL has from the start.
const Database = "postgres"

// NewFolder makes a folder for a benchmark, which PostgreSQL can pass: it refuses root and runs as another user then.
func NewFolder(name string) (string, error) {
	if err := os.MkdirAll(CacheDir, 0o755); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(CacheDir, name+"-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}

// Fill migrates a new PostgreSQL, with its default settings, and generates a data set in it; further, where given, puts more in.
func Fill(ctx context.Context, dir string, o dataset.Options, further func(ctx context.Context, owner *pgxpool.Pool) error) (report dataset.Report, err error) {
	server, err := pgembed.Start(ctx, pgembed.Config{Dir: dir})
	if err != nil {
		return dataset.Report{}, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	migrator, err := db.NewMigrator(server.URL(Database))
	if err != nil {
		return dataset.Report{}, err
	}
	if _, err := migrator.Up(ctx); err != nil {
		return dataset.Report{}, errors.Join(err, migrator.Close())
	}
	if err := migrator.Close(); err != nil {
		return dataset.Report{}, err
	}
	pool, err := db.Open(ctx, server.URL(Database), nil)
	if err != nil {
		return dataset.Report{}, err
	}
	defer pool.Close()
	o.Now = time.Now
	if report, err = dataset.Generate(ctx, pool, o); err != nil || further == nil {
		return report, err
	}
	return report, further(ctx, pool)
}
