package identity

import (
	"context"
	"maps"
	"slices"

	"flowviz/db"
	"flowviz/internal/relay"
)

// Action is what was done to or by a user, or to an API token, as audit logs name it for ever.
type Action string

// The actions.
const (
	CreateUser       Action = "CREATE_USER"
	UpdateUser       Action = "UPDATE_USER" // name, address, or that they may sign in again
	DeactivateUser   Action = "DEACTIVATE_USER"
	ChangeMembership Action = "CHANGE_MEMBERSHIP"
	ChangePassword   Action = "CHANGE_PASSWORD"
	LinkUser         Action = "LINK_USER"     // whom an account of the identity provider is to stand for
	UnlinkUser       Action = "UNLINK_USER"   // that it isn't to, after all
	JoinProvider     Action = "JOIN_PROVIDER" // the link came true: the password is gone, and the account stands for the user
	SignIn           Action = "SIGN_IN"
	SignOut          Action = "SIGN_OUT"
	RefusePassword   Action = "REFUSE_PASSWORD" // that was not theirs: at a sign-in, or where it was asked for again
	RevokeSession    Action = "REVOKE_SESSION"  // a refresh token of it was used twice: one of both was a thief
	CreateAPIToken   Action = "CREATE_API_TOKEN"
	RevokeAPIToken   Action = "REVOKE_API_TOKEN" //nolint:gosec // the name of an action, and no credential
)

// Entry is what was done, for the audit log of one site.
type Entry struct {
	Site    int32
	Action  Action
	Subject relay.ID
	Label   string // what people call the subject
	// Before and After are the values that changed, by the API's names; nil where there was or is nothing, or nothing that may
	// be shown. What a site's log says of a user or token is what concerns that site: its people know nothing of others.
	Before, After map[string]any
}

// Record adds entries to the logs of their sites, in the transaction of the change and last in it (audit.Recorder).
type Record func(ctx context.Context, q *db.Queries, entries []Entry) error

// createdEntries are the entries of a new user: one at each site, with the role there.
func createdEntries(u db.AppUser, roles map[int32]Role) []Entry {
	var entries []Entry
	for _, site := range slices.Sorted(maps.Keys(roles)) {
		entries = append(entries, entryOf(u, site, CreateUser, nil, map[string]any{
			"email": u.Email, "fullName": u.FullName, "active": u.Active, "role": roles[site],
		}))
	}
	return entries
}

// changedEntries are the entries of a user who became another: their profile at each site where they are or were a member, and their
// role where it is another one.
func changedEntries(before, after db.AppUser, was, is map[int32]Role) []Entry {
	action, old, fresh := profile(before, after)
	sites := maps.Clone(was)
	maps.Copy(sites, is)
	var entries []Entry
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		if len(fresh) > 0 {
			entries = append(entries, entryOf(after, site, action, old, fresh))
		}
		if was[site] != is[site] {
			entries = append(entries, entryOf(after, site, ChangeMembership, roleFields(was[site]), roleFields(is[site])))
		}
	}
	return entries
}

// profile is what differs, and what it is called.
func profile(before, after db.AppUser) (action Action, old, fresh map[string]any) {
	action, old, fresh = UpdateUser, map[string]any{}, map[string]any{}
	if before.Email != after.Email {
		old["email"], fresh["email"] = before.Email, after.Email
	}
	if before.FullName != after.FullName {
		old["fullName"], fresh["fullName"] = before.FullName, after.FullName
	}
	if before.Active != after.Active {
		old["active"], fresh["active"] = before.Active, after.Active
		if !after.Active {
			action = DeactivateUser
		}
	}
	return action, old, fresh
}

// roleFields is nil for no member.
func roleFields(role Role) map[string]any {
	if role == "" {
		return nil
	}
	return map[string]any{"role": role}
}

func entryOf(u db.AppUser, site int32, action Action, before, after map[string]any) Entry {
	return Entry{Site: site, Action: action, Subject: (&User{AppUser: u}).GlobalID(), Label: u.Email, Before: before, After: after}
}

// atEachSite are the entries of one thing that was done to a user, at each of their sites.
func atEachSite(u db.AppUser, memberships []db.Membership, action Action, before, after map[string]any) []Entry {
	entries := make([]Entry, len(memberships))
	for i, m := range memberships {
		entries[i] = entryOf(u, m.SiteID, action, before, after)
	}
	return entries
}

// ofToken are the entries of an API token, at each of its sites.
func ofToken(t db.ApiToken, action Action, before, after map[string]any) []Entry {
	entries := make([]Entry, len(t.Sites))
	for i, site := range t.Sites {
		entries[i] = Entry{Site: site, Action: action, Subject: (&APIToken{t}).GlobalID(), Label: t.Name, Before: before, After: after}
	}
	return entries
}

// rolesBySite are what somebody is, by site.
func rolesBySite(memberships []db.Membership) map[int32]Role {
	roles := make(map[int32]Role, len(memberships))
	for _, m := range memberships {
		roles[m.SiteID] = m.Role
	}
	return roles
}
