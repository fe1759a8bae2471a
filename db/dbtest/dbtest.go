// Package dbtest gives each test a database of its own: a clone of a migrated template, on a real PostgreSQL 17.
//
// The server is the one of FLOWVIZ_TEST_DATABASE_URL, which `make test` starts once for all packages, or else an embedded
// one that lives as long as the package's tests. A package that uses it has
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/pgembed"
	"flowviz/migrations"
)

// EnvURL names a server to make databases on, as a superuser.
const EnvURL = "FLOWVIZ_TEST_DATABASE_URL"

// EnvRun says that the server of EnvURL was started for this run of tests alone.
const EnvRun = "FLOWVIZ_TEST_RUN"

// Settings are for a server whose data nobody will miss: no fsync.
var Settings = map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}

// Full reports whether promises are to be shown at their full size, as `make prove-X` does, or small.
func Full() bool { return os.Getenv("PROVE") == "full" }

// Main runs a package's tests and stops the server that they started, if they did.
func Main(m *testing.M) {
	code := m.Run()
	if err := errors.Join(shared.end(), shared.stop()); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest:", err)
		code = 1
	}
	os.Exit(code)
}

// New clones the migrated template for one test and opens a pool on it, as its owner, whom row level security does not hold;
// tracer may be nil. It is dropped after the test.
func New(t testing.TB, tracer pgx.QueryTracer) *pgxpool.Pool {
	t.Helper()
	return open(t, URL(t), tracer)
}

func open(t testing.TB, url string, tracer pgx.QueryTracer) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), url, tracer)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// AsApp opens another pool on the database of a pool of New or Template.Shared, as the role that the app works as; tracer may be nil.
// Whoever opened it closes it.
func AsApp(t testing.TB, owner *pgxpool.Pool, tracer pgx.QueryTracer) *pgxpool.Pool {
	t.Helper()
	url, err := db.EnsureAppLogin(t.Context(), shared.databaseURL(owner.Config().ConnConfig.Database))
	if err != nil {
		t.Fatalf("make the app's role: %v", err)
	}
	pool, err := db.Open(context.WithoutCancel(t.Context()), url, tracer)
	if err != nil {
		t.Fatalf("open the test's database as the app: %v", err)
	}
	return pool
}

// URL clones the migrated template for one test and returns the clone's address.
func URL(t testing.TB) string {
	t.Helper()
	template, err := shared.template(t.Context())
	if err != nil {
		t.Fatalf("prepare the template database: %v", err)
	}
	return clone(t, template)
}

// EmptyURL makes an empty database for one test, without a schema. The template is made before: it makes the role that all databases of the server
// share, and of two migrations at once, one would find it made by the other.
func EmptyURL(t testing.TB) string {
	t.Helper()
	if _, err := shared.template(t.Context()); err != nil {
		t.Fatalf("prepare the template database: %v", err)
	}
	return clone(t, "template0")
}

var names atomic.Int64

func clone(t testing.TB, template string) string {
	t.Helper()
	name := makeClone(t, template)
	t.Cleanup(func() {
		if err := drop(name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return shared.databaseURL(name)
}

func makeClone(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), names.Add(1))
	// FILE_COPY: cloning through the WAL costs about twice the CPU.
	if err := shared.exec(t.Context(), fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", name, template)); err != nil {
		t.Fatalf("clone the template database: %v", err)
	}
	return name
}

func drop(name string) error {
	return shared.exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
}

// server is the one PostgreSQL of a test process.
type server struct {
	mu           sync.Mutex
	url          string
	embedded     *pgembed.Server
	folder       string
	templateName string
	filled       []string // to be dropped at the end
	ends         []func() error
}

// dropAtEnd has a database dropped when Main ends, however often it is asked for.
func (s *server) dropAtEnd(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.filled, name) {
		s.filled = append(s.filled, name)
		s.ends = append(s.ends, func() error { return drop(name) })
	}
}

func (s *server) atEnd(f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = append(s.ends, f)
}

var shared server

func (s *server) serverURL(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url != "" {
		return s.url, nil
	}
	if given := os.Getenv(EnvURL); given != "" {
		s.url = given
		return s.url, nil
	}
	folder, err := os.MkdirTemp("", "flowviz-dbtest-")
	if err != nil {
		return "", err
	}
	s.folder = folder
	s.embedded, err = pgembed.Start(context.WithoutCancel(ctx), pgembed.Config{Dir: filepath.Join(folder, "postgres"), Settings: Settings, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	s.url = s.embedded.URL("postgres")
	return s.url, nil
}

func (s *server) end() error {
	s.mu.Lock()
	ends := s.ends
	s.mu.Unlock()
	var err error
	for _, end := range ends {
		err = errors.Join(err, end())
	}
	return err
}

func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.embedded != nil {
		err = s.embedded.Stop()
	}
	if s.folder != "" {
		err = errors.Join(err, os.RemoveAll(s.folder))
	}
	return err
}

// template migrates a template once a server and schema: its name is the digest of the migrations, and processes that
// share a server wait for the one that makes it.
func (s *server) template(ctx context.Context) (string, error) {
	admin, err := s.serverURL(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templateName != "" {
		return s.templateName, nil
	}
	name, err := templateName()
	if err != nil {
		return "", err
	}
	if err := once(ctx, admin, name, "template1", migrate); err != nil {
		return "", err
	}
	s.templateName = name
	return name, nil
}

// once makes a database of a server out of another, unless it is there. It is filled under another name and renamed when done: a killed run leaves
// no half of it behind.
func once(ctx context.Context, admin, name, from string, fill func(ctx context.Context, url string) error) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext($1))", name); err != nil {
		return err
	}
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return err
	}
	draft := name + "_draft"
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)", "CREATE DATABASE " + draft + " TEMPLATE " + from} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := fill(ctx, withDatabase(admin, draft)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	return err
}

func migrate(ctx context.Context, url string) error {
	m, err := db.NewMigrator(url)
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return errors.Join(err, m.Close())
}

func templateName() (string, error) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, f := range files {
		content, err := migrations.FS.ReadFile(f)
		if err != nil {
			return "", err
		}
		sum.Write(content)
	}
	return "tpl_" + hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func (s *server) databaseURL(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return withDatabase(s.url, name)
}

func (s *server) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.databaseURL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}

func withDatabase(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(fmt.Sprintf("%s is no URL: %v", EnvURL, err)) // set by hand
	}
	u.Path = "/" + name
	return u.String()
}
