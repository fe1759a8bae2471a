package identity

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/singleflight"

	"flowviz/db"
	"flowviz/internal/fault"
)

const (
	// stateAge is how long what was found about a session or an API token holds: half of the 2 s in which a sign-out, a
	// deactivation or a changed role is to end everything.
	stateAge = time.Second
	// keptStates bounds how many are remembered. At some 500 bytes each, 5 MB.
	keptStates = 10_000
	// findTimeout bounds one look at the database, which serves all who wait for it.
	findTimeout = 5 * time.Second
)

// Authenticator finds out who asks.
type Authenticator struct {
	pool   *pgxpool.Pool
	tokens *Tokens
	now    func() time.Time
	log    *slog.Logger

	sessions  *cache[Access, *Actor]            // nil: ended; without ExpiresAt
	apiTokens *cache[[sha256.Size]byte, *Actor] // those that hold
	finding   singleflight.Group
}

// NewAuthenticator reads through pool; log is told why a token was refused.
func NewAuthenticator(pool *pgxpool.Pool, tokens *Tokens, now func() time.Time, log *slog.Logger) *Authenticator {
	return &Authenticator{
		pool: pool, tokens: tokens, now: now, log: log,
		sessions: newCache[Access, *Actor](keptStates), apiTokens: newCache[[sha256.Size]byte, *Actor](keptStates),
	}
}

// Authenticate finds the actor of an access token or an API token, as they were at most a second ago. UNAUTHENTICATED where
// the token doesn't hold, for whatever reason.
func (a *Authenticator) Authenticate(ctx context.Context, bearer string) (*Actor, error) {
	if strings.HasPrefix(bearer, apiTokenPrefix) {
		return a.program(ctx, Secret(bearer))
	}
	access, err := a.tokens.verify(bearer)
	if err != nil {
		a.log.DebugContext(ctx, "an access token is refused", "reason", err)
		return nil, errToken()
	}
	access.ExpiresAt = time.Time{}
	actor, ok := a.sessions.get(access, a.now())
	if !ok {
		if actor, err = a.find(ctx, access.Session.String()+access.User.String(), func(ctx context.Context) (*Actor, error) {
			found := a.now()
			actor, err := a.session(ctx, access)
			if err == nil {
				a.sessions.put(access, actor, found.Add(stateAge), a.now())
			}
			return actor, err
		}); err != nil {
			return nil, err
		}
	}
	if actor == nil {
		return nil, errToken()
	}
	return actor, nil
}

func errToken() error {
	return fault.New(fault.Unauthenticated, "", "the access token is not valid, or not any more: refresh it, or sign in again")
}

// find asks the database once for all who ask for the same at the same time. Who goes away doesn't end it for the others.
func (a *Authenticator) find(ctx context.Context, key string, look func(context.Context) (*Actor, error)) (*Actor, error) {
	found, err, _ := a.finding.Do(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), findTimeout)
		defer cancel()
		return look(ctx)
	})
	if err != nil {
		return nil, err
	}
	return found.(*Actor), nil //nolint:forcetypeassert // what look returns
}

// session reads a session's state and its user's memberships, in one snapshot; nil where it has ended.
func (a *Authenticator) session(ctx context.Context, access Access) (*Actor, error) {
	var actor *Actor
	err := reading(ctx, a.pool, db.Scope{User: access.User}, func(q *db.Queries) error {
		state, err := q.SessionState(ctx, db.SessionStateParams{ID: access.Session, Now: a.now()})
		if db.NoRows(err) || err == nil && (!state.Live || state.UserID != access.User) {
			return nil // ended
		} else if err != nil {
			return err
		}
		rows, err := q.MembershipsOfUser(ctx, access.User)
		actor = &Actor{UserID: access.User, Session: access.Session, Memberships: make(map[int32]Role, len(rows))}
		for _, m := range rows {
			actor.Memberships[m.SiteID] = m.Role
		}
		actor.settle()
		return err
	})
	return actor, err
}

// program finds the actor of an API token.
func (a *Authenticator) program(ctx context.Context, token Secret) (*Actor, error) {
	if len(token) > maxToken {
		return nil, errToken()
	}
	digest := [sha256.Size]byte(token.hash())
	if actor, ok := a.apiTokens.get(digest, a.now()); ok {
		return actor, nil
	}
	actor, err := a.find(ctx, string(digest[:]), func(ctx context.Context) (*Actor, error) {
		found := a.now()
		actor, err := a.apiToken(ctx, digest)
		if err == nil && actor != nil { // an unknown one isn't remembered: whoever makes them up can make up many
			a.apiTokens.put(digest, actor, found.Add(stateAge), a.now())
		}
		return actor, err
	})
	if err == nil && actor == nil {
		err = errToken()
	}
	return actor, err
}

// apiToken reads an API token and what its maker may do now; nil where it doesn't hold.
func (a *Authenticator) apiToken(ctx context.Context, digest [sha256.Size]byte) (*Actor, error) {
	var token db.ApiTokenByHashRow
	err := reading(ctx, a.pool, db.Scope{}, func(q *db.Queries) (err error) {
		token, err = q.ApiTokenByHash(ctx, db.ApiTokenByHashParams{Hash: digest[:], Now: a.now()})
		return err
	})
	if db.NoRows(err) || err == nil && !token.Live {
		return nil, nil //nolint:nilnil // doesn't hold
	} else if err != nil {
		return nil, err
	}
	actor := &Actor{UserID: token.CreatedBy, Token: token.ID, Memberships: map[int32]Role{}, ReadOnly: token.ReadOnly}
	err = reading(ctx, a.pool, db.Scope{User: token.CreatedBy}, func(q *db.Queries) error {
		rows, err := q.MembershipsOfUser(ctx, token.CreatedBy)
		for _, m := range rows {
			if slices.Contains(token.Sites, m.SiteID) {
				actor.Memberships[m.SiteID] = atMost(token.Role, m.Role)
			}
		}
		actor.settle()
		return err
	})
	return actor, err
}

// atMost is the most powerful role that may do nothing that one of two roles may not. The less powerful of them, but for
// OPERATOR and AUDITOR: both may view, and neither what the other may beyond it.
func atMost(a, b Role) Role {
	for _, role := range byPower {
		within := true
		for _, allowed := range roles {
			if slices.Contains(allowed, role) && !(slices.Contains(allowed, a) && slices.Contains(allowed, b)) {
				within = false
			}
		}
		if within {
			return role
		}
	}
	return db.RoleVIEWER
}

// idOrNil is nil for the zero UUID, which stands for nobody.
func idOrNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
