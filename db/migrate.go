package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"flowviz/internal/fault"
	"flowviz/migrations"
)

// Migrator moves a database's schema up and down. Close it after use.
type Migrator struct {
	conn     *sql.DB
	provider *goose.Provider
}

// MigrationStatus is one migration: its file and when it was applied, the zero time where it is pending.
type MigrationStatus struct {
	File      string
	AppliedAt time.Time
}

// NewMigrator connects to the database. Several replicas may migrate at once: one does, the others wait for its lock.
func NewMigrator(url string) (*Migrator, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fault.BadInput("DATABASE_URL", "%v", err)
	}
	conn := stdlib.OpenDB(*cfg)
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &Migrator{conn: conn, provider: provider}, nil
}

// Close ends the connection.
func (m *Migrator) Close() error { return m.conn.Close() }

// Up applies what is pending and returns the files applied. A schema newer than this binary is refused.
func (m *Migrator) Up(ctx context.Context) ([]string, error) {
	current, target, err := m.versions(ctx)
	if err != nil {
		return nil, err
	}
	if current == target {
		return nil, nil
	}
	results, err := m.provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate up: %w", err)
	}
	files := make([]string, len(results))
	for i, r := range results {
		files[i] = r.Source.Path
	}
	return files, nil
}

// Down takes back the latest migration and returns its file, "" where none is left. A schema newer than this binary is
// refused.
func (m *Migrator) Down(ctx context.Context) (string, error) {
	if _, _, err := m.versions(ctx); err != nil {
		return "", err
	}
	result, err := m.provider.Down(ctx)
	if errors.Is(err, goose.ErrNoNextVersion) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("migrate down: %w", err)
	}
	return result.Source.Path, nil
}

// Status lists all migrations of this binary in order. A schema newer than this binary is refused.
func (m *Migrator) Status(ctx context.Context) ([]MigrationStatus, error) {
	if _, _, err := m.versions(ctx); err != nil {
		return nil, err
	}
	all, err := m.provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	out := make([]MigrationStatus, len(all))
	for i, s := range all {
		out[i] = MigrationStatus{File: s.Source.Path, AppliedAt: s.AppliedAt}
	}
	return out, nil
}
