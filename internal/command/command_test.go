package command_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// plant is a database with two sites and a manager of both.
type plant struct {
	owner, app *pgxpool.Pool
	commands   *command.Executor
	ctx        context.Context //nolint:containedctx // the manager's, for all that a test does
	manager    *identity.Actor
	now        time.Time
}

func newPlant(t *testing.T) *plant {
	t.Helper()
	p := &plant{owner: dbtest.New(t, nil), now: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)}
	q := db.New(p.owner)
	p.manager = &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{}}
	if err := q.InsertUser(t.Context(), db.InsertUserParams{ID: p.manager.UserID, Email: "m@example.com", FullName: "M", CreatedAt: p.now}); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"DUNA", "TISZ"} {
		id, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}
		p.manager.Memberships[id] = db.RoleMANAGER
	}
	p.app = dbtest.AsApp(t, p.owner, nil)
	t.Cleanup(p.app.Close)
	clock := func() time.Time { return p.now }
	p.commands = command.NewExecutor(p.app, audit.NewRecorder(newID, clock), newID, clock)
	p.ctx = identity.WithActor(t.Context(), p.manager)
	return p
}

// register makes a partner: a small change with all that belongs to one.
func (p *plant) register(key *string, name string, ran *atomic.Int32) (uuid.UUID, error) {
	return command.Do(p.ctx, p.commands, command.Call{Mutation: "register", Key: key, Input: name}, func(tx *command.Tx) (uuid.UUID, error) {
		if ran != nil {
			ran.Add(1)
		}
		made, err := tx.InsertPartner(p.ctx, db.InsertPartnerParams{ID: tx.NewID(), SiteID: 1, Name: name})
		if err != nil {
			return uuid.Nil, err
		}
		subject := relay.ID{Kind: relay.Partner, Site: 1, UUID: made.ID}
		tx.Audit(audit.Entry{Site: 1, Action: audit.RegisterPartner, Subject: subject, Label: name})
		tx.Tell(event.Event{Type: event.MasterDataChanged, Site: 1, Subject: subject})
		return made.ID, nil
	})
}

func (p *plant) count(t *testing.T, table string) (n int) {
	t.Helper()
	if err := p.owner.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSentAgainChangesNothing(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	first, err := p.register(new("key"), "Farm", nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.register(new("key"), "Farm", nil)
	if err != nil || again != first {
		t.Errorf("sent again: %v, %v, not %v", again, err, first)
	}
	if _, err := p.register(new("key"), "Other", nil); !fault.Is(err, fault.Conflict) || fault.Of(err).Field != "idempotencyKey" {
		t.Errorf("the key with another input: %v", err)
	}
	if other, err := p.register(new("key 2"), "Farm", nil); err != nil || other == first {
		t.Errorf("another key: %v, %v", other, err)
	}
	p.now = p.now.Add(25 * time.Hour)
	if later, err := p.register(new("key"), "Farm", nil); err != nil || later == first {
		t.Errorf("a day later the key is forgotten: %v, %v", later, err)
	}
	for table, want := range map[string]int{"partner": 3, "audit_event": 3, "event": 3} {
		if n := p.count(t, table); n != want {
			t.Errorf("%d rows of %s, not %d", n, table, want)
		}
	}
}

func TestAFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	broken := errors.New("broken")
	_, err := command.Do(p.ctx, p.commands, command.Call{Mutation: "register", Key: new("key"), Input: "Farm"}, func(tx *command.Tx) (uuid.UUID, error) {
		_, err := tx.InsertPartner(p.ctx, db.InsertPartnerParams{ID: tx.NewID(), SiteID: 1, Name: "Farm"})
		return uuid.Nil, errors.Join(err, broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	for _, table := range []string{"partner", "audit_event", "event", "idempotency_key"} {
		if n := p.count(t, table); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
	if _, err := p.register(new("key"), "Farm", nil); err != nil {
		t.Errorf("after a failure the key is free: %v", err)
	}
}

func TestKeysOfOthersAreApart(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	first, err := p.register(new("key"), "Farm", nil)
	if err != nil {
		t.Fatal(err)
	}
	program := *p.manager
	program.Token = newID()
	p.ctx = identity.WithActor(t.Context(), &program)
	if second, err := p.register(new("key"), "Other farm", nil); err != nil || second == first {
		t.Errorf("a program with its maker's key: %v, %v", second, err)
	}
}

// TestParallelCallsHaveOneEffect sends each key many times at once.
func TestParallelCallsHaveOneEffect(t *testing.T) {
	t.Parallel()
	const keys, times = 10, 20
	p := newPlant(t)
	var ran atomic.Int32
	var all sync.WaitGroup
	results := make([][times]uuid.UUID, keys)
	for k := range keys {
		for i := range times {
			all.Go(func() {
				id, err := p.register(new(string(rune('a'+k))), "Farm", &ran)
				if err != nil {
					t.Error(err)
				}
				results[k][i] = id
			})
		}
	}
	all.Wait()
	for k := range keys {
		for i := range times {
			if results[k][i] != results[k][0] {
				t.Errorf("key %d: results differ", k)
			}
		}
	}
	if n := p.count(t, "partner"); n != keys || ran.Load() != keys {
		t.Errorf("%d partners by %d runs, not %d", n, ran.Load(), keys)
	}
}

// TestSitesInOrder has commands write at two sites, told in both orders: heads are taken in ascending order, so none deadlocks,
// and no stream has a gap.
func TestSitesInOrder(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			order := []int32{1, 2}
			if i%2 == 0 {
				order = []int32{2, 1}
			}
			_, err := command.Do(p.ctx, p.commands, command.Call{Mutation: "both"}, func(tx *command.Tx) (int, error) {
				for _, site := range order {
					tx.Tell(event.Event{Type: event.MasterDataChanged, Site: site, Subject: relay.ID{Kind: relay.Site, Site: site}})
				}
				tx.Audit(audit.Entry{Site: order[1], Action: audit.RegisterPartner, Subject: relay.ID{Kind: relay.Site, Site: order[1]}})
				return 0, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var gaps int
	err := p.owner.QueryRow(t.Context(), `
		SELECT count(*) FROM (SELECT site_id, count(*) AS n, max(sequence) AS last FROM event GROUP BY site_id) s
		JOIN site_head h USING (site_id) WHERE s.n <> 40 OR s.last <> 40 OR h.event_sequence <> 40`).Scan(&gaps)
	if err != nil || gaps != 0 {
		t.Errorf("%d streams have gaps (%v)", gaps, err)
	}
}
