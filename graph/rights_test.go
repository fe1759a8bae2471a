package graph_test

import (
	"context"
	"net"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/graph"
	"flowviz/internal/relay"
)

// watchedServer serves as the program does, and notices when it closes connections; each buffers so many bytes, as many as the kernel likes
// where 0.
func watchedServer(t *testing.T, app *pgxpool.Pool, buffer int) (*httptest.Server, *closes) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	watched := &closes{Listener: l, buffer: buffer, at: map[string]time.Time{}, writing: map[string]time.Time{}}
	srv := httptest.NewUnstartedServer(serveLive(t, app, graph.Edge{}).Config.Handler)
	srv.Listener, srv.Config.ConnContext = watched, graph.KeepConn
	srv.Start()
	t.Cleanup(srv.CloseClientConnections)
	return srv, watched
}

// TestStalledAreRevoked: a sign-out also ends the streams of who receives nothing within 2 s, before they are given up for that.
func TestStalledAreRevoked(t *testing.T) { //nolint:paralleltest // it is about 2 s, which others would take from it
	a := newAudience(t, 1, db.RoleVIEWER)
	srv, watched := watchedServer(t, a.app, 4096)
	addresses := []string{stall(t, srv.URL, a.tokens[0], true), stall(t, srv.URL, a.tokens[0], false)}
	waitUntil(t, func() bool { // more comes than all buffers hold; a stream that isn't stuck ends without its connection
		if err := a.happen(t.Context(), 1, 100); err != nil {
			t.Fatal(err)
		}
		return watched.stuck(addresses, 500*time.Millisecond)
	})
	revoked := time.Now()
	if _, err := a.owner.Exec(t.Context(), "UPDATE session SET revoked_at = now()"); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() bool {
		watched.mu.Lock()
		defer watched.mu.Unlock()
		return !slices.ContainsFunc(addresses, func(address string) bool { return watched.at[address].IsZero() }) // others may come to the wrong door
	})
	watched.mu.Lock()
	defer watched.mu.Unlock()
	for i, address := range addresses {
		if took := watched.at[address].Sub(revoked); took < 0 || took > 2*time.Second {
			t.Errorf("%d is closed %s after the sign-out", i, took)
		}
	}
}

// TestSitesOfTheMoment: who loses one of two sites hears no more of it, and all of the other; and of both again when it is given back.
func TestSitesOfTheMoment(t *testing.T) {
	t.Parallel()
	a := newAudience(t, 1, db.RoleVIEWER)
	srv := serveLive(t, a.app, graph.Edge{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	heard := make(chan *frame, 100)
	go func() {
		start := relay.EventCursor([]relay.EventPlace{{Site: 1}, {Site: 2}})
		_ = listenBySocket(ctx, srv.URL, a.tokens[0], start, func(f *frame) error { heard <- f; return nil }) // it ends with the test
	}()
	// hears waits for events of these sites, in any order of the sites.
	hears := func(codes ...string) {
		t.Helper()
		want := map[string]int{}
		for _, code := range codes {
			want[code]++
		}
		for range codes {
			select {
			case f := <-heard:
				if want[f.Data.Events.Site.Code]--; want[f.Data.Events.Site.Code] < 0 {
					t.Fatalf("heard of %s, not of %v", f.Data.Events.Site.Code, codes)
				}
			case <-time.After(wait):
				t.Fatalf("of %v nothing was heard", codes)
			}
		}
	}
	happen := func(sites ...int32) {
		t.Helper()
		for _, site := range sites {
			if err := a.happen(t.Context(), site, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	sql := func(statement string) {
		t.Helper()
		if _, err := a.owner.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		pause(t, 2*time.Second) // in which it is felt
	}
	happen(1, 2)
	hears("DUNA", "TISZ")
	sql("DELETE FROM membership WHERE site_id = 2")
	happen(2, 1, 2, 1)
	hears("DUNA", "DUNA")
	sql("INSERT INTO membership (user_id, site_id, role) SELECT user_id, 2, role FROM membership WHERE site_id = 1")
	happen(2, 1)
	hears("TISZ", "DUNA")
	select {
	case f := <-heard:
		t.Errorf("heard %v, of when it wasn't theirs", f)
	case <-time.After(500 * time.Millisecond):
	}
}
