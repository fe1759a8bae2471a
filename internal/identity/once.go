package identity

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/idempotency"
)

// once runs fn in one transaction, and keeps the id that it returns under the caller's key: when the call is sent again, fn isn't run, and the id is
// that of the first time.
func (s *Service) once(ctx context.Context, scope db.Scope, actor *Actor, call idempotency.Call, fn func(q *db.Queries) (uuid.UUID, error)) (id uuid.UUID, again bool, err error) {
	claim, err := idempotency.New(actor.UserID, actor.Token, call)
	if err != nil {
		return uuid.Nil, false, err
	}
	err = db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
		if again, err = claim.Take(ctx, q, s.timestamp(), &id); err != nil || again {
			return err
		}
		if id, err = fn(q); err != nil {
			return err
		}
		return claim.Keep(ctx, q, id)
	})
	return id, again, err
}

// onceUser is once for a change of a user, who is then returned as they are now. NOT_FOUND where the call is sent again by whom the user isn't there for any
// more.
func (s *Service) onceUser(ctx context.Context, actor *Actor, call idempotency.Call, fn func(q *db.Queries) (db.AppUser, error)) (*User, error) {
	var row db.AppUser
	id, again, err := s.once(ctx, actor.Scope(), actor, call, func(q *db.Queries) (_ uuid.UUID, err error) {
		row, err = fn(q)
		return row.ID, err
	})
	if err == nil && again {
		row, err = s.shared(ctx, actor, id)
	}
	if err != nil {
		return nil, err
	}
	return &User{AppUser: row}, nil
}

// shared is a user who has a site in common with the caller.
func (s *Service) shared(ctx context.Context, actor *Actor, id uuid.UUID) (u db.AppUser, err error) {
	err = db.InTx(ctx, s.pool, actor.Scope(), func(q *db.Queries) error {
		u, err = q.LockSharedUser(ctx, db.LockSharedUserParams{ID: id, Sites: actor.Sites(View)})
		return err
	})
	if db.NoRows(err) {
		err = fault.New(fault.NotFound, "", "what this changed is not there for you any more")
	}
	return u, err
}
