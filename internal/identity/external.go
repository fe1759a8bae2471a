package identity

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

// providerProgram is who changes memberships at a sign-in: the provider says them, not the person.
const providerProgram = "sign-in by OpenID Connect"

// admit finds or makes the user of an outsider, gives them exactly the memberships that the provider says, and begins a session.
// FORBIDDEN where they have none or are deactivated, CONFLICT where another user has their address.
func (p *Provider) admit(ctx context.Context, o outsider) (*SignedIn, error) {
	ctx = byProgram(ctx, providerProgram)
	scope, err := p.users.allSites(ctx)
	if err != nil {
		return nil, err
	}
	var user *db.AppUser
	var in *SignedIn
	var refused error // what is written stays
	if err := db.InTx(ctx, p.users.pool, scope, func(q *db.Queries) error {
		roles, err := p.rolesOf(ctx, q, scope.Sites, o)
		if err != nil {
			return err
		}
		a, err := p.userOf(ctx, q, o, len(roles) > 0)
		if err != nil {
			return err
		}
		user = a.user
		if len(roles) == 0 {
			refused = fault.New(fault.Forbidden, "", "you are a member of no site here: ask who manages your account to give you a role (%s)", p.config.RolesClaim)
		}
		if user == nil {
			return nil
		}
		was, err := putRoles(ctx, q, user.ID, roles)
		if err != nil {
			return err
		}
		if lost(was, roles) { // elsewhere: this sign-in's begins below
			if err := q.RevokeOtherSessions(ctx, db.RevokeOtherSessionsParams{UserID: user.ID, Now: p.users.timestamp()}); err != nil {
				return err
			}
		}
		if refused == nil {
			if in, err = p.users.begin(ctx, q, user.ID, providerSessionLifetime, o.reauthenticatedAt); err != nil {
				return err
			}
		}
		entries := p.entries(a, o, was, roles)
		for site := range roles {
			entries = append(entries, entryOf(*user, site, SignIn, nil, nil))
		}
		return p.users.record(ctx, q, entries)
	}); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	return in, p.users.introduce(ctx, in, user.ID)
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

// admission is whom an outsider stands for.
type admission struct {
	known  *db.AppUser // as known so far; nil for a new one
	user   *db.AppUser // as they are from now on; nil where there is none yet, and none is wanted
	joined bool        // whether they had a password until now
}

func (p *Provider) userOf(ctx context.Context, q *db.Queries, o outsider, wanted bool) (a admission, err error) {
	found, err := q.LockExternalUser(ctx, db.LockExternalUserParams{Issuer: p.config.Issuer, Subject: o.subject})
	if db.NoRows(err) && wanted {
		found, a.joined, err = p.linked(ctx, q, o)
	}
	switch {
	case db.NoRows(err) && wanted:
		a.user, err = p.newUser(ctx, q, o)
		return a, err
	case db.NoRows(err):
		return a, nil
	case err != nil:
		return a, err
	case !found.Active:
		return a, fault.New(fault.Forbidden, "", "your account here is deactivated: ask an ADMIN of your site")
	}
	a.known = &found
	a.user, err = p.follow(ctx, q, found, o)
	return a, err
}

// entries say what a sign-in changed.
func (p *Provider) entries(a admission, o outsider, was, is map[int32]Role) []Entry {
	if a.known == nil {
		return createdEntries(*a.user, is)
	}
	changed := changedEntries(*a.known, *a.user, was, is)
	if !a.joined {
		return changed
	}
	var joined []Entry
	for _, site := range slices.Sorted(maps.Keys(was)) {
		joined = append(joined, entryOf(*a.known, site, JoinProvider, nil, Account{p.config.Issuer, o.subject}.fields()))
	}
	return append(joined, changed...)
}

// newUser makes the user of an outsider. Who has an address here already isn't taken over: whoever can give an account of the
// provider an address would become anybody.
func (p *Provider) newUser(ctx context.Context, q *db.Queries, o outsider) (*db.AppUser, error) {
	if o.email == "" {
		return nil, fault.New(fault.Forbidden, "", "the identity provider hasn't verified your e-mail address: verify it there, and sign in again")
	}
	_, err := q.UserByEmail(ctx, o.email)
	if err == nil {
		return nil, fault.New(fault.Conflict, "", "%s has an account here already, which signs in another way: sign in that way, or ask who runs this server to link it with you at the identity provider, where you are %q",
			o.email, o.subject)
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
	return &row, nil
}

// follow takes over a name or a verified address that changed at the provider; not an address that somebody else has here.
func (p *Provider) follow(ctx context.Context, q *db.Queries, known db.AppUser, o outsider) (*db.AppUser, error) {
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
		return &known, nil
	}
	return &changed, q.UpdateProfile(ctx, db.UpdateProfileParams{ID: known.ID, Email: changed.Email, FullName: changed.FullName})
}

// putRoles makes roles all that a user has, and says what they had, by site. A site may lose its last ADMIN: who is one is the
// provider's to say.
func putRoles(ctx context.Context, q *db.Queries, user uuid.UUID, roles map[int32]Role) (was map[int32]Role, err error) {
	rows, err := q.MembershipsOfUser(ctx, user)
	if err != nil {
		return nil, err
	}
	was = rolesBySite(rows)
	for site := range was {
		if _, stays := roles[site]; stays {
			continue
		}
		if err := q.DeleteMembership(ctx, db.DeleteMembershipParams{UserID: user, SiteID: site}); err != nil {
			return nil, err
		}
	}
	for site, role := range roles {
		if was[site] == role {
			continue
		}
		if err := q.PutMembership(ctx, db.PutMembershipParams{UserID: user, SiteID: site, Role: role}); err != nil {
			return nil, err
		}
	}
	return was, nil
}

// external reports whether somebody is a user of an identity provider, who has no password here.
func external(ctx context.Context, q *db.Queries, user uuid.UUID) (bool, error) {
	_, err := q.ExternalIdentityOfUser(ctx, user)
	if db.NoRows(err) {
		return false, nil
	}
	return err == nil, err
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
