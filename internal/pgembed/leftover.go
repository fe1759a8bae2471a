package pgembed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"flowviz/internal/fault"
)

// stopLeftover clears what a killed process left running: a whole postgres, when that was us, or the sessions of one that was
// itself killed. Such a session notices nothing while it computes, and keeps the next postgres from starting.
func stopLeftover(ctx context.Context, f *folder, log *slog.Logger) error {
	left, err := readStatus(f.data())
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("look for a PostgreSQL left running: %w", err)
	case isPostgresOf(left.pid, f.data()):
		log.Warn("stopping the PostgreSQL that a killed process left running", "pid", left.pid)
		err := endAll(ctx, shutdown, func() []int {
			if isPostgresOf(left.pid, f.data()) {
				return []int{left.pid}
			}
			return nil
		})
		if err != nil {
			return err
		}
	default:
		if err := removeStale(f.data(), left.pid); err != nil {
			return err
		}
	}
	return endAll(ctx, shutdown[1:], func() []int { return postgresesOf(f.data()) })
}

// removeStale removes the mark of a postgres that is gone, if PostgreSQL couldn't cope with it: one that is empty, or whose
// process number went to another program.
func removeStale(data string, pid int) error {
	if pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	if err := os.Remove(statusFile(data)); err != nil {
		return fmt.Errorf("remove a stale mark of PostgreSQL: %w", err)
	}
	return nil
}

// endAll ends processes that aren't our children, ever less politely, and waits until none is alive.
func endAll(ctx context.Context, steps []step, alive func() []int) error {
	for _, step := range steps {
		for _, pid := range alive() {
			if err := syscall.Kill(pid, step.signal); errors.Is(err, syscall.EPERM) {
				return fault.New(fault.FailedPrecondition, "",
					"PostgreSQL process %d still runs on the data folder and belongs to another user: end it as that user, then start again", pid)
			}
		}
		patience, cancel := context.WithTimeout(ctx, step.patience)
		err := poll(patience, func() bool { return len(alive()) == 0 })
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fault.New(fault.FailedPrecondition, "",
		"PostgreSQL still runs on the data folder and doesn't stop: end its processes %v, then start again", alive())
}

// status is what a postgres writes about itself into its data folder.
type status struct {
	pid   int
	ready bool // it accepts connections
}

func statusFile(data string) string { return filepath.Join(data, "postmaster.pid") }

func readStatus(data string) (status, error) {
	text, err := os.ReadFile(statusFile(data))
	if err != nil {
		return status{}, err
	}
	return parseStatus(text), nil
}

// parseStatus reads a postmaster.pid: its first line is the process, negative for a postgres in single-user mode, and its eighth
// the state, padded with spaces (PostgreSQL's src/include/utils/pidfile.h). A file that is being written has fewer lines,
// and a power cut can leave it empty: the process is then 0.
func parseStatus(text []byte) status {
	lines := bytes.Split(text, []byte("\n"))
	pid, err := strconv.ParseInt(string(bytes.TrimSpace(lines[0])), 10, 32)
	if err != nil {
		return status{}
	}
	return status{pid: int(max(pid, -pid)), ready: len(lines) > 7 && string(bytes.TrimSpace(lines[7])) == "ready"}
}

// pollInterval: a start or a stop takes 15 ms and more, and a look costs a few microseconds.
const pollInterval = 5 * time.Millisecond

// poll looks until done is true or ctx ends.
func poll(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}
