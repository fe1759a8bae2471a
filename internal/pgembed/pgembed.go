// Package pgembed runs a PostgreSQL 17 of our own as a child process, for those who have no database server.
//
// A data folder holds all there is of one server: the database, the superuser's password and a lock. Its invariant: at most
// one process of ours holds the folder, and at most one postgres runs on it, whatever was killed before and in whichever
// order. Start therefore always repairs first: it takes the lock, stops a postgres that outlived its parent, redoes an
// initialisation that was cut short, and leaves to PostgreSQL's own crash recovery what is written in its log.
//
// The server listens on the loopback address only, on a port that differs from start to start, and asks for a password.
package pgembed

import (
	"context"
	"fmt"
	"log/slog"
)

// Config says where the server lives. Only Dir is needed.
type Config struct {
	// Dir is the data folder: created if missing, and refused if it holds files of something else. Nothing is written outside it.
	Dir string
	// BinDir is the folder of the programs postgres and initdb. Empty means to look, in this order: tools/postgres/node_modules
	// beside the executable's folder or its parent, then from the working directory up to the module's root; then a
	// PostgreSQL of the system, version 17 or later.
	BinDir string
	// Settings are postgresql.conf settings that add to the default ones or replace them.
	Settings map[string]string
	// Log gets what PostgreSQL reports; nil discards it.
	Log *slog.Logger
}

func (c Config) logger() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

// Start returns a server that accepts connections, within about a second (three for a new folder). ctx bounds the start
// alone; the server lives until Stop.
//
// Faults: CONFLICT where another process holds the folder, FAILED_PRECONDITION where the folder, the account or the programs
// can't be used. Each says what to do.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	f, err := openFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	srv, err := startIn(ctx, f, cfg)
	if err == nil {
		return srv, nil
	}
	f.close()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", context.Cause(ctx)) // not that one of its programs was killed
	}
	return nil, err
}

func startIn(ctx context.Context, f *folder, cfg Config) (*Server, error) {
	log := cfg.logger().With("component", "postgres")
	acct, err := chooseAccount(f)
	if err != nil {
		return nil, err
	}
	version, err := f.version()
	if err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, cfg.BinDir, version, acct)
	if err != nil {
		return nil, err
	}
	if acct, err = acct.reach(f.dir, bin.dir); err != nil {
		return nil, err
	}
	if err := stopLeftover(ctx, f, log); err != nil {
		return nil, err
	}
	if err := f.prepare(ctx, bin, acct, log); err != nil {
		return nil, err
	}
	l := launcher{folder: f, bin: bin, acct: acct, settings: cfg.Settings, choosePort: freePort, log: log}
	return l.launch(ctx)
}
