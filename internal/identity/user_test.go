package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

// memberships are a user's, as in siteRoles.
func (w *world) memberships(u *User) string {
	w.t.Helper()
	rows, err := db.New(w.pool).MembershipsOfUser(w.t.Context(), u.ID)
	w.check(err)
	var pairs []string
	for _, m := range rows {
		for code, id := range w.sites {
			if id == m.SiteID {
				pairs = append(pairs, code+"="+string(m.Role))
			}
		}
	}
	return strings.Join(pairs, " ")
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("admin@example.com", "DUNA=ADMIN TISZ=VIEWER")
	w.user("manager@example.com", "DUNA=MANAGER")
	admin := w.as("admin@example.com")
	input := func(change func(*NewUser)) NewUser {
		n := NewUser{Email: " New@Example.com", FullName: " New ", Password: goodPassword, Memberships: siteRoles("DUNA=OPERATOR")}
		change(&n)
		return n
	}
	made, err := w.Create(admin, input(func(*NewUser) {}))
	w.check(err)
	if made.Email != "new@example.com" || made.FullName != "New" || !made.Active || *made.CreatedBy != ActorFrom(admin).UserID || w.memberships(made) != "DUNA=OPERATOR" {
		t.Errorf("made %+v, %s", made, w.memberships(made))
	}
	w.signIn("new@example.com")

	contexts := map[string]context.Context{
		"nobody": t.Context(), "admin": admin, "manager": w.as("manager@example.com"),
		"token": WithActor(t.Context(), &Actor{Token: newID(), Memberships: ActorFrom(admin).Memberships}),
	}
	for name, c := range map[string]struct {
		who    string
		change func(*NewUser)
		code   fault.Code
		field  string
	}{
		"nobody":           {"nobody", func(*NewUser) {}, fault.Unauthenticated, ""},
		"no admin":         {"manager", func(*NewUser) {}, fault.Forbidden, ""},
		"an API token":     {"token", func(*NewUser) {}, fault.Forbidden, ""},
		"taken":            {"admin", func(n *NewUser) { n.Email = "NEW@example.com" }, fault.Conflict, "email"},
		"no address":       {"admin", func(n *NewUser) { n.Email = "new" }, fault.BadUserInput, "email"},
		"no name":          {"admin", func(n *NewUser) { n.FullName = " " }, fault.BadUserInput, "fullName"},
		"short password":   {"admin", func(n *NewUser) { n.Password = "short" }, fault.BadUserInput, "password"},
		"own address":      {"admin", func(n *NewUser) { n.Password = "own.address@example.com" }, fault.BadUserInput, "password"},
		"no memberships":   {"admin", func(n *NewUser) { n.Memberships = nil }, fault.BadUserInput, "memberships"},
		"no such role":     {"admin", func(n *NewUser) { n.Memberships = siteRoles("DUNA=BOSS") }, fault.BadUserInput, "memberships[0].role"},
		"twice":            {"admin", func(n *NewUser) { n.Memberships = siteRoles("DUNA=ADMIN DUNA=VIEWER") }, fault.BadUserInput, "memberships[1].siteCode"},
		"unknown site":     {"admin", func(n *NewUser) { n.Memberships = siteRoles("DUNA=ADMIN NOPE=VIEWER") }, fault.NotFound, "memberships[1].siteCode"},
		"only viewer here": {"admin", func(n *NewUser) { n.Memberships = siteRoles("TISZ=VIEWER") }, fault.Forbidden, "memberships[0].siteCode"},
	} {
		n := input(func(*NewUser) {})
		n.Email = strings.ReplaceAll(name, " ", ".") + "@example.com"
		c.change(&n)
		_, err := w.Create(contexts[c.who], n)
		refused(t, name, err, c.code, c.field)
	}
	stranger := newID()
	other := WithActor(t.Context(), &Actor{UserID: stranger, Memberships: map[int32]Role{w.sites["TISZ"]: db.RoleADMIN}})
	_, err = w.Create(other, input(func(n *NewUser) { n.Email = "x@example.com" }))
	refused(t, "somebody else's site", err, fault.NotFound, "memberships[0].siteCode")
	var users int
	w.check(w.pool.QueryRow(t.Context(), "SELECT count(*) FROM app_user").Scan(&users))
	if users != 3 {
		t.Errorf("%d users: a refused one stayed", users)
	}
}

// TestCreateUserOfAnotherSite: who works elsewhere becomes a member here as well, and stays who they are; who is here already is refused.
func TestCreateUserOfAnotherSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("admin@example.com", "DUNA=ADMIN")
	people := []*User{w.user("mia@example.com", "TISZ=OPERATOR"), w.user("off@example.com", "TISZ=VIEWER"), w.user("none@example.com", "DUNA=ADMIN")}
	_, err := w.Update(w.console(), Changes{UserID: people[1].GlobalID(), Active: new(bool)})
	w.check(err)
	_, err = w.Update(w.console(), Changes{UserID: people[2].GlobalID(), RemoveSites: []string{"DUNA"}})
	w.check(err)
	in, admin := w.signIn("mia@example.com"), w.as("admin@example.com")
	const other = "five green eggs in a basket"
	create := func(as context.Context, email string) (*User, error) {
		return w.Create(as, NewUser{Email: email, FullName: "Somebody", Password: other, Memberships: siteRoles("DUNA=VIEWER")})
	}
	said := len(w.recorded())
	for i, c := range []struct {
		email, memberships string
		active             bool
	}{
		{"Mia@Example.com ", "DUNA=VIEWER TISZ=OPERATOR", true}, {"off@example.com", "DUNA=VIEWER TISZ=VIEWER", false}, {"none@example.com", "DUNA=VIEWER", true},
	} {
		joined, err := create(admin, c.email)
		w.check(err)
		want := people[i].AppUser
		want.Active, want.CreatedAt, joined.CreatedAt = c.active, joined.CreatedAt.UTC(), joined.CreatedAt.UTC()
		if diff := cmp.Diff(want, joined.AppUser); diff != "" || w.memberships(joined) != c.memberships {
			t.Errorf("%s: %s (-want +got):\n%s", c.email, w.memberships(joined), diff)
		}
		_, err = create(admin, c.email)
		refused(t, c.email+" again", err, fault.Conflict, "email")
		if !strings.Contains(err.Error(), "updateUser") || !strings.Contains(err.Error(), joined.GlobalID().String()) {
			t.Errorf("what to do: %v", err)
		}
	}
	if diff := cmp.Diff([]string{
		"1 CHANGE_MEMBERSHIP mia@example.com map[]→map[role:VIEWER]", "1 CHANGE_MEMBERSHIP off@example.com map[]→map[role:VIEWER]",
		"1 CHANGE_MEMBERSHIP none@example.com map[]→map[role:VIEWER]",
	}, w.recorded()[said:]); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	_, err = w.SignIn(t.Context(), Credentials{"mia@example.com", other})
	refused(t, "the password that was given", err, fault.Unauthenticated, "")
	w.signIn("mia@example.com")
	_, err = w.Refresh(t.Context(), in.RefreshToken)
	w.check(err)

	w.user("viewer@example.com", "DUNA=ADMIN TISZ=VIEWER")
	w.user("tisz@example.com", "TISZ=VIEWER")
	_, err = create(w.as("viewer@example.com"), "tisz@example.com")
	refused(t, "of a site that the caller doesn't administer", err, fault.Conflict, "email")
}

// TestCreateUserAtOnce: of several who create one address at the same time one makes the user. Those of other sites make them a member
// there, those of the same site are refused.
func TestCreateUserAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &clock{})
	w.user("DUNA@example.com", "DUNA=ADMIN")
	w.user("TISZ@example.com", "TISZ=ADMIN")
	admins := map[string]context.Context{"DUNA": w.as("DUNA@example.com"), "TISZ": w.as("TISZ@example.com")}
	create := func(site, email string) (*User, error) {
		return w.Create(admins[site], NewUser{Email: email, FullName: site, Password: goodPassword, Memberships: siteRoles(site + "=OPERATOR")})
	}
	for round := range 10 {
		email := fmt.Sprintf("%d@example.com", round)
		var mu sync.Mutex
		made := map[string][]*User{}
		var group sync.WaitGroup
		for i := range 6 {
			site := []string{"DUNA", "TISZ"}[i%2]
			group.Go(func() {
				u, err := create(site, email)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made[site] = append(made[site], u)
				} else {
					refused(t, "a second one of "+site, err, fault.Conflict, "email")
				}
			})
		}
		group.Wait()
		if len(made["DUNA"]) != 1 || len(made["TISZ"]) != 1 || made["DUNA"][0].ID != made["TISZ"][0].ID {
			t.Fatalf("made %v", made)
		}
		if got := w.memberships(made["DUNA"][0]); got != "DUNA=OPERATOR TISZ=OPERATOR" {
			t.Errorf("memberships: %s", got)
		}
	}

	w.check(w.meanwhile("INSERT INTO app_user (id, email, full_name) VALUES (gen_random_uuid(), 'late@example.com', 'Late')", func() error {
		joined, err := create("DUNA", "late@example.com")
		if err == nil && joined.FullName != "Late" {
			t.Errorf("who was made meanwhile is %+v", joined)
		}
		return err
	}))
	mia := w.user("mia@example.com", "TISZ=VIEWER")
	err := w.meanwhile(fmt.Sprintf(`SELECT FROM app_user WHERE id = '%s' FOR NO KEY UPDATE;
		INSERT INTO membership SELECT '%[1]s', id, 'MANAGER' FROM site WHERE code = 'DUNA'`, mia.ID), func() error {
		_, err := create("DUNA", "mia@example.com")
		return err
	})
	refused(t, "who became a member meanwhile", err, fault.Conflict, "email")
	if got := w.memberships(mia); got != "DUNA=MANAGER TISZ=VIEWER" {
		t.Errorf("memberships: %s", got)
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	duna := w.user("duna@example.com", "DUNA=ADMIN")
	second := w.user("second@example.com", "DUNA=ADMIN")
	both := w.user("both@example.com", "DUNA=OPERATOR TISZ=OPERATOR")
	tisz := w.user("tisz@example.com", "TISZ=ADMIN")
	admin := w.as("duna@example.com")

	_, err := w.Update(admin, Changes{UserID: both.GlobalID(), Memberships: siteRoles("DUNA=MANAGER")})
	w.check(err)
	if got := w.memberships(both); got != "DUNA=MANAGER TISZ=OPERATOR" {
		t.Errorf("now %s", got)
	}
	off := false
	contexts := map[string]context.Context{
		"nobody": t.Context(), "duna": admin, "both": w.as("both@example.com"), "tisz": w.as("tisz@example.com"), "console": w.console(),
	}
	for name, c := range map[string]struct {
		who     string
		changes Changes
		code    fault.Code
		field   string
	}{
		"nobody":              {"nobody", Changes{UserID: both.GlobalID()}, fault.Unauthenticated, ""},
		"no admin":            {"both", Changes{UserID: both.GlobalID()}, fault.Forbidden, ""},
		"not of my sites":     {"duna", Changes{UserID: tisz.GlobalID(), FullName: new("X")}, fault.NotFound, "userId"},
		"not there":           {"duna", Changes{UserID: relay.ID{Kind: relay.User, UUID: newID()}}, fault.NotFound, "userId"},
		"no user":             {"duna", Changes{UserID: relay.ID{Kind: relay.Lot, UUID: both.ID}}, fault.NotFound, "userId"},
		"at another's site":   {"duna", Changes{UserID: both.GlobalID(), Memberships: siteRoles("TISZ=VIEWER")}, fault.NotFound, "memberships[0].siteCode"},
		"from another's site": {"duna", Changes{UserID: both.GlobalID(), RemoveSites: []string{"TISZ"}}, fault.NotFound, "removeSites[0]"},
		"name, of another too": {
			"duna", Changes{UserID: both.GlobalID(), FullName: new("X"), Memberships: siteRoles("DUNA=ADMIN")}, fault.Forbidden, "userId",
		},
		"off, of another too": {"duna", Changes{UserID: both.GlobalID(), Active: &off}, fault.Forbidden, "userId"},
		"no name":             {"duna", Changes{UserID: duna.GlobalID(), FullName: new("")}, fault.BadUserInput, "fullName"},
		"given and taken":     {"duna", Changes{UserID: both.GlobalID(), Memberships: siteRoles("DUNA=VIEWER"), RemoveSites: []string{"DUNA"}}, fault.BadUserInput, "removeSites[0]"},
		"myself":              {"duna", Changes{UserID: duna.GlobalID(), Active: &off}, fault.FailedPrecondition, "userId"},
		"the last, demoted":   {"tisz", Changes{UserID: tisz.GlobalID(), Memberships: siteRoles("TISZ=MANAGER")}, fault.FailedPrecondition, "userId"},
		"the last, removed":   {"console", Changes{UserID: tisz.GlobalID(), RemoveSites: []string{"TISZ"}}, fault.FailedPrecondition, "userId"},
		"the last, off":       {"console", Changes{UserID: tisz.GlobalID(), Active: &off}, fault.FailedPrecondition, "userId"},
	} {
		_, err := w.Update(contexts[c.who], c.changes)
		refused(t, name, err, c.code, c.field)
	}
	if got := w.memberships(both); got != "DUNA=MANAGER TISZ=OPERATOR" {
		t.Errorf("something of what was refused stayed: %s", got)
	}

	in := w.signIn("second@example.com")
	changed, err := w.Update(admin, Changes{UserID: second.GlobalID(), FullName: new(" Second "), Active: &off})
	w.check(err)
	if changed.FullName != "Second" || changed.Active {
		t.Errorf("changed to %+v", changed)
	}
	if _, err := w.SignIn(t.Context(), Credentials{"second@example.com", goodPassword}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("deactivated, and signs in: %v", err)
	}
	_, err = w.Update(admin, Changes{UserID: second.GlobalID(), Active: new(true)})
	w.check(err)
	if _, err := w.Refresh(t.Context(), in.RefreshToken); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("active again, and so is the old session: %v", err)
	}
	w.signIn("second@example.com")
	_, err = w.Update(admin, Changes{UserID: duna.GlobalID(), RemoveSites: []string{"DUNA"}})
	w.check(err) // there is another one
	_, err = w.Update(w.as("second@example.com"), Changes{UserID: second.GlobalID(), RemoveSites: []string{"DUNA"}})
	refused(t, "now the last", err, fault.FailedPrecondition, "userId")
}

// TestAdminsDontEndEachOther: of two who would take each other's role at the same time, one stays.
func TestAdminsDontEndEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &clock{})
	for i, change := range []func(u *User) Changes{
		func(u *User) Changes { return Changes{UserID: u.GlobalID(), Memberships: siteRoles("DUNA=VIEWER")} },
		func(u *User) Changes { return Changes{UserID: u.GlobalID(), RemoveSites: []string{"DUNA"}} },
		func(u *User) Changes { return Changes{UserID: u.GlobalID(), Active: new(bool)} },
	} {
		for round := range 5 {
			_, err := w.pool.Exec(t.Context(), "TRUNCATE app_user CASCADE")
			w.check(err)
			pair := []*User{w.user("one@example.com", "DUNA=ADMIN"), w.user("two@example.com", "DUNA=ADMIN")}
			contexts := []context.Context{w.as("one@example.com"), w.as("two@example.com")}
			errs := make([]error, 2)
			var group sync.WaitGroup
			for i := range pair {
				group.Go(func() { _, errs[i] = w.Update(contexts[i], change(pair[1-i])) })
			}
			group.Wait()
			admins, err := db.New(w.pool).SitesWithAdmin(t.Context(), []int32{w.sites["DUNA"]})
			w.check(err)
			if len(admins) != 1 || (errs[0] == nil) == (errs[1] == nil) {
				t.Errorf("change %d, round %d: %d sites have an ADMIN; %v", i, round, len(admins), errors.Join(errs...))
			}
		}
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=VIEWER")
	here, elsewhere := w.signIn("mia@example.com"), w.signIn("mia@example.com")
	actor, err := w.door.Authenticate(t.Context(), string(here.AccessToken))
	w.check(err)
	ctx := WithActor(t.Context(), actor)
	const newer = "five green eggs in a basket"
	refused(t, "nobody", w.ChangePassword(t.Context(), PasswordChange{goodPassword, newer}), fault.Unauthenticated, "")
	refused(t, "wrong", w.ChangePassword(ctx, PasswordChange{"x", newer}), fault.BadUserInput, "currentPassword")
	refused(t, "bad", w.ChangePassword(ctx, PasswordChange{goodPassword, "mia@example.com"}), fault.BadUserInput, "newPassword")
	w.check(w.ChangePassword(ctx, PasswordChange{goodPassword, newer}))
	_, err = w.SignIn(t.Context(), Credentials{"mia@example.com", goodPassword})
	refused(t, "the old one", err, fault.Unauthenticated, "")
	_, err = w.SignIn(t.Context(), Credentials{"mia@example.com", newer})
	w.check(err)
	_, err = w.Refresh(t.Context(), elsewhere.RefreshToken)
	refused(t, "another session", err, fault.Unauthenticated, "")
	_, err = w.Refresh(t.Context(), here.RefreshToken)
	w.check(err)

	for range accountGuesses - 2 { // a stolen access token guesses no password; two were wrong above
		refused(t, "guess", w.ChangePassword(ctx, PasswordChange{"x", newer}), fault.BadUserInput, "currentPassword")
	}
	refused(t, "too often", w.ChangePassword(ctx, PasswordChange{newer, goodPassword}), fault.RateLimited, "")
}

func TestSign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	mia := w.user("mia@example.com", "DUNA=MANAGER")
	actor := ActorFrom(w.as("mia@example.com"))
	signature, err := w.Sign(t.Context(), actor, goodPassword, "released", []byte("lot 1"))
	w.check(err)
	if !signature.Binds("released", []byte("lot 1")) || signature.Binds("rejected", []byte("lot 1")) || signature.Binds("released", []byte("lot 2")) {
		t.Errorf("it binds other things: %+v", signature)
	}
	w.check(db.InTx(t.Context(), w.pool, actor.Scope(), func(q *db.Queries) error { return signature.Save(t.Context(), q) }))
	var stored db.Signature
	row := w.pool.QueryRow(t.Context(), "SELECT id, user_id, meaning, content_hash, signed_at FROM signature")
	w.check(row.Scan(&stored.ID, &stored.UserID, &stored.Meaning, &stored.ContentHash, &stored.SignedAt))
	stored.SignedAt = stored.SignedAt.UTC()
	if diff := cmp.Diff(signature.Signature, stored); diff != "" || stored.UserID != mia.ID {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		actor    *Actor
		password Secret
		meaning  string
		code     fault.Code
		field    string
	}{
		"nobody":     {nil, goodPassword, "released", fault.Unauthenticated, ""},
		"a program":  {&Actor{UserID: mia.ID, Token: newID()}, goodPassword, "released", fault.Forbidden, ""},
		"wrong":      {actor, "x", "released", fault.BadUserInput, "password"},
		"no meaning": {actor, goodPassword, "", fault.BadUserInput, "meaning"},
	} {
		_, err := w.Sign(t.Context(), c.actor, c.password, c.meaning, nil)
		refused(t, name, err, c.code, c.field)
	}
}
