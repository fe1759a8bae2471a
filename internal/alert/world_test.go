package alert_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/alert"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/identity"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// plant is a database with two sites: an operator of the first, who only looks at the second.
type plant struct {
	owner, app *pgxpool.Pool
	commands   *command.Executor
	alerts     *alert.Service
	ctx        context.Context //nolint:containedctx // the operator's, for all that a test does
	now        time.Time
}

func newPlant(t *testing.T) *plant {
	t.Helper()
	p := &plant{owner: dbtest.New(t, nil), now: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)}
	q := db.New(p.owner)
	for _, code := range []string{"DUNA", "TISZ", "MARO"} {
		_, err := q.InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "UTC"})
		must(t, err)
	}
	p.app = dbtest.AsApp(t, p.owner, nil)
	t.Cleanup(p.app.Close)
	clock := func() time.Time { return p.now }
	p.commands = command.NewExecutor(p.app, audit.NewRecorder(newID, clock), newID, clock)
	p.alerts = alert.NewService(p.commands)
	p.ctx = p.as(t, "operator@example.com")
	return p
}

// as is the context of a new user.
func (p *plant) as(t *testing.T, email string) context.Context {
	t.Helper()
	who := &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{1: db.RoleOPERATOR, 2: db.RoleVIEWER}}
	must(t, db.New(p.owner).InsertUser(t.Context(), db.InsertUserParams{ID: who.UserID, Email: email, FullName: email, CreatedAt: p.now}))
	return identity.WithActor(t.Context(), who)
}

// raise raises alerts in a command of their own, as the program does.
func (p *plant) raise(t *testing.T, alerts ...alert.New) []*alert.Alert {
	t.Helper()
	var raised []*alert.Alert
	ctx := identity.WithActor(t.Context(), identity.Program([]int32{1, 2, 3}))
	_, err := command.Do(ctx, p.commands, command.Call{Mutation: "raise"}, func(tx *command.Tx) (int, error) {
		var err error
		raised, err = alert.Raise(ctx, tx, alerts...)
		return len(raised), err
	})
	must(t, err)
	return raised
}

// count counts rows of the database.
func (p *plant) count(t *testing.T, from string) (n int) {
	t.Helper()
	must(t, p.owner.QueryRow(t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
