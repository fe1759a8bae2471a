package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
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
	app   bool            // whether url is of a role that row level security holds, or else of the owner
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
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	app, err := db.IsApp(ctx, url)
	return server{url: url, app: app, leave: func() error { return nil }}, err
}

// database is a PostgreSQL database whose schema is this program's.
type database struct {
	pool     *pgxpool.Pool // as a role that row level security holds
	migrator *db.Migrator  // still needed to see whether the schema stays so
	owner    string        // the owner's URL; "" where it isn't known
}

// open brings the schema up to date first, as every sub-command does that needs one. Where only the app's role is known, the
// schema must be so already.
func (a *app) open(ctx context.Context, srv server) (_ *database, err error) {
	migrator, err := db.NewMigrator(srv.url)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, migrator.Close())
		}
	}()
	d := &database{migrator: migrator}
	url := srv.url
	if srv.app {
		if err := migrator.Check(ctx); err != nil {
			return nil, err
		}
	} else {
		d.owner = srv.url
		if err := a.migrate(ctx, migrator); err != nil {
			return nil, err
		}
		if url, err = db.EnsureAppLogin(ctx, srv.url); err != nil {
			return nil, err
		}
	}
	d.pool, err = db.Open(ctx, url, nil)
	return d, err
}

func (a *app) migrate(ctx context.Context, m *db.Migrator) error {
	files, err := m.Up(ctx)
	if len(files) > 0 {
		a.log.InfoContext(ctx, "migrated the database", "last", files[len(files)-1], "migrations", len(files))
	}
	return err
}

// asOwner does a task that fills the database, above row level security.
func (d *database) asOwner(ctx context.Context, task func(owner *pgxpool.Pool) error) error {
	if d.owner == "" {
		return fault.New(fault.FailedPrecondition, "DATABASE_URL", "this fills the database of all sites: give the URL of the owner, not of a role of flowviz_app")
	}
	owner, err := db.Open(ctx, d.owner, nil)
	if err != nil {
		return err
	}
	defer owner.Close()
	return task(owner)
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
func (a *app) withDatabase(ctx context.Context, task func(*database) error) (err error) {
	srv, err := a.join(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.leave()) }()
	database, err := a.open(ctx, srv)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.close()) }()
	return task(database)
}

// atAllSites lets a sub-command work at every site.
func (d *database) atAllSites(ctx context.Context) (context.Context, error) {
	sites, err := db.New(d.pool).AllSiteIDs(ctx)
	return identity.WithActor(ctx, identity.Program(sites)), err
}
