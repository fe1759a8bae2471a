// Package linetest gives a test a plant at work: a database of its own with a site, its people, partners and the catalogue's
// scenarios, and the services that change it, on a clock that the test sets.
package linetest

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/deviation"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/quantity"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/trace/index"
	"flowviz/internal/transformation"
)

// Password is everybody's.
const Password = "four brown hens on a roof"

// Plant is a site at work.
type Plant struct {
	t     testing.TB
	Owner *pgxpool.Pool // whom row level security doesn't hold: it looks at everything
	App   *pgxpool.Pool // what the services work with

	Site              db.Site
	Supplier          relay.ID
	Customer          relay.ID
	Operator, Manager *identity.Actor
	Second            *identity.Actor // another MANAGER
	now               time.Time

	Genealogy       *index.Keeper // empty until it is refreshed
	Commands        *command.Executor
	Lots            *lot.Service
	Holds           *hold.Service
	Checks          *qc.Service
	Deviations      *deviation.Service
	Recalls         *recall.Service
	Runs            *run.Service
	Transformations *transformation.Service
}

// NewID makes an id.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// New builds a plant whose clock stands at eight in the morning of 1 October 2026, in UTC.
func New(t testing.TB) *Plant {
	t.Helper()
	p := &Plant{t: t, Owner: dbtest.New(t, nil), now: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)}
	p.App = dbtest.AsApp(t, p.Owner, nil)
	t.Cleanup(p.App.Close)
	p.Site = p.AddSite("DUNA")
	q := db.New(p.Owner)
	defs, err := catalogue.All()
	p.must(err)
	p.must(db.InTx(t.Context(), p.Owner, db.Scope{}, func(q *db.Queries) error {
		for _, def := range defs {
			if _, err := scenario.Store(t.Context(), q, def, NewID, db.ScenarioStatusPUBLISHED); err != nil {
				return err
			}
		}
		return nil
	}))
	log := audit.NewRecorder(NewID, p.Now)
	users := identity.NewService(p.App, NewID, p.Now, identity.NewPasswords(4), tokens(t, p.Now), log.RecordIdentity) // as fast as bcrypt can
	p.Operator = p.hire(users, "operator", db.RoleOPERATOR)
	p.Manager = p.hire(users, "manager", db.RoleMANAGER)
	p.Second = p.hire(users, "second", db.RoleMANAGER)
	for _, partner := range []struct {
		id   *relay.ID
		name string
	}{{&p.Supplier, "Supplier"}, {&p.Customer, "Customer"}} {
		row, err := q.InsertPartner(t.Context(), db.InsertPartnerParams{ID: NewID(), SiteID: p.Site.ID, Name: partner.name})
		p.must(err)
		*partner.id = relay.ID{Kind: relay.Partner, Site: p.Site.ID, UUID: row.ID}
	}
	library := scenario.NewLibrary()
	p.Commands = command.NewExecutor(p.App, log, NewID, p.Now)
	p.Lots = lot.NewService(p.Commands, library)
	p.Holds = hold.NewService(p.Commands, users)
	p.Checks = qc.NewService(p.Commands, library)
	p.Deviations = deviation.NewService(p.Commands, users)
	p.Genealogy = index.NewKeeper(p.App, slog.New(slog.DiscardHandler))
	p.Recalls = recall.NewService(p.Commands, users, library, p.Genealogy)
	p.Runs = run.NewService(p.Commands, library)
	p.Transformations = transformation.NewService(p.Commands, library)
	return p
}

// Now is what the plant's clock shows.
func (p *Plant) Now() time.Time { return p.now }

// Pass lets time pass.
func (p *Plant) Pass(d time.Duration) { p.now = p.now.Add(d) }

// AddSite builds another site, in UTC.
func (p *Plant) AddSite(code string) db.Site {
	p.t.Helper()
	q := db.New(p.Owner)
	_, err := q.InsertSite(p.t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "UTC"})
	p.must(err)
	site, err := q.SiteByCode(p.t.Context(), code)
	p.must(err)
	return site
}

func (p *Plant) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// hire makes somebody who works at the site.
func (p *Plant) hire(users *identity.Service, name string, role identity.Role) *identity.Actor {
	p.t.Helper()
	console := identity.WithActor(identity.WithOrigin(p.t.Context(), identity.Origin{Program: "test"}), identity.Program([]int32{p.Site.ID}))
	made, err := users.Create(console, identity.NewUser{
		Email: name + "@example.com", FullName: name, Password: Password, Memberships: []identity.SiteRole{{SiteCode: p.Site.Code, Role: role}},
	})
	p.must(err)
	return &identity.Actor{UserID: made.ID, Memberships: map[int32]identity.Role{p.Site.ID: role}}
}

// As is a context in which somebody acts.
func (p *Plant) As(who *identity.Actor) context.Context {
	return identity.WithActor(p.t.Context(), who)
}

// LotID is a lot's id in the API.
func (p *Plant) LotID(id uuid.UUID) relay.ID {
	return relay.ID{Kind: relay.Lot, Site: p.Site.ID, UUID: id}
}

// RunID is a run's id in the API.
func (p *Plant) RunID(id uuid.UUID) relay.ID {
	return relay.ID{Kind: relay.Run, Site: p.Site.ID, UUID: id}
}

// Lot reads a lot.
func (p *Plant) Lot(id uuid.UUID) db.Lot {
	p.t.Helper()
	rows, err := db.New(p.Owner).LotsByIDs(p.t.Context(), []uuid.UUID{id})
	p.must(err)
	if len(rows) != 1 {
		p.t.Fatalf("%d lots %s", len(rows), id)
	}
	return rows[0]
}

// Make registers a lot of the ready meals, as the operator: of an intermediate type without a blocking gate, such as PREP, KIT, WIP or TRAY, it
// can be used at once.
func (p *Plant) Make(lotType, kg string, inputs ...transformation.Draw) uuid.UUID {
	p.t.Helper()
	made, err := p.TryMake(lotType, kg, inputs...)
	p.must(err)
	return made
}

// TryMake is Make where it may be refused.
func (p *Plant) TryMake(lotType, kg string, inputs ...transformation.Draw) (uuid.UUID, error) {
	made, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: p.Site.Code, ScenarioKey: new("chilled-ready-meal"),
		NewLot: transformation.NewLot{LotType: lotType, WeightKg: Kg(kg), Inputs: inputs},
	})
	if err != nil {
		return uuid.Nil, err
	}
	return made.Lots[0], nil
}

// Of draws kilograms from a lot; all that remains where kg is "".
func (p *Plant) Of(id uuid.UUID, kg string) transformation.Draw {
	d := transformation.Draw{LotID: p.LotID(id)}
	if kg != "" {
		d.QuantityKg = Kg(kg)
	}
	return d
}

// Kg is a number of kilograms.
func Kg(text string) *quantity.Decimal { return new(quantity.MustParse(text)) }

// Waits reports whether something comes to wait for a lock in the plant's database before a command ends; ended has room for its end.
func (p *Plant) Waits(ended <-chan error) bool {
	p.t.Helper()
	for len(ended) == 0 {
		var waiting bool
		p.must(p.Owner.QueryRow(p.t.Context(), `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
			WHERE d.datname = current_database() AND NOT l.granted)`).Scan(&waiting))
		if waiting {
			return true
		}
	}
	return false
}

func tokens(t testing.TB, now func() time.Time) *identity.Tokens {
	keys, err := identity.ParseKeys("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	return identity.NewTokens(keys, NewID, now)
}
