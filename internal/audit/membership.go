package audit

import (
	"context"

	"flowviz/db"
	"flowviz/internal/identity"
)

// RecordMemberships adds what became different about users' roles to the logs of the sites (identity.RecordMemberships).
func (r *Recorder) RecordMemberships(ctx context.Context, q *db.Queries, changes []identity.MembershipChange) error {
	entries := make([]Entry, len(changes))
	for i, c := range changes {
		entries[i] = Entry{
			Site: c.Site, Action: ChangeMembership, Subject: c.User.GlobalID(), Label: c.User.Email, Before: roleFields(c.Before), After: roleFields(c.After),
		}
	}
	return r.Record(ctx, q, entries...)
}

// roleFields is nil for no member.
func roleFields(role identity.Role) any {
	if role == "" {
		return nil
	}
	return Fields{"role": role}
}
