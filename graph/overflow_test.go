package graph_test

import (
	"context"
	"net"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"flowviz/db"
	"flowviz/internal/relay"
)

// sipping is the connection of a client that keeps the server waiting, from when it begins to sip: it reads when a write to it has waited for a
// second, until none waits any more. When none came to wait for 2 s, all is sent, and it reads that.
type sipping struct {
	net.Conn

	t    *testing.T
	sips *atomic.Bool
	by   *closes
	sent bool
}

// Read implements net.Conn.
func (s *sipping) Read(b []byte) (int, error) {
	address := []string{s.LocalAddr().String()}
	for until := time.Now().Add(2 * time.Second); s.sips.Load() && !s.sent && !s.by.stuck(address, time.Second); s.sent = time.Now().After(until) {
		pause(s.t, 20*time.Millisecond)
	}
	return s.Conn.Read(b[:min(len(b), 256)])
}

// sip lets the tower's next client sip when sips says so.
func (tw *tower) sip(t *testing.T, sips *atomic.Bool, watched *closes) {
	t.Helper()
	tw.http = over(&sipping{Conn: dialSmall(t, tw.url), t: t, sips: sips, by: watched})
}

// TestOverflowIsResumed: a client that receives, but too slowly, is hung up on, by socket with the cursor of the last event that it was
// sent. After that cursor it hears what it missed, and nothing twice.
func TestOverflowIsResumed(t *testing.T) {
	t.Parallel()
	const told = 1_000 // more than is received meanwhile, and buffered
	// It asks for nothing that must be read: what is waited for is the client.
	const listening = `subscription ($after: Cursor) { events(after: $after) { cursor type id occurredAt again: id } }`
	tw := newTower(t, db.RoleVIEWER)
	srv, watched := watchedServer(t, tw.app, 4096)
	tw.url = srv.URL
	var sips atomic.Bool
	tw.sip(t, &sips, watched)
	c := tw.enter(t)
	c.subscribe("a", listening, map[string]any{"after": beginning})
	tw.sip(t, &sips, watched)
	events := tw.stream(t, tw.token, listening, nil, beginning)
	tw.http = nil
	for n := int64(1); n <= 2; n++ {
		tw.tell(t, 1)
		hears(t, c.hear(), "a", n)
		events.hears(t, n)
		pause(t, 250*time.Millisecond) // in which both come to be up to date
	}
	sips.Store(true)
	tw.tell(t, told-2)
	last := make(chan int64)
	go func() { last <- events.last(t) }()

	place := c.overflows(t)
	c = tw.enter(t)
	c.subscribe("a", listening, map[string]any{"after": relay.EventCursor([]relay.EventPlace{{Site: 1, Sequence: place}})})
	for n := place + 1; n <= told; n++ {
		hears(t, c.hear(), "a", n)
	}

	place = <-last
	events = tw.stream(t, tw.token, listening, nil, relay.EventCursor([]relay.EventPlace{{Site: 1, Sequence: place}}))
	for n := place + 1; n <= told; n++ {
		events.hears(t, n)
	}
	if place >= told {
		t.Errorf("server-sent events wait for whoever is slow")
	}
}

// overflows hears until the socket is closed with a cursor, and returns its place.
func (c *client) overflows(t *testing.T) int64 {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // a ping comes behind all that is on its way
		for c.conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)) == nil {
			pause(t, time.Second)
		}
	}()
	for n := int64(3); ; n++ {
		heard := c.hear()
		reason := regexp.MustCompile(`^closed 1013: .* reason = "too slow, resume after (\w+)"$`).FindStringSubmatch(heard)
		if reason == nil {
			hears(t, heard, "a", n)
			continue
		}
		place := sequence(t, reason[1])
		if place != n-1 {
			t.Fatalf("resume after %d, of %d", place, n-1)
		}
		return place
	}
}

// last hears what follows the second event until the stream ends, and returns the last one's place.
func (s *stream) last(t *testing.T) int64 {
	t.Helper()
	for n := int64(3); ; n++ {
		id, data, ok := s.event()
		if !ok {
			return n - 1
		}
		if relay.Cursor(id) != relay.EventCursor([]relay.EventPlace{{Site: 1, Sequence: n}}) {
			t.Errorf("event %d: %s", n, data)
			return n - 1
		}
	}
}
