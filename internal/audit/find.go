package audit

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

// Finder reads logs.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// Filter says which events; nil fields ask for nothing.
type Filter struct {
	Site     *string
	Subject  *relay.ID
	Actor    *relay.ID // a user
	Action   []string
	Occurred *relay.TimeRange
}

// ByIDs finds events; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Event, error) {
	rows, err := f.q.AuditEventsByIDs(ctx, ids)
	return wrap(rows), err
}

// Page lists events, newest first.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Event], error) {
	page, err := args.Page(relay.AuditEvent)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	p, err := filter.params(page)
	if err != nil {
		return nil, err
	}
	rows, err := f.adhoc.AuditEventsPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), Key, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountAuditEvents(ctx, db.CountAuditEventsParams{
			Site: p.Site, Subject: p.Subject, SubjectKind: p.SubjectKind, SubjectSite: p.SubjectSite, Actor: p.Actor, Actions: p.Actions,
			OccurredFrom: p.OccurredFrom, OccurredBefore: p.OccurredBefore,
		})
	}), nil
}

func (filter *Filter) params(page relay.Page) (db.AuditEventsPageParams, error) {
	from, before := filter.Occurred.Bounds()
	p := db.AuditEventsPageParams{
		Site: filter.Site, Actions: filter.Action, OccurredFrom: from, OccurredBefore: before, After: page.AfterKey(), Size: page.Fetch(),
	}
	if id := filter.Actor; id != nil {
		if id.Kind != relay.User {
			return p, fault.BadInput("actor", "this is the id of a %s: give that of a User", id.Kind)
		}
		p.Actor = &id.UUID
	}
	if id := filter.Subject; id != nil {
		p.Subject, p.SubjectKind = &id.UUID, text(id.Kind.String())
		if id.Site != 0 {
			p.SubjectSite = &id.Site
		}
	}
	return p, nil
}
