package identity

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

const (
	// sessionLifetime is how long a sign-in lasts at most.
	sessionLifetime = 30 * 24 * time.Hour
	// providerSessionLifetime is how long a sign-in at an identity provider lasts at most: the longest shift. What the provider says of
	// somebody is heard at a sign-in alone (ADR 13).
	providerSessionLifetime = 12 * time.Hour
	// refreshLifetime is how long a session lasts unused: over a long weekend, not over a holiday.
	refreshLifetime = 7 * 24 * time.Hour
	// maxRefresh is twice a refresh token's length.
	maxRefresh = 100

	// refreshProgram is who ends the session of a refresh token that came twice.
	refreshProgram = "token refresh"
)

// Credentials are what a person signs in with.
type Credentials struct {
	Email    string
	Password Secret
}

// SignedIn is what a person has who signed in.
type SignedIn struct {
	AccessToken      Secret
	AccessExpiresAt  time.Time
	RefreshToken     Secret // good for one Refresh
	RefreshExpiresAt time.Time
	User             *User // with its Own memberships
}

// errCredentials is the same for an unknown user, a wrong password and a deactivated user, and takes as long.
func errCredentials() error {
	return fault.New(fault.Unauthenticated, "", "no active user has this e-mail address and password")
}

// normalEmail is the one spelling under which an address is kept.
func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// SignIn begins a session. UNAUTHENTICATED where e-mail and password aren't those of an active user, RATE_LIMITED after 10 wrong
// passwords for an account in 15 minutes, whether it exists or not, also for a right one.
func (s *Service) SignIn(ctx context.Context, c Credentials) (*SignedIn, error) {
	email := normalEmail(c.Email)
	if len(email) > maxEmail {
		email = "" // nobody's
	}
	guess, err := s.countGuess(ctx, email, addressFrom(ctx))
	if err != nil {
		return nil, err
	}
	var found db.CredentialByEmailRow
	if err := reading(ctx, s.pool, db.Scope{}, func(q *db.Queries) (err error) {
		found, err = q.CredentialByEmail(ctx, email)
		return err
	}); err != nil && !db.NoRows(err) {
		return nil, err
	}
	ok, err := s.passwords.Matches(ctx, found.Hash, c.Password)
	if err != nil {
		return nil, err
	}
	if !ok || !found.Active {
		return nil, cmp.Or(s.refuse(ctx, found.ID), errCredentials())
	}
	scope, err := s.allSites(ctx)
	if err != nil {
		return nil, err
	}
	ctx, scope.User = WithActor(ctx, &Actor{UserID: found.ID}), found.ID
	var in *SignedIn
	if err := db.InTx(ctx, s.pool, scope, func(q *db.Queries) (err error) {
		if err := s.right(ctx, q, guess); err != nil {
			return err
		}
		if in, err = s.begin(ctx, q, found.ID, sessionLifetime, nil); err != nil {
			return err
		}
		return s.recordSession(ctx, q, found.ID, SignIn)
	}); err != nil {
		return nil, err
	}
	return in, s.introduce(ctx, in, found.ID)
}

// begin writes a new session of at most a lifetime, and its first refresh token. again is when the person showed again who they are, where they
// were asked to. UNAUTHENTICATED for who was deactivated in the meantime.
func (s *Service) begin(ctx context.Context, q *db.Queries, user uuid.UUID, lifetime time.Duration, again *time.Time) (*SignedIn, error) {
	now, session := s.timestamp(), s.newID()
	until := now.Add(lifetime)
	n, err := q.InsertSession(ctx, db.InsertSessionParams{ID: session, UserID: user, Now: now, ReauthenticatedAt: again, ExpiresAt: until})
	if err == nil && n == 0 {
		err = errCredentials()
	}
	if err != nil {
		return nil, err
	}
	// Not before: a deactivation too locks first the user, then sessions.
	if err := q.DeleteEndedSessions(ctx, db.DeleteEndedSessionsParams{UserID: user, Now: now}); err != nil {
		return nil, err
	}
	return s.hand(ctx, q, user, session, until)
}

// hand writes a session's next refresh token, and signs an access token.
func (s *Service) hand(ctx context.Context, q *db.Queries, user, session uuid.UUID, until time.Time) (*SignedIn, error) {
	now, refresh := s.timestamp(), newSecret()
	expires := now.Add(refreshLifetime)
	if expires.After(until) {
		expires = until
	}
	if err := q.InsertRefreshToken(ctx, db.InsertRefreshTokenParams{Hash: refresh.hash(), SessionID: session, CreatedAt: now, ExpiresAt: expires}); err != nil {
		return nil, err
	}
	access, accessExpires, err := s.tokens.issue(user, session)
	return &SignedIn{AccessToken: access, AccessExpiresAt: accessExpires, RefreshToken: refresh, RefreshExpiresAt: expires}, err
}

// introduce adds who signed in, as they see themselves.
func (s *Service) introduce(ctx context.Context, in *SignedIn, id uuid.UUID) error {
	return reading(ctx, s.pool, db.Scope{User: id}, func(q *db.Queries) error {
		users, err := q.UsersByIDs(ctx, []uuid.UUID{id})
		if err != nil {
			return err
		}
		own, err := q.MembershipsOfUser(ctx, id)
		in.User = &User{AppUser: users[0], own: wrapMemberships(own)}
		return err
	})
}

// Refresh exchanges a refresh token for new tokens, once: who comes with it again may have stolen it, or been stolen from, and
// the whole session ends. UNAUTHENTICATED where it doesn't hold.
func (s *Service) Refresh(ctx context.Context, token Secret) (*SignedIn, error) {
	refused := fault.New(fault.Unauthenticated, "", "the refresh token is not valid any more: sign in again")
	if token == "" || len(token) > maxRefresh {
		return nil, refused
	}
	var in *SignedIn
	var user uuid.UUID
	scope, err := s.allSites(ctx) // whose token it is, shows in the transaction
	if err != nil {
		return nil, err
	}
	err = db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
		now := s.timestamp()
		session, err := q.RotateRefreshToken(ctx, db.RotateRefreshTokenParams{Hash: token.hash(), Now: now})
		if err == nil {
			user = session.UserID
			in, err = s.hand(ctx, q, user, session.SessionID, session.ExpiresAt)
			return err
		}
		if !db.NoRows(err) {
			return err
		}
		used, err := q.RefreshTokenByHash(ctx, token.hash())
		if db.NoRows(err) || err == nil && used.RotatedAt == nil {
			return nil // unknown, expired, or of a session that has ended
		} else if err != nil {
			return err
		}
		thieved, err := q.RevokeSession(ctx, db.RevokeSessionParams{ID: used.SessionID, Now: now})
		if db.NoRows(err) {
			return nil // it had ended
		} else if err != nil {
			return err
		}
		return s.recordSession(byProgram(ctx, refreshProgram), q, thieved, RevokeSession)
	})
	switch {
	case err != nil:
		return nil, err
	case in == nil:
		return nil, refused
	}
	return in, s.introduce(ctx, in, user)
}

// SignOut ends the caller's session, or else that of a refresh token, for a browser whose access token has expired.
// UNAUTHENTICATED where there is neither.
func (s *Service) SignOut(ctx context.Context, refresh Secret) error {
	nobody := fault.New(fault.Unauthenticated, "", "nobody is signed in")
	actor := ActorFrom(ctx)
	if actor == nil && refresh == "" {
		return nobody
	}
	if actor != nil {
		if _, err := person(ctx); err != nil {
			return err
		}
	}
	scope, err := s.allSites(ctx)
	if err != nil {
		return err
	}
	return db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
		var user uuid.UUID
		var err error
		if actor != nil {
			user, err = q.RevokeSession(ctx, db.RevokeSessionParams{ID: actor.Session, Now: s.timestamp()})
		} else {
			user, err = q.RevokeSessionOfToken(ctx, db.RevokeSessionOfTokenParams{Hash: refresh.hash(), Now: s.timestamp()})
		}
		if db.NoRows(err) {
			return nobody
		} else if err != nil {
			return err
		}
		return s.recordSession(WithActor(ctx, &Actor{UserID: user}), q, user, SignOut)
	})
}

// recordSession records what became of a session, at each of its user's sites. That it was refreshed is left out: four times an hour
// each, and nobody may do more or less for it.
func (s *Service) recordSession(ctx context.Context, q *db.Queries, user uuid.UUID, action Action) error {
	users, err := q.UsersByIDs(ctx, []uuid.UUID{user})
	if err != nil {
		return err
	}
	memberships, err := q.MembershipsOfUser(ctx, user)
	if err != nil {
		return err
	}
	return s.record(ctx, q, atEachSite(users[0], memberships, action, nil, nil))
}

// person is the caller, who must have signed in: what concerns people's access is no program's to change.
func person(ctx context.Context) (*Actor, error) {
	actor := ActorFrom(ctx)
	switch {
	case actor == nil:
		return nil, fault.New(fault.Unauthenticated, "", "sign in first")
	case actor.Token != uuid.Nil:
		return nil, fault.New(fault.Forbidden, "", "this is for people: an API token can't do it")
	}
	return actor, nil
}
