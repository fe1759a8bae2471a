package identity

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/crypto/bcrypt"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/fault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is a database with the sites DUNA and TISZ, and a user for each address that was asked for.
type world struct {
	t     *testing.T
	pool  *pgxpool.Pool // as the owner, who sees all
	app   *pgxpool.Pool
	clock *clock
	*Service
	door  *Authenticator
	sites map[string]int32
}

// clock stands still until it is moved; a zero one is the machine's.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return time.Now()
	}
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const goodPassword = "four brown hens on a roof"

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func newWorld(t *testing.T, c *clock) *world {
	t.Helper()
	w := &world{t: t, pool: dbtest.New(t, nil), clock: c, sites: map[string]int32{}}
	key, _, err := NewKey()
	w.check(err)
	tokens := NewTokens(Keys{key}, newID, c.now)
	w.app = dbtest.AsApp(t, w.pool, nil)
	t.Cleanup(w.app.Close)
	w.Service = NewService(w.app, newID, c.now, NewPasswords(bcrypt.MinCost), tokens)
	w.door = NewAuthenticator(w.app, tokens, c.now, slog.New(slog.DiscardHandler))
	for _, code := range []string{"DUNA", "TISZ"} {
		w.sites[code], err = db.New(w.pool).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "Europe/Budapest"})
		w.check(err)
	}
	return w
}

func stopped() *clock { return &clock{at: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)} }

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// console is the command line's context, which may all.
func (w *world) console() context.Context {
	return WithActor(w.t.Context(), &Actor{Memberships: map[int32]Role{w.sites["DUNA"]: db.RoleADMIN, w.sites["TISZ"]: db.RoleADMIN}})
}

// user makes one, with memberships such as "DUNA=ADMIN TISZ=VIEWER".
func (w *world) user(email, memberships string) *User {
	w.t.Helper()
	u, err := w.Create(w.console(), NewUser{Email: email, FullName: email, Password: goodPassword, Memberships: siteRoles(memberships)})
	w.check(err)
	return u
}

func siteRoles(memberships string) []SiteRole {
	var given []SiteRole
	for pair := range strings.FieldsSeq(memberships) {
		code, role, _ := strings.Cut(pair, "=")
		given = append(given, SiteRole{code, Role(role)})
	}
	return given
}

func (w *world) signIn(email string) *SignedIn {
	w.t.Helper()
	in, err := w.SignIn(w.t.Context(), Credentials{email, goodPassword})
	w.check(err)
	return in
}

// as is the context of a user's request, with what they may do at this moment.
func (w *world) as(email string) context.Context {
	w.t.Helper()
	actor, err := w.door.Authenticate(w.t.Context(), string(w.signIn(email).AccessToken))
	w.check(err)
	return WithActor(w.t.Context(), actor)
}

// refused holds an error to a code and a field.
func refused(t *testing.T, what string, err error, code fault.Code, field string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Code != code || f.Field != field {
		t.Errorf("%s: %v (%+v), want %s of %q", what, err, f, code, field)
	}
}
