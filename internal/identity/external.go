package identity

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

// MembershipChange is what became different about a user's role at a site; "" is no member.
type MembershipChange struct {
	User          *User
	Site          int32
	Before, After Role
}

// RecordMemberships writes changes into the audit log, in their transaction.
type RecordMemberships func(ctx context.Context, q *db.Queries, changes []MembershipChange) error

// providerProgram is who changes memberships at a sign-in: the provider says them, not the person.
const providerProgram = "sign-in by OpenID Connect"

// admit finds or makes the user of an outsider, gives them exactly the memberships that the provider says, and begins a session.
// FORBIDDEN where they have none or are deactivated, CONFLICT where another user has their address.
func (p *Provider) admit(ctx context.Context, o outsider) (*SignedIn, error) {
	origin := OriginFrom(ctx)
	origin.Program = providerProgram
	ctx = WithOrigin(ctx, origin)
	var all []int32
	if err := reading(ctx, p.users.pool, db.Scope{}, func(q *db.Queries) (err error) {
		all, err = q.AllSiteIDs(ctx)
		return err
	}); err != nil {
		return nil, err
	}
	var user *User
	var refused error // what is written stays
	if err := db.InTx(ctx, p.users.pool, db.Scope{Sites: all}, func(q *db.Queries) error {
		roles, err := p.rolesOf(ctx, q, all, o)
		if err != nil {
			return err
		}
		user, err = p.userOf(ctx, q, o, len(roles) > 0)
		if err != nil {
			return err
		}
		if len(roles) == 0 {
			refused = fault.New(fault.Forbidden, "", "you are a member of no site here: ask who manages your account to give you a role (%s)", p.config.RolesClaim)
		}
		if user == nil {
			return nil
		}
		changes, err := p.putRoles(ctx, q, user, roles)
		if err != nil || len(changes) == 0 {
			return err
		}
		return p.record(ctx, q, changes)
	}); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	return p.users.begin(ctx, user.ID, o.authenticatedAt, nil)
}

// rolesOf are the roles of an outsider, by site.
func (p *Provider) rolesOf(ctx context.Context, q *db.Queries, all []int32, o outsider) (map[int32]Role, error) {
	rows, err := q.SitesByIDs(ctx, all)
	if err != nil {
		return nil, err
	}
	sites := map[string]int32{}
	for _, row := range rows {
		sites[row.Code] = row.ID
	}
	roles, unknown := atSites(p.config.Roles.siteRoles(o.groups), sites)
	if len(unknown) > 0 {
		p.log.WarnContext(ctx, "the identity provider gives roles at sites that aren't there", "subject", o.subject, "sites", unknown)
	}
	return roles, nil
}

// userOf is an outsider's user; nil where there is none yet, and none is wanted.
func (p *Provider) userOf(ctx context.Context, q *db.Queries, o outsider, wanted bool) (*User, error) {
	known, err := q.LockExternalUser(ctx, db.LockExternalUserParams{Issuer: p.config.Issuer, Subject: o.subject})
	switch {
	case db.NoRows(err) && wanted:
		return p.newUser(ctx, q, o)
	case db.NoRows(err):
		return nil, nil //nolint:nilnil // nobody is wanted
	case err != nil:
		return nil, err
	case !known.Active:
		return nil, fault.New(fault.Forbidden, "", "your account here is deactivated: ask an ADMIN of your site")
	}
	return p.follow(ctx, q, known, o)
}

// newUser makes the user of an outsider. Who has an address here already isn't taken over: whoever can give an account of the
// provider an address would become anybody.
func (p *Provider) newUser(ctx context.Context, q *db.Queries, o outsider) (*User, error) {
	if o.email == "" {
		return nil, fault.New(fault.Forbidden, "", "the identity provider hasn't verified your e-mail address: verify it there, and sign in again")
	}
	_, err := q.UserByEmail(ctx, o.email)
	if err == nil {
		return nil, fault.New(fault.Conflict, "", "%s has an account here already, which signs in another way: sign in that way, or give your account at the provider another address", o.email)
	} else if !db.NoRows(err) {
		return nil, err
	}
	name := o.fullName
	if name == "" {
		name = o.email
	}
	now := p.users.timestamp()
	row := db.AppUser{ID: p.users.newID(), Email: o.email, FullName: name, Active: true, CreatedAt: now}
	if err := q.InsertUser(ctx, db.InsertUserParams{ID: row.ID, Email: row.Email, FullName: row.FullName, CreatedAt: now}); err != nil {
		return nil, err
	}
	if err := q.InsertExternalIdentity(ctx, db.InsertExternalIdentityParams{Issuer: p.config.Issuer, Subject: o.subject, UserID: row.ID, CreatedAt: now}); err != nil {
		return nil, err
	}
	return &User{AppUser: row}, nil
}

// follow takes over a name or a verified address that changed at the provider; not an address that somebody else has here.
func (p *Provider) follow(ctx context.Context, q *db.Queries, known db.AppUser, o outsider) (*User, error) {
	changed := known
	if o.fullName != "" {
		changed.FullName = o.fullName
	}
	if o.email != "" && o.email != known.Email {
		if _, err := q.UserByEmail(ctx, o.email); db.NoRows(err) {
			changed.Email = o.email
		} else if err != nil {
			return nil, err
		} else {
			p.log.WarnContext(ctx, "an address at the identity provider is another user's here, and not taken over", "subject", o.subject)
		}
	}
	if changed == known {
		return &User{AppUser: known}, nil
	}
	return &User{AppUser: changed}, q.UpdateProfile(ctx, db.UpdateProfileParams{ID: known.ID, Email: changed.Email, FullName: changed.FullName})
}

// putRoles makes roles all that a user has, and says what became different, by site. A site may lose its last ADMIN: who is one
// is the provider's to say.
func (p *Provider) putRoles(ctx context.Context, q *db.Queries, user *User, roles map[int32]Role) ([]MembershipChange, error) {
	rows, err := q.MembershipsOfUser(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	var changes []MembershipChange
	before := map[int32]Role{}
	for _, m := range rows {
		before[m.SiteID] = m.Role
		if _, stays := roles[m.SiteID]; stays {
			continue
		}
		changes = append(changes, MembershipChange{User: user, Site: m.SiteID, Before: m.Role})
		if err := q.DeleteMembership(ctx, db.DeleteMembershipParams{UserID: user.ID, SiteID: m.SiteID}); err != nil {
			return nil, err
		}
	}
	for site, role := range roles {
		if before[site] == role {
			continue
		}
		changes = append(changes, MembershipChange{User: user, Site: site, Before: before[site], After: role})
		if err := q.PutMembership(ctx, db.PutMembershipParams{UserID: user.ID, SiteID: site, Role: role}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(changes, func(a, b MembershipChange) int { return int(a.Site - b.Site) })
	return changes, nil
}

// reauthenticated reports whether the caller is a user of an identity provider, who has no password here. FAILED_PRECONDITION
// where their session's sign-in there is too old to stand for a password given again.
func (s *Service) reauthenticated(ctx context.Context, actor *Actor) (external bool, err error) {
	var stale error
	err = reading(ctx, s.pool, actor.Scope(), func(q *db.Queries) error {
		at, err := q.ExternalSession(ctx, db.ExternalSessionParams{ID: actor.Session, UserID: actor.UserID})
		if db.NoRows(err) {
			return nil
		} else if err != nil {
			return err
		}
		external = true
		if !fresh(at, s.now()) {
			stale = fault.New(fault.FailedPrecondition, "password", "sign in at your identity provider again, and within %d minutes repeat this: open %s, then refresh your access token",
				int(freshLifetime.Minutes()), reauthenticatePath)
		}
		return nil
	})
	if err == nil {
		err = stale
	}
	return external, err
}

// keepsPassword refuses to give a password to a user of an identity provider: who leaves the company would go on with it.
func keepsPassword(ctx context.Context, q *db.Queries, user uuid.UUID) error {
	known, err := q.ExternalIdentityOfUser(ctx, user)
	if db.NoRows(err) {
		return nil
	} else if err != nil {
		return err
	}
	return fault.New(fault.FailedPrecondition, "", "this user signs in at %s, and can have no password here", known.Issuer)
}
