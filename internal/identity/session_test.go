package identity

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/fault"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	mia := w.user("Mia@Example.com ", "DUNA=OPERATOR TISZ=ADMIN")
	off := w.user("off@example.com", "DUNA=VIEWER")
	_, err := w.Update(w.console(), Changes{UserID: off.GlobalID(), Active: new(bool)})
	w.check(err)

	in, err := w.SignIn(t.Context(), Credentials{" mia@EXAMPLE.com", goodPassword})
	w.check(err)
	if in.User.ID != mia.ID || len(in.User.Own()) != 2 || Highest(in.User.Own()) != db.RoleADMIN {
		t.Errorf("signed in as %+v", in.User)
	}
	actor, err := w.door.Authenticate(t.Context(), string(in.AccessToken))
	w.check(err)
	if actor.UserID != mia.ID || actor.Memberships[w.sites["DUNA"]] != db.RoleOPERATOR || actor.Memberships[w.sites["TISZ"]] != db.RoleADMIN || actor.ReadOnly {
		t.Errorf("the actor is %+v", actor)
	}

	said := map[string]bool{}
	for _, c := range []Credentials{
		{"mia@example.com", "four brown hens on a rooF"},
		{"mia@example.com", ""},
		{"nobody@example.com", goodPassword},
		{"off@example.com", goodPassword},
		{strings.Repeat("x", 300) + "@example.com", goodPassword},
		{"", ""},
	} {
		costs := w.passwords.compared()
		_, err := w.SignIn(t.Context(), c)
		refused(t, c.Email, err, fault.Unauthenticated, "")
		said[fmt.Sprint(err, *costs)] = true
	}
	if len(said) != 1 {
		t.Errorf("refusals tell who is there, by what they say or by their time: %v", said)
	}

	// Nothing that formats what a sign-in gave or took shows a secret.
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "in", in, "credentials", Credentials{"mia", goodPassword}, "token", in.AccessToken)
	fmt.Fprintf(&log, "%v %+v %#v %s %q", in, in, *in, in.RefreshToken, in.AccessToken)
	for _, secret := range []Secret{in.AccessToken, in.RefreshToken, goodPassword} {
		if strings.Contains(log.String(), string(secret)) {
			t.Errorf("a secret is shown: %s", log.String())
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	mia := w.user("mia@example.com", "DUNA=VIEWER")
	first := w.signIn("mia@example.com")
	second, err := w.Refresh(t.Context(), first.RefreshToken)
	w.check(err)
	if second.RefreshToken == first.RefreshToken || second.User.ID != mia.ID || len(second.User.Own()) != 1 {
		t.Errorf("refreshed: %+v", second)
	}
	if _, err := w.door.Authenticate(t.Context(), string(second.AccessToken)); err != nil {
		t.Error(err)
	}

	// The first one again: a thief has it, or had it. Nobody of the family goes on.
	_, err = w.Refresh(t.Context(), first.RefreshToken)
	refused(t, "used again", err, fault.Unauthenticated, "")
	_, err = w.Refresh(t.Context(), second.RefreshToken)
	refused(t, "the family's other one", err, fault.Unauthenticated, "")
	w.clock.pass(stateAge)
	for _, in := range []*SignedIn{first, second} {
		_, err = w.door.Authenticate(t.Context(), string(in.AccessToken))
		refused(t, "the family's access token", err, fault.Unauthenticated, "")
	}

	for name, token := range map[string]Secret{"none": "", "made up": newSecret(), "long": Secret(strings.Repeat("x", 5000)), "an access token": first.AccessToken} {
		_, err := w.Refresh(t.Context(), token)
		refused(t, name, err, fault.Unauthenticated, "")
	}

	unused := w.signIn("mia@example.com")
	w.clock.pass(refreshLifetime)
	_, err = w.Refresh(t.Context(), unused.RefreshToken)
	refused(t, "after a week", err, fault.Unauthenticated, "")

	used := w.signIn("mia@example.com")
	for range 5 {
		w.clock.pass(refreshLifetime - time.Second)
		if used, err = w.Refresh(t.Context(), used.RefreshToken); err != nil {
			break
		}
	}
	refused(t, "after a month", err, fault.Unauthenticated, "")
	again := w.signIn("mia@example.com")
	var sessions int
	w.check(w.pool.QueryRow(t.Context(), "SELECT count(*) FROM session").Scan(&sessions))
	if sessions != 1 {
		t.Errorf("%d sessions are kept, and one goes on", sessions)
	}

	_, err = w.Update(w.console(), Changes{UserID: mia.GlobalID(), Active: new(bool)})
	w.check(err)
	_, err = w.Refresh(t.Context(), again.RefreshToken)
	refused(t, "deactivated", err, fault.Unauthenticated, "")
}

// TestDeactivationMeetsSignIn: who is deactivated while they sign in has no session, also when they are let in again.
func TestDeactivationMeetsSignIn(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.user("tom@example.com", "DUNA=ADMIN")
	if at := c.browser().signIn("mia"); at.status != http.StatusOK {
		t.Fatalf("%+v", at)
	}
	const deactivate = "UPDATE app_user SET active = false WHERE email = "
	err := c.meanwhile(deactivate+"'tom@example.com'", func() error {
		_, err := c.SignIn(t.Context(), Credentials{"tom@example.com", goodPassword})
		return err
	})
	refused(t, "with a password", err, fault.Unauthenticated, "")
	err = c.meanwhile(deactivate+"'mia@example.com'", func() error {
		if at := c.browser().signIn("mia"); at.status != http.StatusForbidden || !strings.Contains(at.text, "deactivated") {
			t.Errorf("at the provider: %+v", at)
		}
		return nil
	})
	c.check(err)
	var sessions int
	c.check(c.pool.QueryRow(t.Context(), "SELECT count(*) FROM session").Scan(&sessions))
	if sessions != 1 {
		t.Errorf("%d sessions, and one was begun before", sessions)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=VIEWER")
	in, other := w.signIn("mia@example.com"), w.signIn("mia@example.com")
	actor, err := w.door.Authenticate(t.Context(), string(in.AccessToken))
	w.check(err)
	ctx := WithActor(t.Context(), actor)
	w.check(w.SignOut(ctx, ""))
	refused(t, "twice", w.SignOut(ctx, ""), fault.Unauthenticated, "")
	_, err = w.Refresh(t.Context(), in.RefreshToken)
	refused(t, "refresh", err, fault.Unauthenticated, "")
	w.clock.pass(stateAge)
	_, err = w.door.Authenticate(t.Context(), string(in.AccessToken))
	refused(t, "the access token", err, fault.Unauthenticated, "")

	w.check(w.SignOut(t.Context(), other.RefreshToken)) // a browser whose access token has expired
	_, err = w.Refresh(t.Context(), other.RefreshToken)
	refused(t, "refresh by the cookie", err, fault.Unauthenticated, "")
	refused(t, "nobody", w.SignOut(t.Context(), ""), fault.Unauthenticated, "")
	refused(t, "nobody's token", w.SignOut(t.Context(), newSecret()), fault.Unauthenticated, "")
}

// TestProveTokensOnce is half of `make prove-tokens`: of all who refresh one token at the same time, one succeeds.
func TestProveTokensOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &clock{})
	w.user("mia@example.com", "DUNA=VIEWER")
	rounds, callers := 20, 100
	if !dbtest.Full() {
		rounds = 2
	}
	for range rounds {
		in := w.signIn("mia@example.com")
		start := make(chan struct{})
		errs := make([]error, callers)
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() {
				<-start
				_, errs[i] = w.Refresh(t.Context(), in.RefreshToken)
			})
		}
		close(start)
		group.Wait()
		succeeded := 0
		for _, err := range errs {
			if err == nil {
				succeeded++
			} else if !fault.Is(err, fault.Unauthenticated) {
				t.Error(err)
			}
		}
		if succeeded != 1 {
			t.Errorf("%d of %d succeeded", succeeded, callers)
		}
	}
	t.Logf("prove: %d × %d parallel refreshes of one token, 1 success each", rounds, callers)
}

func TestGuessesAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=VIEWER")
	from := func(address string) Credentials { return Credentials{"mia@example.com", Secret("wrong " + address)} }
	for i := range accountGuesses - 1 {
		_, err := w.SignIn(t.Context(), from("x"))
		refused(t, fmt.Sprint(i), err, fault.Unauthenticated, "")
		w.clock.pass(time.Minute)
	}
	for range accountGuesses { // right ones count nothing, and take nothing back but themselves
		w.signIn("mia@example.com")
	}
	_, err := w.SignIn(t.Context(), from("x"))
	refused(t, "the tenth", err, fault.Unauthenticated, "")
	w.clock.pass(time.Minute)
	_, err = w.SignIn(t.Context(), Credentials{"mia@example.com", goodPassword})
	refused(t, "too many, though right", err, fault.RateLimited, "")
	if !strings.Contains(err.Error(), "10 passwords") || !strings.Contains(err.Error(), "5m") {
		t.Errorf("it doesn't say the limit and when to try again: %v", err)
	}
	w.clock.pass(guessWindow - accountGuesses*time.Minute) // the first of them is 15 minutes old
	if _, err := w.SignIn(t.Context(), from("x")); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("one more, 15 minutes after the first: %v", err)
	}
	_, err = w.SignIn(t.Context(), from("x"))
	refused(t, "and no more", err, fault.RateLimited, "")

	for range accountGuesses { // who isn't there is counted too
		_, err := w.SignIn(t.Context(), Credentials{"nobody@example.com", "x"})
		refused(t, "nobody", err, fault.Unauthenticated, "")
	}
	_, err = w.SignIn(t.Context(), Credentials{"Nobody@example.com", "x"})
	refused(t, "nobody, too often", err, fault.RateLimited, "")
}

func TestGuessesFromOneAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=VIEWER")
	at := func(address string) *Client { return &Client{Address: netip.MustParseAddr(address)} }
	plant := withClient(t.Context(), at("2001:db8::1"))
	for range addressGuesses + 1 { // a shift of people who know their passwords
		_, err := w.SignIn(plant, Credentials{"mia@example.com", goodPassword})
		w.check(err)
	}
	for i := range addressGuesses {
		ctx := withClient(t.Context(), at(fmt.Sprintf("2001:db8::%x", i+1)))
		_, err := w.SignIn(ctx, Credentials{fmt.Sprintf("user%d@example.com", i), "x"})
		refused(t, fmt.Sprint(i), err, fault.Unauthenticated, "")
	}
	_, err := w.SignIn(plant, Credentials{"mia@example.com", goodPassword})
	refused(t, "the same network", err, fault.RateLimited, "")
	_, err = w.SignIn(withClient(t.Context(), at("2001:db8:0:1::1")), Credentials{"mia@example.com", goodPassword})
	w.check(err) // another network

	w.clock.pass(guessWindow + time.Second)
	for range 20 {
		w.signIn("mia@example.com")
	}
	var rows int
	w.check(w.pool.QueryRow(t.Context(), "SELECT count(*) FROM password_guess WHERE latest_at < $1", w.clock.now()).Scan(&rows))
	if rows > 0 {
		t.Errorf("%d rows count nothing any more", rows)
	}
}

// TestProveLogin is `make prove-login`: of all wrong guesses that come at the same time, however packed, ten are compared; also where
// the account is there, and somebody who knows its password signs in all the while.
func TestProveLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &clock{})
	accounts, guesses := 10, 200
	if !dbtest.Full() {
		accounts, guesses = 4, 50
	}
	for i := range accounts {
		email := fmt.Sprintf("user%d@example.com", i)
		there := i%2 == 1
		if there {
			w.user(email, "DUNA=VIEWER")
		}
		var compared, in int
		var mu sync.Mutex
		var group sync.WaitGroup
		attempt := func(password Secret) {
			_, err := w.SignIn(t.Context(), Credentials{email, password})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				in++
			case fault.Is(err, fault.Unauthenticated):
				compared++
			case !fault.Is(err, fault.RateLimited):
				t.Error(err)
			}
		}
		if there {
			attempt(goodPassword)
		}
		for n := range guesses {
			group.Go(func() { attempt("x") })
			if there && n%5 == 0 {
				group.Go(func() { attempt(goodPassword) })
			}
		}
		group.Wait()
		for range accountGuesses + 1 { // a right one that was under way may have kept a wrong one out
			attempt("x")
		}
		if compared != accountGuesses || (in > 0) != there {
			t.Errorf("account %d: %d compared, %d signed in", i, compared, in)
		}
	}
	t.Logf("prove: %d parallel guesses at each of %d accounts, half of which are there with people who sign in: %d compared each", guesses, accounts, accountGuesses)
}
