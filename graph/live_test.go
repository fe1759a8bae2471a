package graph_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/graph"
	"flowviz/internal/identity"
	"flowviz/internal/pubsub"
	"flowviz/internal/relay"
)

// tower is a plant whose API is served to those who listen, and its user's token.
type tower struct {
	*plant

	url, token string
	http       *http.Client // nil for the usual one
}

const listenersPassword = "a password that nobody guesses"

func newTower(t *testing.T, role identity.Role) *tower {
	t.Helper()
	p := newPlant(t, role)
	if err := newIdentity(p.app).SetPasswords(identity.WithOrigin(t.Context(), identity.Origin{Program: "test"}), []string{"a@example.com"}, "", listenersPassword); err != nil {
		t.Fatal(err)
	}
	return &tower{plant: p, url: serveLive(t, p.app, graph.Edge{}).URL, token: signIn(t, p.app, "a@example.com")}
}

// member makes another user of the tower's site, and returns their token.
func (tw *tower) member(t *testing.T, email string, role identity.Role) string {
	t.Helper()
	q, id := db.New(tw.owner), newID()
	if err := q.InsertUser(t.Context(), db.InsertUserParams{ID: id, Email: email, FullName: "M", CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := q.PutMembership(t.Context(), db.PutMembershipParams{UserID: id, SiteID: 1, Role: role}); err != nil {
		t.Fatal(err)
	}
	if err := newIdentity(tw.app).SetPasswords(identity.WithOrigin(t.Context(), identity.Origin{Program: "test"}), []string{email}, "", listenersPassword); err != nil {
		t.Fatal(err)
	}
	return signIn(t, tw.app, email)
}

func signIn(t *testing.T, app *pgxpool.Pool, email string) string {
	t.Helper()
	in, err := newIdentity(app).SignIn(t.Context(), identity.Credentials{Email: email, Password: listenersPassword})
	if err != nil {
		t.Fatal(err)
	}
	return string(in.AccessToken)
}

// serveLive serves the API as the program does.
func serveLive(t *testing.T, app *pgxpool.Pool, edge graph.Edge) *httptest.Server {
	t.Helper()
	return serveResolver(t, newResolver(app), app, edge)
}

// serveResolver is serveLive with what a test has put into a resolver.
func serveResolver(t *testing.T, r *graph.Resolver, app *pgxpool.Pool, edge graph.Edge) *httptest.Server {
	t.Helper()
	hub := pubsub.NewHub(app, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); hub.Run(ctx) }()
	r.Events, r.Identify = hub, identity.NewAuthenticator(app, newTokens(), time.Now, slog.New(slog.DiscardHandler))
	h, err := graph.NewHandler(r, edge, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(r.Identify.Middleware(h))
	t.Cleanup(func() { srv.Close(); cancel(); <-done })
	return srv
}

// tell makes n events.
func (tw *tower) tell(t *testing.T, n int) {
	t.Helper()
	if err := happen(t.Context(), tw.owner, 1, n); err != nil {
		t.Fatal(err)
	}
}

// client is one socket, which answers pings whether its test is hearing or not.
type client struct {
	t     *testing.T
	conn  *websocket.Conn
	heard chan string // all but pings; of the end, why
}

func (tw *tower) dial(t *testing.T) *client {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), tw.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPClient: tw.http})
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, c)
}

// newClient hears what comes by a connection, and closes it when the test ends.
func newClient(t *testing.T, conn *websocket.Conn) *client {
	t.Helper()
	c := &client{t, conn, make(chan string, 4096)}
	done := make(chan struct{})
	go func() { defer close(done); c.listen() }()
	t.Cleanup(func() { conn.CloseNow(); <-done })
	return c
}

func (c *client) listen() {
	defer close(c.heard)
	for {
		_, text, err := c.conn.Read(c.t.Context())
		if err == nil && string(text) == `{"type":"ping"}` {
			err = c.conn.Write(c.t.Context(), websocket.MessageText, []byte(`{"type":"pong"}`))
		} else if err == nil {
			c.heard <- string(text)
		}
		if err != nil {
			c.heard <- fmt.Sprintf("closed %d: %v", websocket.CloseStatus(err), err)
			return
		}
	}
}

// enter dials, and says who listens.
func (tw *tower) enter(t *testing.T) *client {
	t.Helper()
	return tw.enterAs(t, tw.token)
}

func (tw *tower) enterAs(t *testing.T, token string) *client {
	t.Helper()
	c := tw.dial(t)
	c.say(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`)
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *client) say(text string) {
	c.t.Helper()
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// send writes one message in pieces, without a copy of it: what the server takes for it is measured. That it can't be written, hear tells.
func (c *client) send(pieces ...string) {
	c.t.Helper()
	w, err := c.conn.Writer(c.t.Context(), websocket.MessageText)
	for _, text := range pieces {
		if err == nil {
			_, err = io.Copy(w, onlyReader{strings.NewReader(text)})
		}
	}
	if err == nil {
		_ = w.Close()
	}
}

// onlyReader is read piece by piece.
type onlyReader struct{ io.Reader }

// subscribe begins an operation.
func (c *client) subscribe(id, query string, variables map[string]any) {
	c.t.Helper()
	m, err := json.Marshal(map[string]any{"id": id, "type": "subscribe", "payload": map[string]any{"query": query, "variables": variables}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.say(string(m))
}

// wait is after how long a test is told what it waits for, instead of hanging; no test is about it.
const wait = 2 * time.Minute

// hear is the next message that is no ping.
func (c *client) hear() string {
	c.t.Helper()
	select {
	case text, ok := <-c.heard:
		if !ok {
			text = "closed, and said so before"
		}
		return text
	case <-time.After(wait):
		return "nothing for " + wait.String()
	}
}

func (c *client) expect(want string) string {
	c.t.Helper()
	got := c.hear()
	if !strings.HasPrefix(got, want) {
		c.t.Fatalf("heard %s\nwant  %s", got, want)
	}
	return got
}

// numbers are the sequences that a cursor of one site holds.
func sequence(t *testing.T, cursor string) int64 {
	t.Helper()
	places, err := relay.Cursor(cursor).Events()
	if err != nil || len(places) != 1 {
		t.Fatalf("%s: %v %v", cursor, places, err)
	}
	return places[0].Sequence
}

// beginning is the cursor before all that happens at one site.
var beginning = relay.EventCursor([]relay.EventPlace{{Site: 1}})

const listening = `subscription ($after: Cursor) { events(after: $after) { cursor type site { code } } }`

// TestSubscribeByWebSocket: what happens is told, in order, and what was missed after a cursor.
func TestSubscribeByWebSocket(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	tw.tell(t, 3)
	c := tw.enter(t)
	c.subscribe("past", listening, map[string]any{"after": beginning})
	for n := range int64(3) {
		hears(t, c.hear(), "past", n+1)
	}
	told := make(chan error, 1)
	go func() { told <- happen(t.Context(), tw.owner, 1, 700) }() // more than a page; the client answers pings meanwhile
	for n := range int64(700) {
		hears(t, c.hear(), "past", n+4)
	}
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	c.say(`{"id":"past","type":"complete"}`)
	c.subscribe("now", listening, nil)
	c.subscribe("one", `{ sites { code } }`, nil) // answered when the one before listens, or earlier: both look things up
	for range 2 {
		c.expect(`{"id":"one","type":"`)
	}
	c.subscribe("bad", `subscription { events { nothing } }`, nil)
	c.expect(`{"id":"bad","type":"error","payload":[{"message":"Cannot query field`)
}

func hears(t *testing.T, heard, id string, number int64) {
	t.Helper()
	var m struct {
		ID, Type string
		Payload  struct {
			Data struct {
				Events struct{ Cursor, Type string }
			}
		}
	}
	if err := json.Unmarshal([]byte(heard), &m); err != nil || m.ID != id || m.Type != "next" {
		t.Fatalf("heard %s (%v)", heard, err)
	}
	if got := sequence(t, m.Payload.Data.Events.Cursor); got != number {
		t.Fatalf("event %d after %d", got, number-1)
	}
}

// TestSubscribeByEvents: server-sent events go on where Last-Event-ID says.
func TestSubscribeByEvents(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	tw.tell(t, 5)
	events := tw.stream(t, tw.token, listening, nil, relay.EventCursor([]relay.EventPlace{{Site: 1, Sequence: 2}}))
	for want := int64(3); want <= 5; want++ {
		events.hears(t, want)
	}
}

// stream is one of server-sent events.
type stream struct {
	lines    *bufio.Scanner
	body     io.Closer
	complete bool // its end was told, so that its client doesn't come back
}

func newStream(body io.ReadCloser) *stream {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	return &stream{lines: lines, body: body}
}

// stream subscribes by server-sent events, after the last one that was heard where there is one.
func (tw *tower) stream(t *testing.T, token, query string, variables map[string]any, last relay.Cursor) *stream {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tw.url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "text/event-stream", "Authorization": "Bearer " + token, "Last-Event-ID": string(last),
	} {
		r.Header.Set(name, value)
	}
	w, err := cmp.Or(tw.http, http.DefaultClient).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Body.Close() })
	if w.StatusCode != http.StatusOK {
		t.Fatal(w.Status)
	}
	return newStream(w.Body)
}

// next is the next event with its id.
func (s *stream) next(t *testing.T) (id, data string) {
	t.Helper()
	id, data, ok := s.event()
	if !ok {
		t.Fatalf("the stream ended (%v)", s.lines.Err())
	}
	return id, data
}

func (s *stream) hears(t *testing.T, number int64) {
	t.Helper()
	if id, data := s.next(t); sequence(t, id) != number {
		t.Fatalf("event %s, not %d: %s", id, number, data)
	}
}

// event is the next one, where the stream doesn't end before.
func (s *stream) event() (id, data string, ok bool) {
	defer time.AfterFunc(wait, func() { s.body.Close() }).Stop()
	for s.lines.Scan() {
		s.complete = s.complete || s.lines.Text() == "event: complete"
		if text, ok := strings.CutPrefix(s.lines.Text(), "id: "); ok {
			id = text
		}
		if text, ok := strings.CutPrefix(s.lines.Text(), "data: "); ok {
			return id, text, true
		}
	}
	return "", "", false
}
