package identity

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

// PasswordChange is a person's old password and the new one.
type PasswordChange struct {
	CurrentPassword Secret
	NewPassword     Secret
}

// ChangePassword gives the caller a new password, and ends their other sessions. BAD_USER_INPUT names a wrong or bad one;
// RATE_LIMITED after too many wrong ones, counted with those of SignIn.
func (s *Service) ChangePassword(ctx context.Context, c PasswordChange) error {
	actor, err := person(ctx)
	if err != nil {
		return err
	}
	current, err := s.confirm(ctx, actor, "currentPassword", c.CurrentPassword)
	if err != nil {
		return err
	}
	if f := checkPassword("newPassword", c.NewPassword, current.Email); f != nil {
		return f
	}
	hash, err := s.passwords.Hash(ctx, c.NewPassword)
	if err != nil {
		return err
	}
	var own []db.Membership // as they are now: who became a member a moment ago has another log to be told
	if err := reading(ctx, s.pool, actor.Scope(), func(q *db.Queries) (err error) {
		own, err = q.MembershipsOfUser(ctx, actor.UserID)
		return err
	}); err != nil {
		return err
	}
	now := s.timestamp()
	return db.InTx(ctx, s.pool, db.Scope{User: actor.UserID, Sites: sitesOf(own)}, func(q *db.Queries) error {
		n, err := q.ChangeCredential(ctx, db.ChangeCredentialParams{UserID: actor.UserID, Hash: hash, OldHash: current.Hash, ChangedAt: now})
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "currentPassword", "the password was changed in the meantime")
		}
		if err != nil {
			return err
		}
		if err := q.RevokeOtherSessions(ctx, db.RevokeOtherSessionsParams{UserID: actor.UserID, But: &actor.Session, Now: now}); err != nil {
			return err
		}
		return s.record(ctx, q, atEachSite(db.AppUser{ID: actor.UserID, Email: current.Email}, own, ChangePassword, nil, nil))
	})
}

func sitesOf(memberships []db.Membership) []int32 {
	sites := make([]int32, len(memberships))
	for i, m := range memberships {
		sites[i] = m.SiteID
	}
	return sites
}

// confirm asks a person who signed in for the password again: a guess like that of SignIn.
func (s *Service) confirm(ctx context.Context, actor *Actor, field string, password Secret) (db.CredentialByUserRow, error) {
	var found db.CredentialByUserRow
	err := reading(ctx, s.pool, actor.Scope(), func(q *db.Queries) (err error) {
		found, err = q.CredentialByUser(ctx, actor.UserID)
		return err
	})
	if db.NoRows(err) {
		return found, fault.New(fault.FailedPrecondition, field, "you have no password here: you sign in at an identity provider, and change it there")
	} else if err != nil {
		return found, err
	}
	guess, err := s.countGuess(ctx, found.Email, addressFrom(ctx))
	if err != nil {
		return found, err
	}
	ok, err := s.passwords.Matches(ctx, found.Hash, password)
	if err != nil {
		return found, err
	}
	if !ok {
		return found, cmp.Or(s.refuse(ctx, actor.UserID), error(fault.BadInput(field, "this is not your password")))
	}
	return found, db.InTx(ctx, s.pool, actor.Scope(), func(q *db.Queries) error { return s.right(ctx, q, guess) })
}

// SetPassword gives a user a new password without the old one, and ends all their sessions: for the command line, whose user
// owns the database. FAILED_PRECONDITION for a user of an identity provider.
func (s *Service) SetPassword(ctx context.Context, user *User, password Secret) error {
	if f := checkPassword("password", password, user.Email); f != nil {
		return f
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.putPassword(ctx, []uuid.UUID{user.ID}, hash)
}

// SetPasswords gives several users one password, as SetPassword does, but changes nothing where all have it already: for
// the demo, at each start. field is where the password comes from.
func (s *Service) SetPasswords(ctx context.Context, emails []string, field string, password Secret) error {
	if f := checkPassword(field, password, ""); f != nil {
		return f
	}
	var users []uuid.UUID
	hashes := map[string]bool{}
	if err := reading(ctx, s.pool, db.Scope{}, func(q *db.Queries) error {
		for _, email := range emails {
			user, err := q.UserByEmail(ctx, email)
			if err != nil {
				return err
			}
			credential, err := q.CredentialByEmail(ctx, email)
			if err != nil && !db.NoRows(err) {
				return err
			}
			users = append(users, user.ID)
			hashes[credential.Hash] = true
		}
		return nil
	}); err != nil {
		return err
	}
	for hash := range hashes {
		if same, err := s.passwords.Matches(ctx, hash, password); err != nil || same && len(hashes) == 1 {
			return err
		}
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.putPassword(ctx, users, hash)
}

// putPassword gives users one password.
func (s *Service) putPassword(ctx context.Context, users []uuid.UUID, hash string) error {
	scope, err := s.allSites(ctx)
	if err != nil {
		return err
	}
	now := s.timestamp()
	return db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
		var entries []Entry
		for _, id := range users {
			user, err := q.LockUser(ctx, id)
			if err != nil {
				return err
			}
			if err := keepsPassword(ctx, q, id); err != nil {
				return err
			}
			if err := q.PutCredential(ctx, db.PutCredentialParams{UserID: id, Hash: hash, ChangedAt: now}); err != nil {
				return err
			}
			if err := q.RevokeOtherSessions(ctx, db.RevokeOtherSessionsParams{UserID: id, Now: now}); err != nil {
				return err
			}
			memberships, err := q.MembershipsOfUser(ctx, id)
			if err != nil {
				return err
			}
			entries = append(entries, atEachSite(user, memberships, ChangePassword, nil, nil)...)
		}
		return s.record(ctx, q, entries)
	})
}

// allSites is the scope of what concerns a user wherever they are a member.
func (s *Service) allSites(ctx context.Context) (scope db.Scope, err error) {
	err = reading(ctx, s.pool, db.Scope{}, func(q *db.Queries) (err error) {
		scope.Sites, err = q.AllSiteIDs(ctx)
		return err
	})
	return scope, err
}
