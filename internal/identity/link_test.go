package identity

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/db"
	"flowviz/internal/fault"
)

// TestLink: a user with a password becomes one of the identity provider by a link alone, and at the first sign-in with it.
func TestLink(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	mia := c.user("mia@example.com", "DUNA=ADMIN TISZ=VIEWER")
	account := Account{c.provider.config.Issuer, "mia"}
	if at := c.browser().signIn("mia"); at.status != http.StatusConflict || !strings.Contains(at.text, "where you are &#34;mia&#34;") {
		t.Errorf("without a link: %+v", at)
	}
	c.check(c.Link(c.console(), mia, Account{account.Issuer, "somebody else"}))
	c.check(c.Link(c.console(), mia, account)) // the last one counts
	if at := c.browser().signIn("mia"); at.status != http.StatusOK {
		t.Fatalf("with a link: %+v\n%s", at, &c.log)
	}
	tom := c.user("tom@example.com", "DUNA=VIEWER")
	refused(t, "a second account", c.Link(c.console(), mia, Account{account.Issuer, "mia2"}), fault.FailedPrecondition, "")
	refused(t, "an account that is mia's", c.Link(c.console(), tom, account), fault.Conflict, "subject")
	refused(t, "taken back afterwards", c.Unlink(c.console(), mia), fault.FailedPrecondition, "")
	refused(t, "no subject", c.Link(c.console(), tom, Account{account.Issuer, ""}), fault.BadUserInput, "subject")
	refused(t, "a long subject", c.Link(c.console(), tom, Account{account.Issuer, strings.Repeat("x", maxSubject+1)}), fault.BadUserInput, "subject")

	provider := "map[issuer:" + account.Issuer + " subject:mia]"
	other := "map[issuer:" + account.Issuer + " subject:somebody else]"
	if diff := cmp.Diff([]string{
		"1 LINK_USER mia@example.com map[]→" + other, "2 LINK_USER mia@example.com map[]→" + other,
		"1 LINK_USER mia@example.com " + other + "→" + provider, "2 LINK_USER mia@example.com " + other + "→" + provider,
		"1 JOIN_PROVIDER mia@example.com map[]→" + provider, "2 JOIN_PROVIDER mia@example.com map[]→" + provider,
		"1 UPDATE_USER mia@example.com map[fullName:mia@example.com]→map[fullName:Mia Kovács]",
		"1 CHANGE_MEMBERSHIP mia@example.com map[role:ADMIN]→map[role:MANAGER]",
		"2 UPDATE_USER mia@example.com map[fullName:mia@example.com]→map[fullName:Mia Kovács]",
		"2 CHANGE_MEMBERSHIP mia@example.com map[role:VIEWER]→map[]",
	}, c.recorded()[2:12]); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

// TestLinkTakesThePlaceOfThePassword: until the first sign-in with a link nothing is different, and afterwards the password and what was
// begun with it are over.
func TestLinkTakesThePlaceOfThePassword(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	mia := c.user("mia@example.com", "DUNA=ADMIN")
	c.check(c.Link(c.console(), mia, Account{c.provider.config.Issuer, "mia"}))
	old := c.signIn("mia@example.com")

	c.staff.set(func() { c.staff.groups["mia"] = []string{"cooks"} })
	if at := c.browser().signIn("mia"); at.status != http.StatusForbidden || !strings.Contains(at.text, "member of no site") {
		t.Errorf("without a role: %+v", at)
	}
	c.staff.set(func() { c.staff.groups["mia"] = []string{"DUNA=MANAGER"} })
	c.deactivate(mia, true)
	if at := c.browser().signIn("mia"); at.status != http.StatusForbidden || !strings.Contains(at.text, "deactivated") {
		t.Errorf("deactivated: %+v", at)
	}
	c.deactivate(mia, false)
	c.check(c.Unlink(c.console(), mia))
	if at := c.browser().signIn("mia"); at.status != http.StatusConflict {
		t.Errorf("taken back: %+v", at)
	}
	c.signIn("mia@example.com") // as ever
	c.check(c.Link(c.console(), mia, Account{c.provider.config.Issuer, "mia"}))

	b := c.browser()
	if at := b.signIn("mia"); at.status != http.StatusOK {
		t.Fatalf("%+v\n%s", at, &c.log)
	}
	if actor, _ := b.actor(); actor.UserID != mia.ID || actor.Memberships[c.sites["DUNA"]] != db.RoleMANAGER {
		t.Errorf("signed in as %+v, and not as %s", actor, mia.ID)
	}
	_, err := c.SignIn(t.Context(), Credentials{"mia@example.com", goodPassword})
	refused(t, "the password", err, fault.Unauthenticated, "")
	_, err = c.Refresh(t.Context(), old.RefreshToken)
	refused(t, "a session from before", err, fault.Unauthenticated, "")
	refused(t, "a new password", c.SetPassword(c.console(), mia, goodPassword), fault.FailedPrecondition, "")
	if at := c.browser().signIn("mia"); at.status != http.StatusOK {
		t.Errorf("the second time: %+v", at)
	}
}

// deactivate keeps a user out, or lets them in again, behind the service's back.
func (c *company) deactivate(u *User, out bool) {
	c.t.Helper()
	_, err := c.pool.Exec(c.t.Context(), "UPDATE app_user SET active = NOT $2 WHERE id = $1", u.ID, out)
	c.check(err)
}

// TestLinksOfOneAccount: an account is to stand for one user at most, also where two are named at the same time.
func TestLinksOfOneAccount(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	account := Account{c.provider.config.Issuer, "mia"}
	people := []*User{c.user("a@example.com", "DUNA=VIEWER"), c.user("b@example.com", "DUNA=VIEWER")}
	errs := make([]error, len(people))
	var all sync.WaitGroup
	for i, u := range people {
		all.Go(func() { errs[i] = c.Link(c.console(), u, account) })
	}
	all.Wait()
	if errs[0] != nil {
		errs[0], errs[1] = errs[1], errs[0]
	}
	if errs[0] != nil {
		t.Errorf("none is linked: %v", errs[0])
	}
	refused(t, "the other one", errs[1], fault.Conflict, "subject")
}

// TestLinkComesTrueOnce: who signs in with a link in several browsers at the same time is the same user in all of them, whether others find
// the link and wait for the first, or look for it when it has just come true.
func TestLinkComesTrueOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lock, end string
		joined    int
	}{
		"all find it":      {"SELECT FROM app_user FOR UPDATE", "", 1},
		"all are too late": {"LOCK TABLE external_link IN ACCESS EXCLUSIVE MODE", "WITH l AS (DELETE FROM external_link RETURNING *) INSERT INTO external_identity SELECT issuer, subject, user_id, created_at FROM l", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			mia := c.user("mia@example.com", "DUNA=ADMIN")
			c.check(c.Link(c.console(), mia, Account{c.provider.config.Issuer, "mia"}))
			o := outsider{subject: "mia", email: "mia@example.com", fullName: "Mia", groups: []string{"DUNA=MANAGER"}}
			holding, err := c.pool.Begin(t.Context())
			c.check(err)
			_, err = holding.Exec(t.Context(), test.lock)
			c.check(err)
			ins, errs := make([]*SignedIn, 2), make([]error, 2)
			var all sync.WaitGroup
			for i := range ins {
				all.Go(func() { ins[i], errs[i] = c.provider.admit(t.Context(), o) })
			}
			for c.waits() < len(ins) {
				continue
			}
			_, err = holding.Exec(t.Context(), test.end)
			c.check(err)
			c.check(holding.Commit(t.Context()))
			all.Wait()
			for i := range ins {
				if errs[i] != nil || ins[i].User.ID != mia.ID {
					t.Errorf("browser %d: %v", i, errs[i])
				}
			}
			joined := 0
			for _, line := range c.recorded() {
				if strings.Contains(line, string(JoinProvider)) {
					joined++
				}
			}
			if joined != test.joined {
				t.Errorf("the link came true %d times, want %d", joined, test.joined)
			}
		})
	}
}
