package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/identity"
)

// codeOf is a site's code.
func codeOf(t testing.TB, pool *pgxpool.Pool, site int32) string {
	t.Helper()
	sites, err := db.New(pool).SitesByIDs(t.Context(), []int32{site})
	must(t, err)
	return sites[0].Code
}

// intact checks that a site's log holds so many events, and nothing is wrong with it.
func intact(t testing.TB, pool *pgxpool.Pool, site int32, events int64) {
	t.Helper()
	reports, err := audit.NewVerifier(pool, nil, nil).All(t.Context(), codeOf(t, pool, site))
	must(t, err)
	if r := reports[0]; !r.Intact() || r.Events != events {
		t.Errorf("%d events instead of %d, flaw %+v", r.Events, events, r.Flaw)
	}
}

// slow is a store that doesn't answer as long as it is told not to.
type slow struct {
	audit.Store
	asked, answer chan struct{}
}

func (s *slow) All(context.Context, string) ([]*audit.Checkpoint, error) {
	s.asked <- struct{}{}
	<-s.answer
	return nil, nil
}

// TestLogsAreVerifiedInTurn: who comes while a log is verified waits, with nothing held, for as long as the request may take.
func TestLogsAreVerifiedInTurn(t *testing.T) {
	t.Parallel()
	pool, store := dbtest.New(t, nil), &slow{asked: make(chan struct{}, 2), answer: make(chan struct{})}
	site := newSite(t, pool, "DUNA")
	verifier := audit.NewVerifier(pool, store, newKeys(t))
	ctx := identity.WithActor(t.Context(), &identity.Actor{UserID: person, Memberships: map[int32]identity.Role{site: db.RoleAUDITOR}})
	verify := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			_, err := verifier.Site(ctx, "DUNA")
			done <- err
		}()
		return done
	}
	first := verify(ctx)
	<-store.asked
	before := pool.Stat().AcquireCount()
	impatient, leave := context.WithCancel(ctx)
	second := verify(impatient)
	for range time.Tick(time.Millisecond) {
		if s := pool.Stat(); s.AcquireCount() > before && s.AcquiredConns() == 0 {
			break // it knows the site
		}
	}
	leave()
	select {
	case <-store.asked:
		t.Error("the second didn't wait")
	case err := <-second:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the second: %v", err)
		}
	}
	close(store.answer)
	must(t, <-first)
	must(t, <-verify(ctx))
}
