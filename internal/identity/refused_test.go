package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
)

// TestSessionsAreRecorded: how a session began and ended stands in the log of each site of its user, and so do wrong passwords.
func TestSessionsAreRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=OPERATOR TISZ=VIEWER")
	w.user("tom@example.com", "TISZ=VIEWER")
	changes := w.recorded()

	in := w.signIn("mia@example.com")
	for _, email := range []string{"Tom@example.com ", "nobody@example.com"} {
		_, err := w.SignIn(t.Context(), Credentials{email, "not the password at all"})
		refused(t, email, err, fault.Unauthenticated, "")
	}
	w.clock.pass(time.Second)
	err := w.ChangePassword(w.as("tom@example.com"), PasswordChange{"nor is this one of his", "five white geese in a boat"})
	refused(t, "a wrong password of who is signed in", err, fault.BadUserInput, "currentPassword")
	w.check(w.TellRefused(t.Context()))
	w.check(w.TellRefused(t.Context())) // once each

	_, err = w.Refresh(t.Context(), in.RefreshToken)
	w.check(err)
	for range 2 { // a thief's, and again
		_, err = w.Refresh(t.Context(), in.RefreshToken)
		refused(t, "a refresh token used twice", err, fault.Unauthenticated, "")
	}
	w.check(w.SignOut(w.as("tom@example.com"), ""))
	w.check(w.SignOut(t.Context(), w.signIn("mia@example.com").RefreshToken))

	want := []string{
		"1 SIGN_IN mia@example.com map[]→map[]",
		"2 SIGN_IN mia@example.com map[]→map[]",
		"2 SIGN_IN tom@example.com map[]→map[]",
		"2 REFUSE_PASSWORD tom@example.com map[]→map[triedAt:2026-11-02T08:00:00Z]",
		"2 REFUSE_PASSWORD tom@example.com map[]→map[triedAt:2026-11-02T08:00:01Z]",
		"1 REVOKE_SESSION mia@example.com map[]→map[]",
		"2 REVOKE_SESSION mia@example.com map[]→map[]",
		"2 SIGN_IN tom@example.com map[]→map[]",
		"2 SIGN_OUT tom@example.com map[]→map[]",
		"1 SIGN_IN mia@example.com map[]→map[]",
		"2 SIGN_IN mia@example.com map[]→map[]",
		"1 SIGN_OUT mia@example.com map[]→map[]",
		"2 SIGN_OUT mia@example.com map[]→map[]",
	}
	if diff := cmp.Diff(want, w.recordedOf(func(Action) bool { return true })[len(changes):]); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}
