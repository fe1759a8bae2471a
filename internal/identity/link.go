package identity

import (
	"context"

	"flowviz/db"
	"flowviz/internal/fault"
)

// Account is somebody at an identity provider.
type Account struct {
	Issuer  string // the provider
	Subject string // its name for the person, which is no e-mail address: those change hands
}

func (a Account) fields() map[string]any {
	return map[string]any{"issuer": a.Issuer, "subject": a.Subject}
}

// Link lets an account of the identity provider stand for a user who has a password here. It comes true at the account's next
// sign-in, which ends the password and all sessions; until then the password holds, and Link again names another account.
//
// For the command line alone, whose user owns the database: whoever may link a user to an account of their own may sign in as
// them. CONFLICT on subject where the account stands for somebody, or is to; FAILED_PRECONDITION where the user signs in at a provider
// already.
func (s *Service) Link(ctx context.Context, user *User, to Account) error {
	if n := len(to.Subject); n < 1 || n > maxSubject {
		return fault.BadInput("subject", "give the provider's name for the person, 1 to %d bytes", maxSubject)
	}
	return s.changeSignIn(ctx, user, func(q *db.Queries) (action Action, before, after map[string]any, err error) {
		if err := joinsNobody(ctx, q, user, to); err != nil {
			return "", nil, nil, err
		}
		last, err := q.ExternalLinkOfUser(ctx, user.ID)
		if err == nil {
			before = Account{last.Issuer, last.Subject}.fields()
		} else if !db.NoRows(err) {
			return "", nil, nil, err
		}
		return LinkUser, before, to.fields(), q.PutExternalLink(ctx, db.PutExternalLinkParams{
			UserID: user.ID, Issuer: to.Issuer, Subject: to.Subject, CreatedAt: s.timestamp(),
		})
	})
}

// joinsNobody refuses an account that stands for somebody, and a user for whom one does.
func joinsNobody(ctx context.Context, q *db.Queries, user *User, to Account) error {
	known, err := q.ExternalIdentityOfUser(ctx, user.ID)
	if err == nil {
		return fault.New(fault.FailedPrecondition, "", "%s signs in at %s already, as %q", user.Email, known.Issuer, known.Subject)
	} else if !db.NoRows(err) {
		return err
	}
	taken, err := q.LockExternalUser(ctx, db.LockExternalUserParams{Issuer: to.Issuer, Subject: to.Subject})
	if err == nil {
		return fault.New(fault.Conflict, "subject", "%q stands for %s already", to.Subject, taken.Email)
	} else if !db.NoRows(err) {
		return err
	}
	return nil
}

// Unlink takes back a link that hasn't come true. FAILED_PRECONDITION where there is none.
func (s *Service) Unlink(ctx context.Context, user *User) error {
	return s.changeSignIn(ctx, user, func(q *db.Queries) (action Action, before, after map[string]any, err error) {
		link, err := q.ExternalLinkOfUser(ctx, user.ID)
		if db.NoRows(err) {
			return "", nil, nil, fault.New(fault.FailedPrecondition, "", "%s has no link that waits for a sign-in", user.Email)
		} else if err != nil {
			return "", nil, nil, err
		}
		_, err = q.DeleteExternalLink(ctx, db.DeleteExternalLinkParams{UserID: user.ID, Issuer: link.Issuer, Subject: link.Subject})
		return UnlinkUser, Account{link.Issuer, link.Subject}.fields(), nil, err
	})
}

// changeSignIn does and records one thing about how a user signs in.
func (s *Service) changeSignIn(ctx context.Context, user *User, change func(q *db.Queries) (action Action, before, after map[string]any, err error)) error {
	scope, err := s.allSites(ctx)
	if err != nil {
		return err
	}
	return db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
		locked, err := q.LockUser(ctx, user.ID)
		if err != nil {
			return err
		}
		action, before, after, err := change(q)
		if err != nil {
			return err
		}
		memberships, err := q.MembershipsOfUser(ctx, user.ID)
		if err != nil {
			return err
		}
		return s.record(ctx, q, atEachSite(locked, memberships, action, before, after))
	})
}

// linked makes a link come true: its user, whose password and sessions end. No rows where there is no link.
func (p *Provider) linked(ctx context.Context, q *db.Queries, o outsider) (user db.AppUser, joined bool, err error) {
	link, err := q.ExternalLink(ctx, db.ExternalLinkParams{Issuer: p.config.Issuer, Subject: o.subject})
	if db.NoRows(err) {
		return p.known(ctx, q, o)
	} else if err != nil {
		return user, false, err
	}
	if user, err = q.LockUser(ctx, link.UserID); err != nil { // before the link, as Link does
		return user, false, err
	}
	n, err := q.DeleteExternalLink(ctx, db.DeleteExternalLinkParams{UserID: user.ID, Issuer: link.Issuer, Subject: link.Subject})
	if err != nil {
		return user, false, err
	}
	if n == 0 {
		return p.known(ctx, q, o)
	}
	now := p.users.timestamp()
	if err := q.InsertExternalIdentity(ctx, db.InsertExternalIdentityParams{Issuer: link.Issuer, Subject: link.Subject, UserID: user.ID, CreatedAt: now}); err != nil {
		return user, false, err
	}
	if err := q.DeleteCredential(ctx, user.ID); err != nil {
		return user, false, err
	}
	return user, true, q.RevokeOtherSessions(ctx, db.RevokeOtherSessionsParams{UserID: user.ID, Now: now})
}

// known looks once more for the user of an outsider: a link that is gone was taken back, or came true in another browser.
func (p *Provider) known(ctx context.Context, q *db.Queries, o outsider) (user db.AppUser, joined bool, err error) {
	user, err = q.LockExternalUser(ctx, db.LockExternalUserParams{Issuer: p.config.Issuer, Subject: o.subject})
	return user, false, err
}
