package demo

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/scenario/definition"
)

// exposure is one lot that is exposed for one cause.
type exposure struct {
	lot      *lot
	cause    *hold
	reason   db.ExposureReason
	from, to time.Time // to is zero while the cause lasts
}

// close ends the history at a moment: what was not known by then has not happened. It gives what is left its ids and codes,
// and finds from the records alone what remains of each lot, where it stands and what is exposed.
func (h *history) close(now time.Time, seed uint64) {
	known := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	h.forget(known)
	h.name(seed)
	h.weigh()
	for _, l := range h.lots {
		l.status = l.stands()
	}
	h.expose()
}

// forget drops what was not known yet.
func (h *history) forget(known func(time.Time) bool) {
	h.runs = slices.DeleteFunc(h.runs, func(r *run) bool { return !known(r.started) })
	for _, r := range h.runs {
		if !known(r.ended) {
			r.ended, r.outcome, r.reason = time.Time{}, db.RunStatusRUNNING, ""
		} else if r.outcome == db.RunStatusCOMPLETED && known(r.archived) {
			r.outcome = db.RunStatusARCHIVED
		}
		for gate, checks := range r.checks {
			r.checks[gate] = slices.DeleteFunc(checks, func(d *decision) bool { return !known(d.at) })
		}
	}
	h.lots = slices.DeleteFunc(h.lots, func(l *lot) bool { return !known(l.registered) })
	for _, l := range h.lots {
		for gate, decisions := range l.decisions {
			l.decisions[gate] = slices.DeleteFunc(decisions, func(d *decision) bool { return !known(d.at) })
		}
	}
	h.moves = slices.DeleteFunc(h.moves, func(m *move) bool { return !known(m.recorded) })
	h.decisions = slices.DeleteFunc(h.decisions, func(d *decision) bool { return !known(d.at) })
	h.holds = slices.DeleteFunc(h.holds, func(s *hold) bool { return !known(s.from) })
	for _, s := range h.holds {
		if !known(s.ended) {
			s.ended, s.endedBy, s.outcome, s.why = time.Time{}, nil, "", ""
		}
	}
	h.deviations = slices.DeleteFunc(h.deviations, func(d *deviation) bool { return !known(d.opened) })
	for _, d := range h.deviations {
		d.holds = slices.DeleteFunc(d.holds, func(s *hold) bool { return !known(s.from) })
		d.settle(known)
	}
	h.alerts = slices.DeleteFunc(h.alerts, func(a *alert) bool { return !known(a.raised) })
	for _, a := range h.alerts {
		if !known(a.acknowledged) {
			a.acknowledged = time.Time{}
		}
	}
}

// name gives everything its id and what has a code its code.
func (h *history) name(seed uint64) {
	codes := numbering{}
	arrange(h.runs, newIDs(seed, 11), func(r *run) time.Time { return r.started }, func(r *run, id uuid.UUID) {
		r.id, r.code = id, codes.code(r.line.plant, "RUN", r.started)
	})
	arrange(h.lots, newIDs(seed, 12), func(l *lot) time.Time { return l.registered }, func(l *lot, id uuid.UUID) {
		l.id, l.code = id, codes.code(l.line.plant, l.kind.Code, l.occurred)
	})
	arrange(h.moves, newIDs(seed, 13), func(m *move) time.Time { return m.recorded }, func(m *move, id uuid.UUID) { m.id = id })
	arrange(h.decisions, newIDs(seed, 14), func(d *decision) time.Time { return d.at }, func(d *decision, id uuid.UUID) { d.id = id })
	arrange(h.holds, newIDs(seed, 15), func(s *hold) time.Time { return s.from }, func(s *hold, id uuid.UUID) { s.id = id })
	signatures := newIDs(seed, 18)
	arrange(h.deviations, newIDs(seed, 17), func(d *deviation) time.Time { return d.opened }, func(d *deviation, id uuid.UUID) {
		d.id, d.code, d.signature = id, codes.code(d.line.plant, "DEV", d.opened), signatures.at(d.opened)
	})
	arrange(h.alerts, newIDs(seed, 16), func(a *alert) time.Time { return a.raised }, func(a *alert, id uuid.UUID) { a.id = id })
}

// weigh finds what remains of each lot, and what was made of it, from the moves in force.
func (h *history) weigh() {
	for _, l := range h.lots {
		l.left, l.children = l.amount, nil
	}
	for _, m := range h.moves {
		if !m.voided.IsZero() {
			continue
		}
		for _, in := range m.in {
			in.lot.left -= in.amount
			for _, out := range m.out {
				in.lot.children = append(in.lot.children, out.lot)
			}
		}
		for _, out := range m.out {
			out.lot.made = m
		}
	}
}

// stands is a lot's status: DOMAIN's life of a lot.
func (l *lot) stands() db.LotStatus {
	if s := l.held(); s != nil && s.outcome == db.HoldOutcomeREJECTED {
		return db.LotStatusREJECTED
	}
	if l.left == 0 && !l.unknown {
		if l.kind.Code == "SHIP" {
			return db.LotStatusSHIPPED
		}
		return db.LotStatusCONSUMED
	}
	for _, g := range l.line.def.GatesOf(l.kind.Code) {
		if g.Mode == definition.ModeBlocking {
			if _, ok := l.passed(g, nil); !ok && !l.movesOn(g) {
				return db.LotStatusQUARANTINE
			}
		}
	}
	return db.LotStatusRELEASED
}

// expose finds, for each hold, what was made of its lot before it ended; after a rejection, for good.
func (h *history) expose() {
	for _, s := range h.holds {
		for _, l := range s.lot.descendants() {
			if s.ended.IsZero() || l.registered.Before(s.ended) {
				h.exposures = append(h.exposures, exposure{l, s, db.ExposureReasonHOLD, later(s.from, l.registered), s.ended})
			}
			if s.outcome == db.HoldOutcomeREJECTED {
				h.exposures = append(h.exposures, exposure{l, s, db.ExposureReasonREJECTED, later(s.ended, l.registered), time.Time{}})
			}
		}
	}
}

// descendants are all lots made of a lot, each once.
func (l *lot) descendants() []*lot {
	seen := map[*lot]bool{l: true}
	var out []*lot
	for next := l.children; len(next) > 0; {
		var further []*lot
		for _, c := range next {
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
				further = append(further, c.children...)
			}
		}
		next = further
	}
	return out
}
