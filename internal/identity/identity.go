// Package identity is who works with the system, and what they may do: users with a role at each of their sites, how they
// sign in, and the programs that act for them.
//
// Who asks is an Actor, found by the Authenticator from what a request carries, and never older than a second: a sign-out, a
// deactivated user or a changed role holds everywhere at once. Passwords and tokens are kept as hashes alone.
package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/relay"
)

// User is a person who works with the system.
type User struct {
	db.AppUser

	own []*Membership // all of them, where the user itself has just signed in; otherwise nil
}

// GlobalID is the user's id in the API.
func (u *User) GlobalID() relay.ID { return relay.ID{Kind: relay.User, UUID: u.ID} }

// IsNode marks a type that the API finds by its id.
func (*User) IsNode() {}

// Own are the memberships of a user who has just signed in, by site; nil for other users, whose memberships are read with the
// caller's rights.
func (u *User) Own() []*Membership { return u.own }

// Membership is what a user is at a site.
type Membership struct{ db.Membership }

// byPower are all roles, from the one with the most permissions to the one with the least.
var byPower = []Role{db.RoleADMIN, db.RoleMANAGER, db.RoleOPERATOR, db.RoleAUDITOR, db.RoleVIEWER}

// Highest is the most powerful role of memberships; VIEWER, which may do the least, where there are none.
func Highest(memberships []*Membership) Role {
	for _, role := range byPower {
		for _, m := range memberships {
			if m.Role == role {
				return role
			}
		}
	}
	return db.RoleVIEWER
}

// Service changes users, and signs them in and out.
type Service struct {
	pool      *pgxpool.Pool
	newID     func() uuid.UUID
	now       func() time.Time
	passwords *Passwords
	tokens    *Tokens
	record    Record
}

// NewService writes through pool; newID gives a new UUIDv7 at each call. record adds what is changed to the audit log.
func NewService(pool *pgxpool.Pool, newID func() uuid.UUID, now func() time.Time, passwords *Passwords, tokens *Tokens, record Record) *Service {
	return &Service{pool: pool, newID: newID, now: now, passwords: passwords, tokens: tokens, record: record}
}

// timestamp is the time as PostgreSQL keeps it, in microseconds: what is compared later is the same on both sides.
func (s *Service) timestamp() time.Time { return s.now().Truncate(time.Microsecond) }

// reading runs fn on one snapshot: sign-ins come before there is an operation that has one.
func reading(ctx context.Context, pool *pgxpool.Pool, scope db.Scope, fn func(q *db.Queries) error) error {
	snapshot := db.NewSnapshot(ctx, pool, scope)
	defer snapshot.Close()
	return fn(db.New(snapshot))
}
