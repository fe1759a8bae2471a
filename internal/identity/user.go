package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/idempotency"
	"flowviz/internal/relay"
)

const maxFullName = 200

// SiteRole is a membership as somebody gives it.
type SiteRole struct {
	SiteCode string
	Role     Role
}

// Changes are what is to become different about a user; nil or empty where nothing is.
type Changes struct {
	UserID      relay.ID
	FullName    *string
	Memberships []SiteRole // new ones, or other roles
	RemoveSites []string   // codes of sites where the user is to be no member any more
	Active      *bool

	IdempotencyKey *string
}

// Deactivation is a user who is to be kept out.
type Deactivation struct {
	UserID relay.ID

	IdempotencyKey *string
}

func checkFullName(name string) *fault.Error {
	if n := utf8.RuneCountInString(strings.TrimSpace(name)); n < 1 || n > maxFullName {
		return fault.BadInput("fullName", "give 1 to %d characters", maxFullName)
	}
	return nil
}

// checkSites refuses roles that aren't there, and sites that are named twice.
func checkSites(given []SiteRole, removed []string) fault.List {
	var faults fault.List
	seen := map[string]bool{}
	once := func(field, code string) {
		if seen[code] {
			faults = append(faults, fault.BadInput(field, "site %q is named twice", code))
		}
		seen[code] = true
	}
	for i, m := range given {
		once(fmt.Sprintf("memberships[%d].siteCode", i), m.SiteCode)
		if !m.Role.Valid() {
			faults = append(faults, fault.BadInput(fmt.Sprintf("memberships[%d].role", i), "there is no role %q", m.Role))
		}
	}
	for i, code := range removed {
		once(fmt.Sprintf("removeSites[%d]", i), code)
	}
	return faults
}

// Update changes a user: their memberships at sites that the caller administers, and, where the caller administers all of the
// user's sites, their name and whether they may sign in. Whose role is another or gone must sign in again; who is deactivated is out, and
// so are their API tokens: within 2 s, and for good, should they ever sign in again.
// NOT_FOUND where the caller shares no site with the user, FAILED_PRECONDITION where a site would lose its last ADMIN or the
// caller would shut themself out.
func (s *Service) Update(ctx context.Context, c Changes) (*User, error) {
	return s.change(ctx, c, idempotency.Call{Mutation: "updateUser", Key: c.IdempotencyKey, Input: c})
}

// Deactivate keeps a user out; faults are those of Update.
func (s *Service) Deactivate(ctx context.Context, d Deactivation) (*User, error) {
	return s.change(ctx, Changes{UserID: d.UserID, Active: new(false)}, idempotency.Call{Mutation: "deactivateUser", Key: d.IdempotencyKey, Input: d})
}

func (s *Service) change(ctx context.Context, c Changes, call idempotency.Call) (*User, error) {
	actor, err := administrator(ctx)
	if err != nil {
		return nil, err
	}
	faults := checkSites(c.Memberships, c.RemoveSites)
	if c.FullName != nil {
		if f := checkFullName(*c.FullName); f != nil {
			faults = append(faults, f)
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if c.Active != nil && !*c.Active && c.UserID.UUID == actor.UserID {
		return nil, fault.New(fault.FailedPrecondition, "userId", "nobody can deactivate themself: ask another ADMIN")
	}
	return s.onceUser(ctx, actor, call, func(q *db.Queries) (db.AppUser, error) {
		// The user's memberships are read as they see them themselves, which is all of them.
		if err := q.ActFor(ctx, c.UserID.UUID); err != nil {
			return db.AppUser{}, err
		}
		changed, err := s.update(ctx, q, actor, c)
		if err != nil {
			return changed, err
		}
		return changed, q.ActFor(ctx, actor.UserID) // whose key it is
	})
}

func (s *Service) update(ctx context.Context, q *db.Queries, actor *Actor, c Changes) (db.AppUser, error) {
	u, all, err := lockShared(ctx, q, actor, c.UserID)
	if err != nil {
		return db.AppUser{}, err
	}
	sites, err := administered(ctx, q, actor, c.Memberships, c.RemoveSites)
	if err != nil {
		return db.AppUser{}, err
	}
	before, was := u, rolesBySite(all)
	admins := adminAt(u, all)
	if _, err := q.LockAdmins(ctx, admins); err != nil {
		return db.AppUser{}, err
	}
	if c.FullName != nil || c.Active != nil {
		for _, m := range all {
			if actor.Require(Administer, m.SiteID) != nil {
				return db.AppUser{}, fault.New(fault.Forbidden, "userId", "this needs the role ADMIN at each site of the user: change their memberships at yours alone")
			}
		}
	}
	if c.FullName != nil {
		u.FullName = strings.TrimSpace(*c.FullName)
	}
	if c.Active != nil {
		u.Active = *c.Active
	}
	if u, err = q.UpdateUser(ctx, db.UpdateUserParams{ID: u.ID, FullName: u.FullName, Active: u.Active}); err != nil {
		return db.AppUser{}, err
	}
	given, err := putMemberships(ctx, q, u.ID, sites, c.Memberships)
	if err != nil {
		return db.AppUser{}, err
	}
	is := maps.Clone(was)
	maps.Copy(is, given)
	for _, code := range c.RemoveSites {
		delete(is, sites[code].ID)
		if err := q.DeleteMembership(ctx, db.DeleteMembershipParams{UserID: u.ID, SiteID: sites[code].ID}); err != nil {
			return db.AppUser{}, err
		}
	}
	if !u.Active || lost(was, is) {
		if err := q.RevokeOtherSessions(ctx, db.RevokeOtherSessionsParams{UserID: u.ID, Now: s.timestamp()}); err != nil {
			return db.AppUser{}, err
		}
	}
	if err := keepAdmins(ctx, q, admins); err != nil {
		return db.AppUser{}, err
	}
	entries := changedEntries(before, u, was, is)
	if !u.Active {
		ended, err := s.endAPITokens(ctx, q, u.ID)
		if err != nil {
			return db.AppUser{}, err
		}
		entries = append(entries, ended...)
	}
	return u, s.record(ctx, q, entries)
}

// lockShared finds a user who has a site in common with the caller, and all of their memberships, for a change.
func lockShared(ctx context.Context, q *db.Queries, actor *Actor, id relay.ID) (db.AppUser, []db.Membership, error) {
	unknown := fault.New(fault.NotFound, "userId", "there is no such user")
	if id.Kind != relay.User {
		return db.AppUser{}, nil, unknown
	}
	seen := actor.Sites(View)
	u, err := q.LockSharedUser(ctx, db.LockSharedUserParams{ID: id.UUID, Sites: seen})
	if db.NoRows(err) {
		return db.AppUser{}, nil, unknown
	} else if err != nil {
		return db.AppUser{}, nil, err
	}
	all, err := q.MembershipsOfUser(ctx, id.UUID)
	if err != nil {
		return db.AppUser{}, nil, err
	}
	// Who was a member when the lock was asked for may be none now.
	if !slices.ContainsFunc(all, func(m db.Membership) bool { return slices.Contains(seen, m.SiteID) }) {
		return db.AppUser{}, nil, unknown
	}
	return u, all, nil
}

// adminAt are the sites that a user administers who may sign in.
func adminAt(u db.AppUser, all []db.Membership) []int32 {
	sites := []int32{}
	for _, m := range all {
		if u.Active && m.Role == db.RoleADMIN {
			sites = append(sites, m.SiteID)
		}
	}
	return sites
}

// keepAdmins refuses a change after which nobody administers one of these sites any more. Their administrators are locked.
func keepAdmins(ctx context.Context, q *db.Queries, sites []int32) error {
	left, err := q.SitesWithAdmin(ctx, sites)
	if err == nil && len(left) < len(sites) {
		err = fault.New(fault.FailedPrecondition, "userId", "this is the last ADMIN of a site: make another one first")
	}
	return err
}

// administered finds the sites of a change by their codes.
func administered(ctx context.Context, q *db.Queries, actor *Actor, given []SiteRole, removed []string) (map[string]db.Site, error) {
	fields := map[string]string{}
	var codes []string
	for i, m := range given {
		fields[m.SiteCode] = fmt.Sprintf("memberships[%d].siteCode", i)
		codes = append(codes, m.SiteCode)
	}
	for i, code := range removed {
		fields[code] = fmt.Sprintf("removeSites[%d]", i)
		codes = append(codes, code)
	}
	return administeredSites(ctx, q, actor, codes, func(code string) string { return fields[code] })
}

// administeredSites finds sites by their codes. NOT_FOUND, with the field of the code, for one that isn't there for the
// caller; FORBIDDEN for one that the caller doesn't administer.
func administeredSites(ctx context.Context, q *db.Queries, actor *Actor, codes []string, field func(code string) string) (map[string]db.Site, error) {
	rows, err := q.SitesByCodes(ctx, codes)
	if err != nil {
		return nil, err
	}
	sites := map[string]db.Site{}
	for _, row := range rows {
		sites[row.Code] = row
	}
	var faults fault.List
	for _, code := range codes {
		site, ok := sites[code]
		err := fault.New(fault.NotFound, "", "there is no such site")
		if ok {
			err = fault.Of(actor.Require(Administer, site.ID))
		}
		switch {
		case err == nil:
		case err.Code == fault.NotFound:
			faults = append(faults, fault.New(fault.NotFound, field(code), "there is no site %q", code))
		default:
			faults = append(faults, fault.New(err.Code, field(code), "%s", err.Message))
		}
	}
	return sites, faults.Err()
}

// putMemberships returns what it gave, by site.
func putMemberships(ctx context.Context, q *db.Queries, user uuid.UUID, sites map[string]db.Site, given []SiteRole) (map[int32]Role, error) {
	roles := map[int32]Role{}
	for _, m := range given {
		site := sites[m.SiteCode].ID
		roles[site] = m.Role
		if err := q.PutMembership(ctx, db.PutMembershipParams{UserID: user, SiteID: site, Role: m.Role}); err != nil {
			return nil, err
		}
	}
	return roles, nil
}

// lost reports whether a role that was held is another now, or none. A role at one more site takes nothing away.
func lost(was, is map[int32]Role) bool {
	for site, role := range was {
		if is[site] != role {
			return true
		}
	}
	return false
}

// administrator is the caller, who must be a person and an ADMIN of a site.
func administrator(ctx context.Context) (*Actor, error) {
	actor, err := person(ctx)
	if err == nil && !actor.May(Administer) {
		err = Forbidden(Administer)
	}
	return actor, err
}
