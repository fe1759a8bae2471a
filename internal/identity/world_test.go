package identity

import (
	"context"
	"fmt"
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
	book  logbook
}

// logbook keeps what was recorded. internal/audit, which keeps it for good, is made of this package; graph's tests put both together.
type logbook struct {
	mu      sync.Mutex
	entries []Entry
	full    error // what the next entries meet
}

func (l *logbook) record(_ context.Context, _ *db.Queries, entries []Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full == nil {
		l.entries = append(l.entries, entries...)
	}
	return l.full
}

// recorded is what the log holds, as text, but for sign-ins: each test has some.
func (w *world) recorded() []string {
	return w.recordedOf(func(a Action) bool { return a != SignIn })
}

func (w *world) recordedOf(wanted func(Action) bool) []string {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	var all []string
	for _, e := range w.book.entries {
		if !wanted(e.Action) {
			continue
		}
		all = append(all, fmt.Sprintf("%d %s %s %v→%v", e.Site, e.Action, e.Label, e.Before, e.After))
	}
	return all
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
	w.Service = NewService(w.app, newID, c.now, NewPasswords(bcrypt.MinCost), tokens, w.book.record)
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

// meanwhile does something while a transaction has made a change, and ends it when that waits for it or is over.
func (w *world) meanwhile(change string, do func() error) error {
	w.t.Helper()
	tx, err := w.pool.Begin(w.t.Context())
	w.check(err)
	defer tx.Rollback(w.t.Context()) // committed below
	_, err = tx.Exec(w.t.Context(), change)
	w.check(err)
	done := make(chan error, 1)
	go func() { done <- do() }()
	for {
		select {
		case err = <-done:
			w.check(tx.Commit(w.t.Context()))
			return err
		default:
		}
		if w.waits() == 1 {
			w.check(tx.Commit(w.t.Context()))
			return <-done
		}
	}
}

// waits counts the transactions that wait for a lock.
func (w *world) waits() (n int) {
	w.t.Helper()
	w.check(w.pool.QueryRow(w.t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n))
	return n
}

// refused holds an error to a code and a field.
func refused(t *testing.T, what string, err error, code fault.Code, field string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Code != code || f.Field != field {
		t.Errorf("%s: %v (%+v), want %s of %q", what, err, f, code, field)
	}
}
