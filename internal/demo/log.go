package demo

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// entry is what somebody did, for the audit log.
type entry struct {
	at time.Time
	by *user
	audit.Entry
}

// log writes into the sites' audit logs who held, released and rejected what, and what was done about it.
func (w *writer) log(ctx context.Context, q *db.Queries, g *ids) error {
	var entries []entry
	for _, d := range w.h.deviations { // what opens one comes before what it holds
		entries = append(entries, w.deviated(d)...)
	}
	for _, h := range w.h.holds {
		entries = append(entries, w.held(h))
		if !h.ended.IsZero() {
			entries = append(entries, w.letGo(h))
		}
	}
	entries = append(entries, w.exercised(w.h.exercise)...)
	slices.SortStableFunc(entries, func(a, b entry) int { return a.at.Compare(b.at) })
	var now time.Time
	recorder := audit.NewRecorder(func() uuid.UUID { return g.at(now) }, func() time.Time { return now })
	ctx = identity.WithOrigin(ctx, identity.Origin{}) // people did it, whoever loads the demo
	for _, e := range entries {
		now = e.at
		if err := recorder.Record(identity.WithActor(ctx, &identity.Actor{UserID: e.by.id}), q, e.Entry); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) held(h *hold) entry {
	return entry{h.from, h.by, w.aboutLot(h, audit.HoldLot, h.reason, false, true)}
}

func (w *writer) letGo(h *hold) entry {
	action := audit.ReleaseLot
	if h.outcome == db.HoldOutcomeREJECTED {
		action = audit.RejectLot
	}
	return entry{h.ended, h.endedBy, w.aboutLot(h, action, h.why, true, false)}
}

func (w *writer) aboutLot(h *hold, action audit.Action, reason string, before, after bool) audit.Entry {
	site := w.site(h.lot.line)
	return audit.Entry{
		Site: site, Action: action, Subject: relay.ID{Kind: relay.Lot, Site: site, UUID: h.lot.id}, Label: h.lot.code, Reason: reason,
		Before: audit.Fields{"held": before}, After: audit.Fields{"held": after},
	}
}
