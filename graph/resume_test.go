package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// audience is a database with two sites, and members of both.
type audience struct {
	owner, app *pgxpool.Pool
	emails     []string
	tokens     []string

	mu     sync.Mutex
	signed time.Time // in, all of them
}

// token is a member's: access tokens last for 15 minutes, which a long proof outlives.
func (a *audience) token(t *testing.T, member int) string {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.signed) > 10*time.Minute {
		a.signIn(t)
	}
	return a.tokens[member]
}

func (a *audience) signIn(t *testing.T) {
	t.Helper()
	a.tokens, a.signed = nil, time.Now()
	for _, email := range a.emails {
		a.tokens = append(a.tokens, signIn(t, a.app, email))
	}
}

func newAudience(t *testing.T, members int, role identity.Role) *audience {
	t.Helper()
	p := newPlant(t, db.RoleVIEWER)
	q := db.New(p.owner)
	if _, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: "TISZ", Name: "Tisza", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	a := &audience{owner: p.owner, app: p.app}
	for i := range members {
		id, email := newID(), fmt.Sprintf("%d@example.com", i)
		if err := q.InsertUser(t.Context(), db.InsertUserParams{ID: id, Email: email, FullName: "M", CreatedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		for site := range int32(2) {
			if err := q.PutMembership(t.Context(), db.PutMembershipParams{UserID: id, SiteID: site + 1, Role: role}); err != nil {
				t.Fatal(err)
			}
		}
		a.emails = append(a.emails, email)
	}
	ctx := identity.WithOrigin(t.Context(), identity.Origin{Program: "test"})
	if err := newIdentity(p.app).SetPasswords(ctx, a.emails, "", listenersPassword); err != nil {
		t.Fatal(err)
	}
	a.signIn(t)
	return a
}

// happen makes n events at a site, and returns when they were committed.
func (a *audience) happen(ctx context.Context, site int32, n int) error {
	return happen(ctx, a.owner, site, n)
}

// happen makes n events at a site: changes of master data.
func happen(ctx context.Context, owner *pgxpool.Pool, site int32, n int) error {
	p := db.AppendEventsParams{OccurredAt: time.Now(), SiteID: site}
	for range n {
		p.Ids, p.Types = append(p.Ids, newID()), append(p.Types, "MASTER_DATA_CHANGED")
		p.SubjectKinds, p.SubjectIds = append(p.SubjectKinds, "Site"), append(p.SubjectIds, uuid.Nil)
		p.RunIds, p.Data = append(p.RunIds, uuid.Nil), append(p.Data, "{}")
	}
	return db.New(owner).AppendEvents(ctx, p)
}

// frame is one event as a client gets it.
type frame struct {
	Data struct {
		Events struct {
			Cursor     relay.Cursor
			OccurredAt time.Time
			Site       struct{ Code string }
		}
	}
	Errors []json.RawMessage
}

const resuming = `subscription ($after: Cursor) { events(after: $after) { cursor occurredAt site { code } } }`

// listenBySocket hands what it hears to each, until the socket ends.
func listenBySocket(ctx context.Context, url, token string, after relay.Cursor, each func(*frame) error) error {
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	subscribe, err := json.Marshal(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]any{"query": resuming, "variables": map[string]any{"after": after}}})
	if err != nil {
		return err
	}
	for _, text := range []string{`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`, string(subscribe)} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return err
		}
	}
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var m struct {
			Type    string
			Payload frame
		}
		if strings.Contains(string(text), `"type":"error"`) {
			return fmt.Errorf("refused: %s", text)
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return err
		}
		switch m.Type {
		case "ping":
			err = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`))
		case "next":
			err = each(&m.Payload)
		}
		if err != nil {
			return err
		}
	}
}

// listenByEvents does so by server-sent events, with the last id alone.
func listenByEvents(ctx context.Context, url, token string, after relay.Cursor, each func(*frame) error) error {
	body, err := json.Marshal(map[string]any{"query": resuming})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "text/event-stream", "Authorization": "Bearer " + token, "Last-Event-ID": string(after),
	} {
		r.Header.Set(name, value)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		return errors.New(w.Status)
	}
	lines := bufio.NewScanner(w.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var f frame
		if err := json.Unmarshal([]byte(data), &f); err != nil {
			return err
		}
		if len(f.Errors) > 0 {
			return fmt.Errorf("refused: %s", data)
		}
		if err := each(&f); err != nil {
			return err
		}
	}
	return errors.Join(errors.New("the stream ended"), lines.Err())
}

// ear counts what one listener hears, by site.
type ear struct {
	cursor                   relay.Cursor
	last                     [3]int64 // by site
	lost, doubled, reordered int
	late                     time.Duration
}

var siteIDs = map[string]int32{"DUNA": 1, "TISZ": 2}

func (e *ear) hear(f *frame) error {
	site := siteIDs[f.Data.Events.Site.Code]
	places, err := f.Data.Events.Cursor.Events()
	if err != nil || site == 0 {
		return fmt.Errorf("what was heard: %v %w", f, err)
	}
	for _, place := range places {
		if place.Site != site {
			continue
		}
		switch heard, want := place.Sequence, e.last[site]+1; {
		case heard > want:
			e.lost += int(heard - want)
		case heard == want-1:
			e.doubled++
		case heard < want:
			e.reordered++
		}
		e.last[site] = place.Sequence
	}
	e.cursor, e.late = f.Data.Events.Cursor, max(e.late, time.Since(f.Data.Events.OccurredAt))
	return nil
}

var errHeardAll = errors.New("all was heard")

// TestProveResume has listeners follow two sites over replicas that are killed again and again: each hears each event once, in order.
func TestProveResume(t *testing.T) {
	t.Parallel()
	const ahead = 1_000 // events, of the slowest listener about
	events, listeners, kills, batch := 3_000, 10, 2, 25
	if dbtest.Full() {
		events, listeners, kills, batch = 100_000, 200, 10, 100
	}
	a := newAudience(t, listeners/5, db.RoleVIEWER)
	replicas := make([]*replica, 3)
	for i := range replicas {
		replicas[i] = startReplica(t, a.app, "")
	}
	var all sync.WaitGroup
	ears := make([]*ear, listeners)
	var connections, heard atomic.Int64
	start := relay.EventCursor([]relay.EventPlace{{Site: 1}, {Site: 2}})
	for i := range ears {
		ears[i] = &ear{cursor: start}
		listen := listenBySocket
		if i%5 >= 2 {
			listen = listenByEvents
		}
		all.Go(func() {
			each := func(f *frame) error {
				heard.Add(1)
				if err := ears[i].hear(f); err != nil {
					return err
				}
				if ears[i].last[1]+ears[i].last[2] >= int64(events) {
					return errHeardAll
				}
				return nil
			}
			for t.Context().Err() == nil {
				connections.Add(1)
				err := listen(t.Context(), replicas[rand.IntN(len(replicas))].address(), a.token(t, i/5), ears[i].cursor, each)
				if errors.Is(err, errHeardAll) {
					return
				}
				if strings.HasPrefix(err.Error(), "refused") {
					t.Errorf("listener %d: %v", i, err)
					return
				}
				pause(t, 20*time.Millisecond)
			}
		})
	}
	// until so many of all deliveries are made, or somebody failed.
	until := func(deliveries int) {
		for heard.Load() < int64(deliveries) && !t.Failed() && t.Context().Err() == nil {
			pause(t, 20*time.Millisecond)
		}
	}
	all.Go(func() {
		for n := 0; n < events; n += batch {
			until((n - ahead) * listeners) // some of it is live, and some of it must be caught up with
			if err := a.happen(t.Context(), int32(n/batch%2)+1, batch); err != nil {
				t.Error(err)
				return
			}
		}
	})
	killed := kills * len(replicas)
	for n := range killed {
		until((n + 1) * events / (killed + 1) * listeners)
		replicas[n%len(replicas)].kill()
		replicas[n%len(replicas)].start()
	}
	all.Wait()
	var lost, doubled, reordered int
	for _, e := range ears {
		lost, doubled, reordered = lost+e.lost, doubled+e.doubled, reordered+e.reordered
	}
	if lost+doubled+reordered > 0 {
		t.Errorf("%d lost, %d doubled, %d reordered", lost, doubled, reordered)
	}
	t.Logf("prove: %d events to %d listeners over 3 replicas, %d times killed, %d connections: %d lost, %d doubled, %d reordered",
		events, listeners, killed, connections.Load(), lost, doubled, reordered)
}
