package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/pgembed"
)

// embeddedName is the database that every PostgreSQL has from the start; the embedded one serves nobody else.
const embeddedName = "postgres"

// reachTimeout bounds the first contact. One that doesn't answer by then is down or behind a wall: who supervises this
// process tries again, and a person reads why.
const reachTimeout = 10 * time.Second

// server is the PostgreSQL that a sub-command works with.
type server struct {
	url   string
	leave func() error    // stops it if the sub-command started it
	ended <-chan struct{} // closed when it ended by itself; nil where that can't be known
}

// own is the server of a sub-command that serves: it keeps the data folder for itself.
func (a *app) own(ctx context.Context) (server, error) {
	if a.config.DatabaseURL != "" {
		return a.remote(ctx)
	}
	srv, err := pgembed.Start(ctx, a.embedded())
	if err != nil {
		return server{}, err
	}
	return server{url: srv.URL(embeddedName), leave: srv.Stop, ended: srv.Done()}, nil
}

// join is the server of a sub-command that does one task, also while another flowviz serves from the same data folder.
func (a *app) join(ctx context.Context) (server, error) {
	if a.config.DatabaseURL != "" {
		return a.remote(ctx)
	}
	url, leave, err := pgembed.Join(ctx, a.embedded(), embeddedName)
	if err != nil {
		return server{}, err
	}
	return server{url: url, leave: leave}, nil
}

func (a *app) embedded() pgembed.Config {
	return pgembed.Config{Dir: a.config.Data, Log: a.log}
}

func (a *app) remote(ctx context.Context) (server, error) {
	url := a.config.DatabaseURL
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return server{}, fault.BadInput("DATABASE_URL", "%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return server{}, err
	}
	return server{url: url, leave: func() error { return nil }}, conn.Close(ctx)
}

// database is a PostgreSQL database whose schema is this program's.
type database struct {
	pool     *pgxpool.Pool
	migrator *db.Migrator // still needed to see whether the schema stays so
}

// open brings the schema up to date first, as every sub-command does that needs one.
func (a *app) open(ctx context.Context, url string) (*database, error) {
	migrator, err := db.NewMigrator(url)
	if err != nil {
		return nil, err
	}
	files, err := migrator.Up(ctx)
	if err != nil {
		return nil, errors.Join(err, migrator.Close())
	}
	if len(files) > 0 {
		a.log.InfoContext(ctx, "migrated the database", "last", files[len(files)-1], "migrations", len(files))
	}
	pool, err := db.Open(ctx, url, nil)
	if err != nil {
		return nil, errors.Join(err, migrator.Close())
	}
	return &database{pool: pool, migrator: migrator}, nil
}

func (d *database) close() error {
	d.pool.Close()
	return d.migrator.Close()
}

// check is nil while the database answers and its schema is this program's.
func (d *database) check(ctx context.Context) error {
	if err := d.pool.Ping(ctx); err != nil {
		return err
	}
	return d.migrator.Check(ctx)
}

// withDatabase does one task.
func (a *app) withDatabase(ctx context.Context, task func(*pgxpool.Pool) error) (err error) {
	srv, err := a.join(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.leave()) }()
	database, err := a.open(ctx, srv.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.close()) }()
	return task(database.pool)
}
