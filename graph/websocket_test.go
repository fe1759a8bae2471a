package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"flowviz/db"
	"flowviz/graph"
	"flowviz/internal/identity"
	"flowviz/internal/rate"
	"flowviz/internal/relay"
)

const subscribeTo = `{"id":"%s","type":"subscribe","payload":{"query":"subscription { events { type } }"}}`

func listen(id string) string { return fmt.Sprintf(subscribeTo, id) }

// TestProveWebSocket holds the server to what the protocol graphql-transport-ws says, and to our own limits.
func TestProveWebSocket(t *testing.T) { //nolint:tparallel // its parts share one user, who has five sockets
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	behaviours := map[string]func(t *testing.T){
		"another sub-protocol is closed with 4406": func(t *testing.T) {
			t.Helper()
			conn, _, err := websocket.Dial(t.Context(), tw.url, &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			newClient(t, conn).expect("closed 4406")
		},
		"who doesn't say who it is in 3 s is closed with 4408": func(t *testing.T) {
			t.Helper()
			begun := time.Now()
			tw.dial(t).expect("closed 4408")
			if took := time.Since(begun); took < 3*time.Second || took > 6*time.Second {
				t.Errorf("after %s", took)
			}
		},
		"a second connection_init is closed with 4429": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			c.say(`{"type":"connection_init"}`)
			c.expect("closed 4429")
		},
		"subscribe before the acknowledgement is closed with 4401": func(t *testing.T) {
			t.Helper()
			c := tw.dial(t)
			c.say(listen("a"))
			c.expect("closed 4401")
		},
		"a token that doesn't hold is closed with 4403": func(t *testing.T) {
			t.Helper()
			for _, payload := range []string{`{"authorization":"Bearer forged"}`, `{}`, `{"authorization":7}`} {
				c := tw.dial(t)
				c.say(`{"type":"connection_init","payload":` + payload + `}`)
				if heard := c.expect("closed 4403"); !strings.Contains(heard, `reason = "Forbidden"`) {
					t.Errorf("%s is told %s", payload, heard)
				}
			}
		},
		"a token that doesn't hold is closed with 4403 in a ping too": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			c.say(`{"type":"ping","payload":{"authorization":"Bearer forged"}}`)
			c.expect("closed 4403")
		},
		"a header with a token that doesn't hold opens no socket": func(t *testing.T) {
			t.Helper()
			conn, answer, err := websocket.Dial(t.Context(), tw.url, &websocket.DialOptions{
				Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Authorization": {"Bearer forged"}},
			})
			if err == nil {
				conn.CloseNow()
				t.Fatal("it opens")
			}
			if answer == nil || answer.StatusCode != http.StatusUnauthorized || answer.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%v: %v", err, answer)
			}
		},
		"what is no message is closed with 4400": func(t *testing.T) {
			t.Helper()
			for _, text := range []string{`no JSON`, `[]`, `{"type":"start"}`, `{}`, `{"type":"subscribe","payload":{}}`, `{"id":"a","type":"subscribe"}`, `{"type":"complete"}`} {
				c := tw.enter(t)
				c.say(text)
				c.expect("closed 4400")
			}
		},
		"an id that is in use is closed with 4409": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			c.say(listen("a"))
			c.say(listen("a"))
			c.expect("closed 4409")
		},
		"ping is answered by pong with its payload, before the acknowledgement too": func(t *testing.T) {
			t.Helper()
			c := tw.dial(t)
			c.say(`{"type":"ping"}`)
			c.expect(`{"type":"pong"}`)
			c.say(`{"type":"ping","payload":{"n":1}}`)
			c.expect(`{"type":"pong","payload":{"n":1}}`)
		},
		"a pong that nobody asked for is fine": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			c.say(`{"type":"pong"}`)
			c.say(`{"type":"ping"}`)
			c.expect(`{"type":"pong"}`)
		},
		"complete ends a subscription, and its id is free": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			for range 3 {
				c.say(listen("a"))
				c.say(`{"id":"a","type":"complete"}`)
			}
			c.say(`{"id":"nobody","type":"complete"}`)
			c.subscribe("a", `{ __typename }`, nil)
			c.expect(`{"id":"a","type":"next","payload":{"data":{"__typename":"Query"}}}`)
			c.expect(`{"id":"a","type":"complete"}`)
		},
		"a query is answered by next and complete": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			c.subscribe("q", `{ sites { code } }`, nil)
			c.expect(`{"id":"q","type":"next","payload":{"data":{"sites":[{"code":"DUNA"}]}}}`)
			c.expect(`{"id":"q","type":"complete"}`)
		},
		"what can't be executed is an error, and its id is free": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			for _, bad := range []string{`{`, `{ nothing }`, `subscription { events { type } qcEvents { type } }`, `subscription { events(site: \"NOPE\") { type } }`, `mutation { registerPartner(input: {siteCode: \"DUNA\", name: \"x\"}) { partner { id } } }`} {
				c.say(`{"id":"a","type":"subscribe","payload":{"query":"` + bad + `"}}`)
				c.expect(`{"id":"a","type":"error","payload":[{"message":`)
			}
			c.say(`{"id":"a","type":"subscribe","payload":{"query":7}}`)
			c.expect(`{"id":"a","type":"error","payload":[{`)
		},
		"a socket carries 20 operations": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			for n := range 20 {
				c.say(listen(fmt.Sprint(n)))
			}
			c.say(listen("21st"))
			c.expect(`{"id":"21st","type":"error","payload":[{"extensions":{"code":"LIMIT","cost":21,"limit":"subscriptions","value":20}`)
			c.say(`{"id":"3","type":"complete"}`)
			c.say(listen("22nd"))
			c.say(`{"type":"ping"}`)
			c.expect(`{"type":"pong"}`)
		},
		"what is larger than a request may be, 1.25 MiB, is closed with 1009": func(t *testing.T) {
			t.Helper()
			c := tw.enter(t)
			c.say(`{"id":"a","type":"subscribe","payload":{"query":"` + strings.Repeat("a", 5<<18) + `"}}`)
			c.expect("closed 1009")
		},
	}
	for name, holds := range behaviours { // not parallel: a user has five sockets
		t.Run(name, holds)
	}
	t.Run("a user has five sockets", func(t *testing.T) { // not parallel: the same user
		var open []*client
		waitUntil(t, func() bool { // those of before are being closed
			c := tw.dial(t)
			c.say(`{"type":"connection_init","payload":{"authorization":"Bearer ` + tw.token + `"}}`)
			if strings.Contains(c.hear(), "connection_ack") {
				open = append(open, c)
			}
			return len(open) == 5
		})
		sixth := tw.dial(t)
		sixth.say(`{"type":"connection_init","payload":{"authorization":"Bearer ` + tw.token + `"}}`)
		if heard := sixth.expect("closed 1013"); !strings.Contains(heard, "too many sockets of one user, each for 20 streams (limit streams, value 100, cost 120)") {
			t.Errorf("the sixth is told %s", heard)
		}
		for _, c := range open {
			c.subscribe("q", `{ __typename }`, nil)
			c.expect(`{"id":"q","type":"next","payload":{"data":{"__typename":"Query"}}}`)
		}
	})
	if !t.Failed() {
		t.Logf("prove: %d behaviours of graphql-transport-ws, and five sockets a user", len(behaviours))
	}
}

// TestSocketRate: a socket whose messages come too often is told by which limit it ends, and when to come back.
func TestSocketRate(t *testing.T) {
	t.Parallel()
	p := newPlant(t, db.RoleVIEWER)
	standing := func() time.Time { return time.Unix(0, 0) }
	requests := rate.New(rate.Limit{Burst: 2, PerSecond: 0.5}, standing)
	c := (&tower{plant: p, url: serveLive(t, p.app, graph.Edge{Requests: requests}).URL}).dial(t)
	for range 2 {
		c.say(`{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
	}
	c.say(`{"type":"ping"}`)
	if heard := c.expect("closed 1013"); !strings.Contains(heard, "too much in too short a time: wait 2 s (limit requests, value 2, cost 1)") {
		t.Errorf("it is told %s", heard)
	}
}

// waitUntil polls for what comes by itself.
func waitUntil(t *testing.T, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(wait); !holds(); {
		if time.Now().After(until) {
			t.Fatal("it doesn't come")
		}
		pause(t, 20*time.Millisecond)
	}
}

// pause lets time pass where time itself is what a test needs: between polls, or from one event to the next.
func pause(t *testing.T, span time.Duration) {
	t.Helper()
	select {
	case <-time.After(span):
	case <-t.Context().Done():
	}
}

// TestStreamsEndWithTheirToken: a sign-out ends streams within 2 s; so does a role that is taken, and another site's events come from
// when its role is given.
func TestStreamsEndWithTheirToken(t *testing.T) { //nolint:paralleltest // it is about 2 s, which others would take from it
	tw := newTower(t, db.RoleVIEWER)
	c := tw.enter(t)
	c.subscribe("a", listening, map[string]any{"after": beginning})
	tw.tell(t, 1)
	hears(t, c.hear(), "a", 1)
	renewed := signIn(t, tw.app, "a@example.com")
	c.say(`{"type":"ping","payload":{"authorization":"Bearer ` + renewed + `"}}`)
	c.expect(`{"type":"pong"}`)
	tw.sql(t, "UPDATE session SET revoked_at = now() WHERE id = (SELECT id FROM session ORDER BY created_at LIMIT 1)")
	pause(t, 2*time.Second) // long enough for the first session's end to be felt, were it still the socket's
	tw.tell(t, 1)
	hears(t, c.hear(), "a", 2)
	tw.sql(t, "UPDATE session SET revoked_at = now() WHERE revoked_at IS NULL")
	begun := time.Now()
	c.expect("closed 4403")
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("after %s", took)
	}
}

// TestStreamsEndWhenTheirTokenExpires: within 2 s of that moment, by socket, by server-sent events and on a shared stream; who has renewed it
// hears on.
func TestStreamsEndWhenTheirTokenExpires(t *testing.T) { //nolint:paralleltest // it is about 2 s, which others would take from it
	const left = 3 * time.Second // to open them all
	tw := newTower(t, db.RoleVIEWER)
	clock := func() time.Time { return time.Now().Add(left - identity.AccessLifetime) }
	in, err := newIdentityOf(tw.app, clock, newTokensAt(clock)).SignIn(t.Context(), identity.Credentials{Email: "a@example.com", Password: listenersPassword})
	if err != nil {
		t.Fatal(err)
	}
	lasting := tw.token
	tw.token = string(in.AccessToken)
	renewed, socket := tw.enter(t), tw.enter(t)
	renewed.subscribe("a", listening, nil)
	renewed.say(`{"type":"ping","payload":{"authorization":"Bearer ` + lasting + `"}}`)
	renewed.expect(`{"type":"pong"}`)
	socket.subscribe("a", listening, nil)
	events := tw.stream(t, tw.token, listening, nil, "")
	shared := newStream(tw.request(t, t.Context(), http.MethodGet, "?token="+tw.reserve(t), "", "", "").Body)
	var all sync.WaitGroup
	for name, end := range map[string]func() (heard string, ended bool){
		"socket":        func() (string, bool) { heard := socket.hear(); return heard, strings.HasPrefix(heard, "closed 4403") },
		"events":        func() (string, bool) { _, heard, ok := events.event(); return heard, !ok },
		"shared stream": func() (string, bool) { _, heard, ok := shared.event(); return heard, !ok },
	} {
		all.Go(func() {
			heard, ended := end()
			if after := time.Since(in.AccessExpiresAt); !ended || after < 0 || after > 2*time.Second {
				t.Errorf("%s: heard %q %s after the token expired", name, heard, after)
			}
		})
	}
	all.Wait()
	tw.tell(t, 1)
	hears(t, renewed.hear(), "a", 1)
}

// TestRightsOfTheMoment: who loses the role hears no more, and is told why.
func TestRightsOfTheMoment(t *testing.T) { //nolint:paralleltest // it is about 2 s, which others would take from it
	tw := newTower(t, db.RoleVIEWER)
	c := tw.enter(t)
	c.subscribe("a", listening, map[string]any{"after": beginning})
	tw.tell(t, 1)
	hears(t, c.hear(), "a", 1)
	tw.sql(t, "DELETE FROM membership")
	begun := time.Now()
	c.expect(`{"id":"a","type":"error","payload":[{"message":"this needs the role VIEWER`)
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("after %s", took)
	}
}

// TestForgottenIsResync: who was away for longer than events are kept, or has a cursor of another history, is told to read anew.
func TestForgottenIsResync(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	tw.tell(t, 5)
	tw.sql(t, "DELETE FROM event WHERE sequence <= 3")
	c := tw.enter(t)
	for places, resync := range map[relay.EventPlace]bool{
		{Site: 1, Sequence: 2}: true, {Site: 1, Sequence: 6}: true, {Site: 2, Sequence: 4}: true, {Site: 1, Sequence: 3}: false,
	} {
		c.subscribe("a", listening, map[string]any{"after": relay.EventCursor([]relay.EventPlace{places})})
		if heard := c.hear(); strings.Contains(heard, `"code":"RESYNC","field":"after"`) != resync {
			t.Errorf("after %v: %s", places, heard)
		}
		if !resync {
			c.hear()
			c.say(`{"id":"a","type":"complete"}`)
		}
	}
	c.subscribe("b", listening, map[string]any{"after": "e!"})
	c.expect(`{"id":"b","type":"error","payload":[{"message":"after: \"e!\" is no cursor`)
}

// TestCursorOfASnapshot: what a query reads and what follows its cursor are all that happens, whoever writes meanwhile.
func TestCursorOfASnapshot(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleMANAGER)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil && n < 500; n++ {
			tw.ask(t, `mutation ($input: RegisterPartnerInput!) { registerPartner(input: $input) { partner { id } } }`, fmt.Sprintf(`{"siteCode":"DUNA","name":"Farm %d"}`, n))
		}
		done <- n
	}()
	c := tw.enter(t)
	cursors, seen := make([]string, 5), make([]int, 5)
	for i := range cursors {
		var answer struct {
			Data struct {
				Partners    struct{ TotalCount int }
				EventCursor string
			}
		}
		decode(t, tw.ask(t, `{ partners { totalCount } eventCursor }`, ""), &answer)
		cursors[i], seen[i] = answer.Data.EventCursor, answer.Data.Partners.TotalCount
		c.subscribe(fmt.Sprint(i), listening, map[string]any{"after": cursors[i]})
	}
	cancel()
	told := <-done
	count := make([]int, len(cursors))
	for left := 0; ; left = 0 {
		for i := range count {
			left += told - seen[i] - count[i]
		}
		if left <= 0 {
			break
		}
		var m struct{ ID, Type string }
		decode(t, c.hear(), &m)
		for i := range count {
			if m.ID == fmt.Sprint(i) {
				count[i]++
			}
		}
	}
	for i := range count {
		if seen[i]+count[i] != told {
			t.Errorf("%d were read and %d told, of %d", seen[i], count[i], told)
		}
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}
