package graph_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
)

// TestProveRevokeStreams: a sign-out, a deactivation, another role and a taken one end all that somebody listens by, within 2 s.
func TestProveRevokeStreams(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	people := newIdentity(tw.app)
	update := func(changes identity.Changes) func(context.Context, *identity.SignedIn) error {
		return func(ctx context.Context, in *identity.SignedIn) error {
			changes.UserID = in.User.GlobalID()
			_, err := people.Update(ctx, changes)
			return err
		}
	}
	changes := map[string]func(context.Context, *identity.SignedIn) error{
		"sign-out": func(_ context.Context, in *identity.SignedIn) error {
			return people.SignOut(t.Context(), in.RefreshToken)
		},
		"deactivation":       update(identity.Changes{Active: new(bool)}),
		"changed role":       update(identity.Changes{Memberships: []identity.SiteRole{{SiteCode: "DUNA", Role: db.RoleMANAGER}}}),
		"removed membership": update(identity.Changes{RemoveSites: []string{"DUNA"}}),
	}
	admin := identity.WithActor(t.Context(), actor(t, db.RoleADMIN))
	var longest time.Duration
	streams := 0
	for name, change := range changes {
		email := strings.ReplaceAll(name, " ", ".") + "@example.com"
		tw.member(t, email, db.RoleVIEWER)
		in, err := people.SignIn(t.Context(), identity.Credentials{Email: email, Password: listenersPassword})
		if err != nil {
			t.Fatal(err)
		}
		took := tw.revoked(t, in, func() error { return change(admin, in) })
		for transport, after := range took {
			if dbtest.Full() && after > 2*time.Second { // other tests beside it would be measured too
				t.Errorf("%s: %s ends after %s", name, transport, after)
			}
			longest = max(longest, after)
			streams++
		}
	}
	t.Logf("prove: of %d streams, each of a socket, by server-sent events and shared, the last ends %d ms after a sign-out, deactivation, changed role or removed membership",
		streams, longest.Milliseconds())
}

// revoked opens a stream of each kind, changes something, and tells how long afterwards each had ended.
func (tw *tower) revoked(t *testing.T, in *identity.SignedIn, change func() error) map[string]time.Duration {
	t.Helper()
	http.DefaultClient.CloseIdleConnections() // of streams that were hung up on
	own := *tw
	own.token = string(in.AccessToken)
	socket := own.enter(t)
	socket.subscribe("a", listening, nil)
	events := own.stream(t, own.token, listening, nil, "")
	shared := newStream(own.request(t, t.Context(), http.MethodGet, "?token="+own.reserve(t), "", "", "").Body)
	ends := map[string]func() bool{
		"a socket":           func() bool { return strings.HasPrefix(socket.hear(), "closed ") },
		"server-sent events": func() bool { _, _, ok := events.event(); return !ok },
		"a shared stream":    func() bool { _, _, ok := shared.event(); return !ok },
	}
	if err := change(); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	took := map[string]time.Duration{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for transport, ended := range ends {
		all.Go(func() {
			for !ended() { // it may be told why
			}
			mu.Lock()
			defer mu.Unlock()
			took[transport] = time.Since(begun)
		})
	}
	all.Wait()
	return took
}
