package pgembed_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/pgembed"
)

func join(t *testing.T, dir string) (url string, leave func() error) {
	t.Helper()
	url, leave, err := pgembed.Join(t.Context(), pgembed.Config{Dir: dir}, "postgres")
	must(t, err)
	t.Cleanup(func() { must(t, leave()) })
	return url, leave
}

// TestJoinWhileAnotherStarts: the other process has the folder's lock or not yet, and its server is up or not yet; all the
// same, both use one server, and it outlives the one that joined.
func TestJoinWhileAnotherStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, start(t, dir).Stop()) // or else skip: the child can't
	_, line := startChild(t, dir)
	started := line()

	joined, leave := join(t, dir)
	if joined != started {
		t.Errorf("joined %s, not the one that runs at %s", joined, started)
	}
	store(t, joined)
	must(t, leave())
	wantStored(t, started)

	_, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
	wantFault(t, err, fault.Conflict, dir)
}

func TestJoinWaitsForAStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, start(t, dir).Stop())
	type result struct {
		srv *pgembed.Server
		err error
	}
	begun := make(chan result)
	go func() {
		srv, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
		begun <- result{srv, err}
	}()
	joined, leave := join(t, dir)
	other := <-begun
	switch {
	case other.err == nil: // the other came first
		store(t, joined)
		must(t, other.srv.Stop())
	case fault.Is(other.err, fault.Conflict): // or we did
		store(t, joined)
		must(t, leave())
	default:
		t.Fatal(other.err)
	}
	again, _ := join(t, dir)
	wantStored(t, again)
}

func TestJoinStartsAndStops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, start(t, dir).Stop())
	url, leave := join(t, dir)
	store(t, url)
	must(t, leave())
	wantStored(t, start(t, dir).URL("postgres"))
}

// TestJoinGivesUp: a folder that is held, but on which no server ever runs.
func TestJoinGivesUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := start(t, dir)
	must(t, srv.Stop())
	release := holdLock(t, dir)
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := pgembed.Join(ctx, pgembed.Config{Dir: dir}, "postgres"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// holdLock holds a data folder's lock as a process does that hasn't started its server yet.
func holdLock(t *testing.T, dir string) (release func()) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
	must(t, err)
	must(t, syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
	return func() { must(t, file.Close()) }
}
