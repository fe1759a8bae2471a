package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
)

// signInProgram is who tells of wrong passwords.
const signInProgram = "sign-in"

// refuse notes a wrong password of a user, uuid.Nil for nobody's: the same statement for both, which takes as long. TellRefused tells
// the logs later. There are no more of them than guesses that are counted.
func (s *Service) refuse(ctx context.Context, user uuid.UUID) error {
	origin := OriginFrom(ctx)
	return db.InTx(ctx, s.pool, db.Scope{}, func(q *db.Queries) error {
		return q.InsertRefusedPassword(ctx, db.InsertRefusedPasswordParams{
			ID: s.newID(), UserID: idOrNil(user), TriedAt: s.timestamp(), Address: origin.Address, RequestID: origin.RequestID,
		})
	})
}

// TellRefused records wrong passwords that were noted, each in its own transaction, in the logs of their users' sites. An account that
// nobody has is no site's.
func (s *Service) TellRefused(ctx context.Context) error {
	scope, err := s.allSites(ctx)
	if err != nil {
		return err
	}
	for {
		err := db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
			refused, err := q.TakeRefusedPassword(ctx)
			if err != nil || refused.UserID == nil {
				return err
			}
			return s.recordRefused(ctx, q, refused)
		})
		if db.NoRows(err) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (s *Service) recordRefused(ctx context.Context, q *db.Queries, refused db.RefusedPassword) error {
	users, err := q.UsersByIDs(ctx, []uuid.UUID{*refused.UserID})
	if err != nil {
		return err
	}
	memberships, err := q.MembershipsOfUser(ctx, *refused.UserID)
	if err != nil {
		return err
	}
	ctx = WithOrigin(ctx, Origin{Program: signInProgram, Address: refused.Address, RequestID: refused.RequestID})
	return s.record(ctx, q, atEachSite(users[0], memberships, RefusePassword, nil, map[string]any{"triedAt": refused.TriedAt.UTC().Format(time.RFC3339)}))
}
