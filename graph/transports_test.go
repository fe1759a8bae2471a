package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/graph"
	"flowviz/internal/identity"
	"flowviz/internal/pubsub"
)

// asker sends an operation as somebody on one transport, and returns the code with which it is refused for who asks; "" where it isn't.
type asker func(t *testing.T, document string) string

const roleHeader = "X-Test-Role"

// serveAs serves the API to whoever a header names.
func serveAs(t *testing.T, app *pgxpool.Pool) string {
	t.Helper()
	r := newResolver(app)
	r.Events = pubsub.NewHub(app, slog.New(slog.DiscardHandler)) // at rest: nothing happens
	h := newHandler(t, r)
	actors := map[string]*identity.Actor{}
	for _, role := range graph.Callers() {
		actors[string(role)] = actor(t, role)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if as := actors[r.Header.Get(roleHeader)]; as != nil {
			ctx = identity.WithActor(ctx, as)
		}
		h.ServeHTTP(w, r.WithContext(ctx))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func post(t *testing.T, ctx context.Context, url, accept string, as identity.Role, document string) *http.Response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	r.Header.Set(roleHeader, string(as))
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func askByPost(t *testing.T, url string, as identity.Role) asker {
	t.Helper()
	return func(t *testing.T, document string) string {
		t.Helper()
		w := post(t, t.Context(), url, "application/json", as, document)
		defer w.Body.Close()
		answer, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		got := refusal(t, answer)
		if got == "UNAUTHENTICATED" && w.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s with HTTP %d\n%s", got, w.StatusCode, document)
		}
		return got
	}
}

// askByStream hears the first event: of a subscription that was let in there is none.
func askByStream(t *testing.T, url string, as identity.Role) asker {
	t.Helper()
	return func(t *testing.T, document string) string {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := post(t, ctx, url, "text/event-stream", as, document)
		defer w.Body.Close()
		if w.StatusCode != http.StatusOK {
			answer, err := io.ReadAll(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			return refusal(t, answer)
		}
		lines := bufio.NewScanner(w.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return refusal(t, []byte(data))
			}
			if lines.Text() == ":" && strings.HasPrefix(document, "subscription") {
				return "" // open
			}
		}
		t.Fatalf("the stream ended (%v)\n%s", lines.Err(), document)
		return ""
	}
}

// askBySocket asks one after the other on one socket; nil for who can't enter, since they aren't signed in.
func askBySocket(t *testing.T, url string, as identity.Role) asker {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{roleHeader: {string(as)}}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	c := newClient(t, conn)
	c.say(`{"type":"connection_init"}`)
	if as == graph.Anonymous {
		c.expect("closed 4403")
		return nil
	}
	c.expect(`{"type":"connection_ack"}`)
	return func(t *testing.T, document string) string {
		t.Helper()
		c.subscribe("q", document, nil)
		if strings.HasPrefix(document, "subscription") {
			c.say(`{"id":"q","type":"complete"}`)
			c.subscribe("after", `{ __typename }`, nil)
		}
		for got := ""; ; {
			var m struct {
				ID, Type string
				Payload  json.RawMessage
			}
			if heard := c.hear(); json.Unmarshal([]byte(heard), &m) != nil {
				t.Fatalf("heard %s\n%s", heard, document)
			}
			switch {
			case m.Type == "error":
				got = refusal(t, []byte(`{"errors":`+string(m.Payload)+`}`))
			case m.Type == "next" && m.ID == "q":
				got = refusal(t, m.Payload)
			}
			if m.Type != "next" {
				return got
			}
		}
	}
}

// askByShared asks one after the other on one shared stream; nil for who can't reserve one, since they aren't signed in.
func askByShared(t *testing.T, url string, as identity.Role) asker {
	t.Helper()
	send := func(t *testing.T, method, query, ticket, body string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, url+query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-GraphQL-Event-Stream-Token", ticket)
		r.Header.Set(roleHeader, string(as))
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	text := func(t *testing.T, w *http.Response) string {
		t.Helper()
		defer w.Body.Close()
		text, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	reserved := send(t, http.MethodPut, "", "", "")
	ticket := text(t, reserved)
	if as == graph.Anonymous {
		if reserved.StatusCode != http.StatusUnauthorized {
			t.Error(reserved.Status)
		}
		return nil
	}
	received := send(t, http.MethodGet, "", ticket, "")
	t.Cleanup(func() { received.Body.Close() })
	events := newStream(received.Body)
	return func(t *testing.T, document string) string {
		t.Helper()
		w := send(t, http.MethodPost, "", ticket, operation("q", document, nil))
		answer := text(t, w)
		switch {
		case w.StatusCode != http.StatusAccepted:
			return refusal(t, []byte(answer))
		case strings.HasPrefix(document, "subscription"):
			send(t, http.MethodDelete, "?operationId=q", ticket, "").Body.Close()
			return ""
		}
		var m struct{ Payload json.RawMessage }
		_, data := events.next(t)
		decode(t, data, &m)
		if _, end := events.next(t); end != `{"id":"q"}` {
			t.Fatalf("heard %s\n%s", end, document)
		}
		return refusal(t, m.Payload)
	}
}
