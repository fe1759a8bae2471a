package identity

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/db"
)

// TestNothingUnrecorded: what the log doesn't take isn't done.
func TestNothingUnrecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	mia := w.user("mia@example.com", "DUNA=ADMIN")
	w.user("second@example.com", "DUNA=ADMIN")
	admin := w.as("mia@example.com")
	newToken := NewAPIToken{Name: "reports", Role: db.RoleVIEWER, SiteCodes: []string{"DUNA"}, ExpiresAt: w.clock.now().Add(time.Hour)}
	token, _, err := w.CreateAPIToken(admin, newToken)
	w.check(err)

	const newer = "five green eggs in a basket"
	for name, command := range map[string]func(ctx context.Context) error{
		"createUser": func(ctx context.Context) error {
			_, err := w.Create(ctx, NewUser{Email: "new@example.com", FullName: "New", Password: goodPassword, Memberships: siteRoles("DUNA=VIEWER")})
			return err
		},
		"updateUser": func(ctx context.Context) error {
			_, err := w.Update(ctx, Changes{UserID: mia.GlobalID(), FullName: new("Mia"), Memberships: siteRoles("DUNA=VIEWER")})
			return err
		},
		"changePassword": func(ctx context.Context) error { return w.ChangePassword(ctx, PasswordChange{goodPassword, newer}) },
		"passwd":         func(ctx context.Context) error { return w.SetPassword(ctx, mia, newer) },
		"createApiToken": func(ctx context.Context) error { _, _, err := w.CreateAPIToken(ctx, newToken); return err },
		"revokeApiToken": func(ctx context.Context) error {
			_, err := w.RevokeAPIToken(ctx, Revocation{APITokenID: token.GlobalID()})
			return err
		},
	} {
		before := w.everything()
		w.book.full = errors.New("no room")
		if err := command(admin); !errors.Is(err, w.book.full) {
			t.Errorf("%s: %v", name, err)
		}
		w.book.full = nil
		if diff := cmp.Diff(before, w.everything()); diff != "" {
			t.Errorf("%s was done all the same (-before +after):\n%s", name, diff)
		}
	}
}

// everything is what the commands change.
func (w *world) everything() (rows []string) {
	w.t.Helper()
	w.check(w.pool.QueryRow(w.t.Context(), `SELECT ARRAY(
		SELECT u::text FROM app_user u UNION SELECT m::text FROM membership m UNION SELECT c::text FROM password_credential c
		UNION SELECT t::text FROM api_token t UNION SELECT s::text FROM session s ORDER BY 1)`).Scan(&rows))
	return rows
}
