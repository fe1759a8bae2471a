package demo

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
)

// hold is a record of why a lot is stopped, from a moment on until it is released or rejected.
type hold struct {
	id        uuid.UUID
	lot       *lot
	reason    string
	decision  *decision  // nil where a person held it
	deviation *deviation // that it belongs to
	from      time.Time
	by        *user
	ended     time.Time // zero while it is open
	endedBy   *user
	outcome   db.HoldOutcome
	why       string
}

// stops tells whether it stops its lot, and all that was made of it, at a moment. What was rejected stays stopped.
func (h *hold) stops(at time.Time) bool {
	return !at.Before(h.from) && (h.ended.IsZero() || h.outcome == db.HoldOutcomeREJECTED || at.Before(h.ended))
}

// hold stops a lot and all that was made of it, for a deviation; d is nil where a person does.
func (l *line) hold(of *lot, at time.Time, by *user, reason string, v *deviation, d *decision) *hold {
	h := &hold{lot: of, reason: reason, deviation: v, decision: d, from: at, by: by}
	l.h.holds, v.holds = append(l.h.holds, h), append(v.holds, h)
	stop(of, h)
	return h
}

func stop(of *lot, h *hold) {
	if slices.Contains(of.stops, h) {
		return
	}
	of.stops = append(of.stops, h)
	for _, child := range of.children {
		stop(child, h)
	}
}

// release ends a hold: the lot may be used again unless something else stops it.
func (h *hold) release(at time.Time, by *user, why string) {
	h.ended, h.endedBy, h.outcome, h.why = at, by, db.HoldOutcomeRELEASED, why
}

// reject ends a hold for good.
func (h *hold) reject(at time.Time, by *user, why string) {
	h.ended, h.endedBy, h.outcome, h.why = at, by, db.HoldOutcomeREJECTED, why
}

// held is the latest hold on a lot itself.
func (l *lot) held() *hold {
	for i := len(l.stops) - 1; i >= 0; i-- {
		if l.stops[i].lot == l {
			return l.stops[i]
		}
	}
	return nil
}
