package audit

import (
	"context"

	"flowviz/db"
	"flowviz/internal/identity"
)

// RecordIdentity adds what was done to users and API tokens (identity.Record): this package is made of that one, which can't
// call it.
func (r *Recorder) RecordIdentity(ctx context.Context, q *db.Queries, done []identity.Entry) error {
	entries := make([]Entry, len(done))
	for i, d := range done {
		entries[i] = Entry{
			Site: d.Site, Action: Action(d.Action), Subject: d.Subject, Label: d.Label, Before: values(d.Before), After: values(d.After),
		}
	}
	return r.Record(ctx, q, entries...)
}

// values is nil for nothing: a nil map would be null in JSON, and no object.
func values(fields map[string]any) any {
	if fields == nil {
		return nil
	}
	return fields
}
