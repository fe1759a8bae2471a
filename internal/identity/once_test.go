package identity

import (
	"testing"
	"time"

	"flowviz/db"
	"flowviz/internal/fault"
)

// TestSentAgain: what was done to users and tokens is done once under a key, and its result is what the first call gave.
func TestSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=ADMIN TISZ=ADMIN")
	ctx, key := w.as("mia@example.com"), new("once")
	wants := func(what string, err error, code fault.Code, field string) {
		t.Helper()
		if f := fault.Of(err); f == nil || f.Code != code || f.Field != field {
			t.Errorf("%s: %v", what, err)
		}
	}

	created := NewUser{Email: "new@example.com", FullName: "New", Password: goodPassword, Memberships: siteRoles("DUNA=OPERATOR"), IdempotencyKey: key}
	first, err := w.Create(ctx, created)
	w.check(err)
	second, err := w.Create(ctx, created)
	w.check(err)
	if first.ID != second.ID {
		t.Errorf("created %s, then %s", first.ID, second.ID)
	}
	created.FullName = "Other"
	_, err = w.Create(ctx, created)
	wants("another input", err, fault.Conflict, "idempotencyKey")
	created.IdempotencyKey = new("")
	_, err = w.Create(ctx, created)
	wants("no key", err, fault.BadUserInput, "idempotencyKey")

	changes := Changes{UserID: first.GlobalID(), FullName: new("Newer"), IdempotencyKey: key}
	_, err = w.Update(ctx, changes)
	w.check(err)
	_, err = w.Update(ctx, Changes{UserID: first.GlobalID(), FullName: new("Newest")})
	w.check(err)
	is, err := w.Update(ctx, changes)
	w.check(err)
	if is.FullName != "Newest" {
		t.Errorf("sent again, it changed the name to %s", is.FullName)
	}

	asked := NewAPIToken{Name: "reports", Role: db.RoleVIEWER, SiteCodes: []string{"DUNA"}, ExpiresAt: w.clock.now().Add(time.Hour), IdempotencyKey: key}
	token, _, err := w.CreateAPIToken(ctx, asked)
	w.check(err)
	_, _, err = w.CreateAPIToken(ctx, asked)
	wants("a secret is asked for again", err, fault.Conflict, "idempotencyKey")
	revocation := Revocation{APITokenID: token.GlobalID(), IdempotencyKey: key}
	for range 2 {
		ended, err := w.RevokeAPIToken(ctx, revocation)
		w.check(err)
		if ended.RevokedAt == nil {
			t.Error("it goes on")
		}
	}

	deactivation := Deactivation{UserID: first.GlobalID(), IdempotencyKey: key}
	for range 2 {
		out, err := w.Deactivate(ctx, deactivation)
		w.check(err)
		if out.Active {
			t.Error("the user comes in")
		}
	}
	_, err = w.Update(ctx, Changes{UserID: first.GlobalID(), RemoveSites: []string{"DUNA"}})
	w.check(err)
	_, err = w.Create(ctx, NewUser{Email: "new@example.com", FullName: "New", Password: goodPassword, Memberships: siteRoles("DUNA=OPERATOR"), IdempotencyKey: key})
	wants("sent again by whom the user isn't there for any more", err, fault.NotFound, "")
}
