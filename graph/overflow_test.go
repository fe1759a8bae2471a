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

// sipping is the connection of a client that receives some 10 KB/s, from when it begins to sip until the server hangs up.
type sipping struct {
	net.Conn

	t    *testing.T
	sips *atomic.Bool
	by   *closes
}

// Read implements net.Conn.
func (s *sipping) Read(b []byte) (int, error) {
	if s.sips.Load() && s.by.closed(s.LocalAddr().String()).IsZero() {
		pause(s.t, 25*time.Millisecond)
		b = b[:min(len(b), 256)]
	}
	return s.Conn.Read(b)
}

// sip lets the tower's next client sip when sips says so.
func (tw *tower) sip(t *testing.T, sips *atomic.Bool, watched *closes) {
	t.Helper()
	tw.http = over(&sipping{dialSmall(t, tw.url), t, sips, watched})
}

// TestOverflowIsResumed: a client that receives, but too slowly, is hung up on, by socket with the cursor of the last event that it was
// sent. After that cursor it hears what it missed, and nothing twice.
func TestOverflowIsResumed(t *testing.T) {
	t.Parallel()
	const told = 800 // of some 150 bytes: more than is received in 5 s, and buffered
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
	tw.tell(t, 1)
	hears(t, c.hear(), "a", 1)
	events.hears(t, 1)
	pause(t, 250*time.Millisecond) // in which both come to be up to date
	sips.Store(true)
	tw.tell(t, told-1)
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
	for n := int64(2); ; n++ {
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

// last hears what follows the first event until the stream ends, and returns the last one's place.
func (s *stream) last(t *testing.T) int64 {
	t.Helper()
	for n := int64(2); ; n++ {
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
