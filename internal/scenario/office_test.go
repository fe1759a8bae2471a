package scenario_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

const password = "four brown hens on a roof"

// office is where scenarios are written: a company of two sites, a manager of the first, and an operator there.
type office struct {
	t                 *testing.T
	owner, app        *pgxpool.Pool
	scenarios         *scenario.Service
	manager, operator context.Context //nolint:containedctx // for all that a test does
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, owner: dbtest.New(t, nil)}
	o.app = dbtest.AsApp(t, o.owner, nil)
	t.Cleanup(o.app.Close)
	newID := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	now := func() time.Time { return time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC) }
	for _, code := range []string{"DUNA", "TISZ"} {
		_, err := db.New(o.owner).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "UTC"})
		fatal(t, err)
	}
	keys, err := identity.ParseKeys("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", os.ReadFile)
	fatal(t, err)
	log := audit.NewRecorder(newID, now)
	users := identity.NewService(o.app, newID, now, identity.NewPasswords(4), identity.NewTokens(keys, newID, now), log.RecordIdentity) // as fast as bcrypt can
	commands := command.NewExecutor(o.app, log, newID, now)
	o.scenarios = scenario.NewService(o.app, commands, users)
	o.manager = o.hire(users, "manager@example.com", db.RoleMANAGER)
	o.operator = o.hire(users, "operator@example.com", db.RoleOPERATOR)
	return o
}

// hire makes somebody who works at the first site.
func (o *office) hire(users *identity.Service, email string, role identity.Role) context.Context {
	o.t.Helper()
	console := identity.WithActor(identity.WithOrigin(o.t.Context(), identity.Origin{Program: "test"}), identity.Program([]int32{1}))
	made, err := users.Create(console, identity.NewUser{
		Email: email, FullName: email, Password: password, Memberships: []identity.SiteRole{{SiteCode: "DUNA", Role: role}},
	})
	fatal(o.t, err)
	return identity.WithActor(o.t.Context(), &identity.Actor{UserID: made.ID, Memberships: map[int32]identity.Role{1: role}})
}

// soup is the tests' own definition in a version.
func soup(t *testing.T, version string) *definition.Scenario {
	t.Helper()
	data, err := os.ReadFile("definition/testdata/soup.json")
	fatal(t, err)
	def, err := definition.Parse("soup.json", data)
	fatal(t, err)
	return changed(t, def, func(s *definition.Scenario) { s.Version = version })
}

func (o *office) create(version string) relay.ID {
	o.t.Helper()
	id, err := o.scenarios.Create(o.manager, scenario.Creation{Definition: json.RawMessage(asJSON(o.t, soup(o.t, version)))})
	fatal(o.t, err)
	return apiID(id)
}

func (o *office) submit(id relay.ID) {
	o.t.Helper()
	_, err := o.scenarios.Submit(o.manager, scenario.Submission{ScenarioID: id})
	fatal(o.t, err)
}

func (o *office) publish(id relay.ID) scenario.Published {
	o.t.Helper()
	published, err := o.scenarios.Publish(o.manager, scenario.Publication{ScenarioID: id, Password: password})
	fatal(o.t, err)
	return published
}

// stored is a version as the owner sees it.
func (o *office) stored(id relay.ID) db.Scenario {
	o.t.Helper()
	rows, err := db.New(o.owner).ScenariosByIDs(o.t.Context(), []uuid.UUID{id.UUID})
	fatal(o.t, err)
	return rows[0]
}

func (o *office) count(from string) (n int) {
	o.t.Helper()
	fatal(o.t, o.owner.QueryRow(o.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

func apiID(id uuid.UUID) relay.ID { return relay.ID{Kind: relay.Scenario, UUID: id} }

// refused is the fault that a command must have given.
func refused(t *testing.T, what string, err error, code fault.Code, field string) {
	t.Helper()
	if !fault.Is(err, code) || fault.Of(err).Field != field {
		t.Errorf("%s: %v; want %s on %q", what, err, code, field)
	}
}
