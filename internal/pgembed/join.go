package pgembed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"flowviz/internal/fault"
)

// Join is Start for a short task that can share the folder: where another process of ours runs the server, it returns that
// one's connection string for the superuser postgres, and waits for it while it starts. leave stops a server that Join
// started, and leaves another's running. ctx bounds the wait and the start.
//
// Faults: those of Start but CONFLICT.
func Join(ctx context.Context, cfg Config, database string) (url string, leave func() error, err error) {
	tick := time.NewTicker(joinInterval)
	defer tick.Stop()
	for {
		srv, err := Start(ctx, cfg)
		if err == nil {
			return srv.URL(database), srv.Stop, nil
		}
		if !fault.Is(err, fault.Conflict) {
			return "", nil, err
		}
		srv, err = running(cfg.Dir)
		if err != nil {
			return "", nil, err
		}
		if srv != nil {
			return srv.URL(database), func() error { return nil }, nil
		}
		select {
		case <-ctx.Done():
			return "", nil, fmt.Errorf("wait for PostgreSQL to start: %w", context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// joinInterval: another's start takes 0.7 s and more, a look well below a millisecond.
const joinInterval = 50 * time.Millisecond

// running is the server that another process runs on the folder, good for its URL alone; nil while none accepts connections.
func running(dir string) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	f := &folder{dir: dir}
	text, err := os.ReadFile(statusFile(f.data()))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // no server is no error: it is starting, or just ended
	case errors.Is(err, fs.ErrPermission):
		return nil, fault.New(fault.FailedPrecondition, "", "%s can't be read (%v): run as the user who runs the server on this folder", f.data(), err)
	case err != nil:
		return nil, fmt.Errorf("look for a running PostgreSQL: %w", err)
	}
	st, port := parseStatus(text), parsePort(text)
	if !st.ready || port == "" || !isPostgresOf(st.pid, f.data()) {
		return nil, nil //nolint:nilnil // the same
	}
	password, err := f.password()
	if err != nil {
		return nil, err
	}
	return &Server{port: port, password: password}, nil
}

// parsePort reads the fourth line of a postmaster.pid, "" where there is none yet.
func parsePort(text []byte) string {
	lines := bytes.Split(text, []byte("\n"))
	if len(lines) < 5 {
		return ""
	}
	port, err := strconv.ParseUint(string(lines[3]), 10, 16)
	if err != nil || port == 0 {
		return ""
	}
	return strconv.FormatUint(port, 10)
}
