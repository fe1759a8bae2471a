package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/bench/lab"
	"flowviz/internal/dataset"
	"flowviz/internal/pgembed"
)

const (
	cacheDir = lab.CacheDir
	seed     = 1
	siteSize = 20_000
)

// database is a running PostgreSQL with the data set in it.
type database struct {
	server  *pgembed.Server
	dataset dataset.Report
}

func (d database) url() string { return d.server.URL(lab.Database) }

func (d database) query(ctx context.Context, dest any, sql string, args ...any) error {
	conn, err := pgx.Connect(ctx, d.url())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return conn.QueryRow(ctx, sql, args...).Scan(dest)
}

func (d database) version(ctx context.Context) (version string, err error) {
	err = d.query(ctx, &version, "SHOW server_version")
	return version, err
}

// prepare starts PostgreSQL, with its default settings, on a data set of so many lots. It is generated once for each
// schema, and each version of the generator.
func prepare(ctx context.Context, lots int) (database, error) {
	key, err := cacheKey()
	if err != nil {
		return database{}, err
	}
	name := fmt.Sprintf("lots-%d-", lots)
	dir := filepath.Join(cacheDir, name+key)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := removeOthers(name); err != nil {
			return database{}, err
		}
		if err := generate(ctx, dir, lots); err != nil {
			return database{}, err
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "dataset.json"))
	if err != nil {
		return database{}, err
	}
	var d database
	if err := json.Unmarshal(data, &d.dataset); err != nil {
		return database{}, fmt.Errorf("%s: %w", dir, err)
	}
	d.server, err = pgembed.Start(ctx, pgembed.Config{Dir: filepath.Join(dir, "data")})
	return d, err
}

//go:embed bench.sql
var benchSQL string

// addOwn adds what the benchmark needs beside the data set.
func addOwn(ctx context.Context, owner *pgxpool.Pool) error {
	_, err := owner.Exec(ctx, benchSQL, pgx.QueryExecModeSimpleProtocol)
	return err
}

// cacheKey changes with all that decides what the database holds.
func cacheKey() (string, error) {
	sum := sha256.New()
	for _, pattern := range []string{"migrations/*.sql", "internal/dataset/*.go", "internal/scenario/catalogue/*.json", "bench/trace/bench.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		if len(files) == 0 {
			return "", fmt.Errorf("no file %s: run it from the project's root", pattern)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(sum, "%s %d\n%s", file, len(content), content)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], nil
}

// removeOthers drops data sets of this size that are out of date: each takes 1.5 GB a million lots.
func removeOthers(name string) error {
	old, err := filepath.Glob(filepath.Join(cacheDir, name+"*"))
	if err != nil {
		return err
	}
	for _, dir := range old {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// generate makes the data set under another name and renames when done: an interrupted run leaves no half of one behind.
func generate(ctx context.Context, dir string, lots int) error {
	fmt.Printf("generating %d lots, once\n", lots)
	draft := dir + ".draft"
	if err := os.MkdirAll(draft, 0o711); err != nil { // 0711: PostgreSQL refuses root and runs as another user then
		return err
	}
	report, err := lab.Fill(ctx, filepath.Join(draft, "data"), dataset.Options{Lots: lots, Seed: seed, SiteSize: siteSize}, addOwn)
	if err != nil {
		return err
	}
	for _, s := range report.Steps {
		fmt.Printf("%8.1f s  %s\n", s.Took.Seconds(), s.Name)
	}
	fmt.Printf("%8.1f s  all: %d lots, %d links\n", report.Took().Seconds(), report.Lots, report.Links)
	data, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(draft, "dataset.json"), data, 0o644); err != nil {
		return err
	}
	return os.Rename(draft, dir)
}
