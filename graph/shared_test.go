package graph_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"flowviz/db"
	"flowviz/internal/relay"
)

// request sends one of a shared stream, and returns its status and, where it is short, its body.
func (tw *tower) request(t *testing.T, ctx context.Context, method, query, ticket, token, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, tw.url+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if ticket != "" {
		r.Header.Set("X-GraphQL-Event-Stream-Token", ticket)
	}
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Body.Close() })
	return w
}

func (tw *tower) status(t *testing.T, method, query, ticket, token, body string, want int) {
	t.Helper()
	if w := tw.request(t, t.Context(), method, query, ticket, token, body); w.StatusCode != want {
		answer, _ := io.ReadAll(w.Body)
		t.Errorf("%s %s %s: %s, not %d: %s", method, query, body, w.Status, want, answer)
	}
}

func (tw *tower) reserve(t *testing.T) string {
	t.Helper()
	w := tw.request(t, t.Context(), http.MethodPut, "", "", tw.token, "")
	ticket, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != http.StatusCreated {
		t.Fatal(w.Status, err)
	}
	return string(ticket)
}

// operation is the body of one on a shared stream.
func operation(id, query string, after *relay.EventPlace) string {
	variables := "{}"
	if after != nil {
		variables = fmt.Sprintf(`{"after":%q}`, relay.EventCursor([]relay.EventPlace{*after}))
	}
	return fmt.Sprintf(`{"query":%q,"variables":%s,"extensions":{"operationId":%q}}`, query, variables, id)
}

// TestSharedStream: several operations on one stream, as graphql-sse's single connection mode has them.
func TestSharedStream(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	tw.tell(t, 2)
	tw.status(t, http.MethodPut, "", "", "", "", http.StatusUnauthorized)
	tw.status(t, http.MethodGet, "?token=forged", "", "", "", http.StatusNotFound)
	ticket := tw.reserve(t)
	tw.status(t, http.MethodPost, "", ticket, tw.token, operation("a", listening, nil), http.StatusConflict) // nobody receives it yet
	tw.status(t, http.MethodPost, "", ticket, "", operation("a", listening, nil), http.StatusNotFound)       // whoever that is
	stream := tw.request(t, t.Context(), http.MethodGet, "?token="+ticket, "", "", "")                       // as EventSource does, without a header
	if stream.StatusCode != http.StatusOK || !strings.HasPrefix(stream.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatal(stream.Status)
	}
	tw.status(t, http.MethodGet, "", ticket, tw.token, "", http.StatusConflict) // it is received already
	tw.status(t, http.MethodPatch, "", ticket, tw.token, "", http.StatusMethodNotAllowed)
	tw.status(t, http.MethodPost, "", ticket, tw.token, `{"query":"{ __typename }"}`, http.StatusBadRequest)
	lines := bufio.NewScanner(stream.Body)
	expect := func(want string) {
		t.Helper()
		for lines.Scan() {
			if text := lines.Text(); strings.HasPrefix(text, "data: ") {
				if !strings.HasPrefix(text, "data: "+want) {
					t.Fatalf("heard %s\nwant  %s", text, want)
				}
				return
			}
		}
		t.Fatalf("the stream ended (%v) before %s", lines.Err(), want)
	}
	tw.status(t, http.MethodPost, "", ticket, tw.token, operation("a", listening, &relay.EventPlace{Site: 1}), http.StatusAccepted)
	expect(`{"id":"a","payload":{"data":{"events":{"cursor":`)
	expect(`{"id":"a","payload":{"data":{"events":{"cursor":`)
	tw.status(t, http.MethodPost, "", ticket, tw.token, operation("a", listening, nil), http.StatusConflict) // its id is in use
	tw.status(t, http.MethodPost, "", ticket, tw.token, operation("b", `{ sites { code } }`, nil), http.StatusAccepted)
	expect(`{"id":"b","payload":{"data":{"sites":[{"code":"DUNA"}]}}}`)
	expect(`{"id":"b"}`)
	tw.status(t, http.MethodPost, "", ticket, tw.token, operation("c", listening, &relay.EventPlace{Site: 1, Sequence: 9}), http.StatusAccepted)
	expect(`{"id":"c","payload":{"errors":[{"message":"after: the cursor is of events that are not there`)
	expect(`{"id":"c"}`)
	tw.status(t, http.MethodPost, "", ticket, tw.token, operation("d", `subscription { events { nothing } }`, nil), http.StatusOK) // in the form of application/json
	tw.status(t, http.MethodDelete, "?operationId=a", ticket, tw.token, "", http.StatusOK)
	tw.tell(t, 1) // a hears no more of it
	tw.status(t, http.MethodPost, "", ticket, tw.token, operation("a", listening, &relay.EventPlace{Site: 1, Sequence: 2}), http.StatusAccepted)
	expect(`{"id":"a","payload":{"data":{"events":{"cursor":`)
	for n := range 20 {
		want := http.StatusAccepted
		if n == 19 { // with a
			want = http.StatusTooManyRequests
		}
		tw.status(t, http.MethodPost, "", ticket, tw.token, operation(fmt.Sprint(n), listening, nil), want)
	}
	tw.sql(t, "UPDATE session SET revoked_at = now()")
	for lines.Scan() { // until it is hung up
		if strings.HasPrefix(lines.Text(), "data: ") {
			t.Errorf("heard %s after the sign-out", lines.Text())
		}
	}
	waitUntil(t, func() bool { // with its stream the reservation ended
		w := tw.request(t, t.Context(), http.MethodGet, "?token="+ticket, "", "", "")
		return w.StatusCode == http.StatusNotFound
	})
}

// TestReservationsAreFew: a user has five connections that carry several operations.
func TestReservationsAreFew(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	for range 5 {
		tw.reserve(t)
	}
	tw.status(t, http.MethodPut, "", "", tw.token, "", http.StatusTooManyRequests)
}

// TestSignInsBySocket: an answer's headers were sent long ago, and are no place for cookies, least of all for several operations at once.
func TestSignInsBySocket(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	c := tw.enter(t)
	const signIn = `mutation { login(input: {email: "a@example.com", password: "` + listenersPassword + `", cookie: %t}) { expiresAt } }`
	c.subscribe("kept", fmt.Sprintf(signIn, true), nil)
	c.expect(`{"id":"kept","type":"next","payload":{"errors":[{"message":"cookie: no cookie can be set on this connection`)
	c.expect(`{"id":"kept","type":"complete"}`)
	var once sync.Once
	for n := range 10 {
		c.subscribe(fmt.Sprint(n), fmt.Sprintf(signIn, false), nil)
	}
	for range 20 {
		if heard := c.hear(); strings.Contains(heard, `"errors"`) && !strings.Contains(heard, "RATE_LIMITED") {
			once.Do(func() { t.Error(heard) })
		}
	}
}
