// Package identity is who works with the system: the people that register, decide and acknowledge.
package identity

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/relay"
)

// User is a person who works with the system.
type User struct{ db.AppUser }

// GlobalID is the user's id in the API.
func (u *User) GlobalID() relay.ID { return relay.ID{Kind: relay.User, UUID: u.ID} }

// IsNode marks a type that the API finds by its id.
func (*User) IsNode() {}

// Finder reads users.
type Finder struct{ q *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx)} }

// ByIDs finds users; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*User, error) {
	rows, err := f.q.UsersByIDs(ctx, ids)
	out := make([]*User, len(rows))
	for i, row := range rows {
		out[i] = &User{row}
	}
	return out, err
}
