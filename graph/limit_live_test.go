package graph_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"flowviz/db"
)

// sender sends a body, and returns the first that is answered to it.
type sender func(t *testing.T, contentType, body string) string

// senders are the transports of streams, each for one body after the other.
func (tw *tower) senders(t *testing.T) map[string]sender {
	t.Helper()
	ticket := tw.reserve(t)
	tw.request(t, t.Context(), http.MethodGet, "?token="+ticket, "", "", "")
	return map[string]sender{
		"server-sent events": patiently(func(t *testing.T, contentType, body string) string { return tw.send(t, "", contentType, body) }),
		"a shared stream":    patiently(func(t *testing.T, contentType, body string) string { return tw.send(t, ticket, contentType, body) }),
		"websocket":          patiently(tw.sendBySocket(t)),
	}
}

// patiently sends again what a machine that was busy with other tests couldn't look at, as clients do.
func patiently(send sender) sender {
	return func(t *testing.T, contentType, body string) string {
		t.Helper()
		answer := send(t, contentType, body)
		for range 4 {
			if !strings.HasPrefix(answer, "503 ") && !strings.HasPrefix(answer, "closed 1013") && !strings.HasPrefix(answer, "closed -1") {
				break
			}
			answer = send(t, contentType, body)
		}
		return answer
	}
}

// send posts a body for a stream: with a ticket for that shared one, whose request is answered at once where it is refused.
func (tw *tower) send(t *testing.T, ticket, contentType, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tw.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": contentType, "Accept": "text/event-stream", "Authorization": "Bearer " + tw.token, "X-GraphQL-Event-Stream-Token": ticket,
	} {
		r.Header.Set(name, value)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if strings.HasPrefix(w.Header.Get("Content-Type"), "text/event-stream") {
		_, data := newStream(w.Body).next(t)
		return data
	}
	answer, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(w.StatusCode, " ", string(answer))
}

// sendBySocket sends bodies as payloads, on one socket until that is closed.
func (tw *tower) sendBySocket(t *testing.T) sender {
	t.Helper()
	var c *client
	sent := 0
	return func(t *testing.T, _, body string) string {
		t.Helper()
		if c == nil {
			c = tw.enter(t)
			c.conn.SetReadLimit(1 << 20)
		}
		sent++
		id := fmt.Sprintf(`{"id":"%d","type":`, sent)
		// What is hung up on while it is sent can't be sent, and is told why like the rest.
		c.send(id+`"subscribe","payload":`, body, `}`)
		for {
			heard := c.hear()
			answer, own := strings.CutPrefix(heard, id)
			switch {
			case own:
				return answer
			case strings.HasPrefix(heard, "closed"), strings.HasPrefix(heard, "nothing"):
				c = nil
				return heard
			}
		}
	}
}

// TestStreamsRefuseBodies: what POST refuses, streams do, for the same reason. On a socket what is no JSON is no message, and what is larger
// than all that may be sent ends it.
func TestStreamsRefuseBodies(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	senders := tw.senders(t)
	for name, tc := range refusedBodies() {
		if tc.method == http.MethodGet {
			continue
		}
		for transport, send := range senders {
			status, says := fmt.Sprint(tc.status, " "), tc.says
			if transport == "websocket" {
				switch {
				case tc.contentType != jsonType:
					continue
				case len(tc.body) > 1<<20+4*64<<10:
					status, says = "closed 1009", ""
				case !json.Valid([]byte(tc.body)):
					status, says = "closed 4400", ""
				default:
					status = `"error","payload":[{`
				}
			}
			if got := send(t, tc.contentType, tc.body); !strings.HasPrefix(got, status) || !strings.Contains(got, says) || strings.Contains(got, "secret") {
				t.Errorf("%s by %s: %.500s; want %s with %q", name, transport, got, status, says)
			}
		}
	}
}

// TestStreamsRefuseDocuments: so are the limits of documents those of POST.
func TestStreamsRefuseDocuments(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	senders := tw.senders(t)
	for name, tc := range refusedDocuments() {
		for transport, send := range senders {
			if got := send(t, jsonType, operation("q", tc.document, nil)); !strings.Contains(got, tc.extensions()) {
				t.Errorf("%s by %s: %.500s; want %s", name, transport, got, tc.extensions())
			}
		}
	}
}
