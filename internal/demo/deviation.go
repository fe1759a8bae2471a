package demo

import (
	"crypto/sha256"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	rules "flowviz/internal/deviation"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// deviation is what a HOLD or FAIL opens, or a person who holds lots: the operator describes it, the manager verifies and closes it when
// all its lots have been released or rejected.
type deviation struct {
	id            uuid.UUID
	code          string
	line          *line
	gate          *definition.Gate // nil where a person held lots without one
	run           *run             // nil for none
	description   string
	cause, action string
	opened        time.Time
	by            *user
	holds         []*hold
	// described, verified and closed are zero where that hasn't happened.
	described, verified, closed time.Time
	signature                   uuid.UUID
}

// deviate opens a deviation. One without a cause is still being looked into.
func (l *line) deviate(of deviation) *deviation {
	of.line = l
	l.h.deviations = append(l.h.deviations, &of)
	return &of
}

const (
	verification = "Seen on the spot: what is written was done, and every lot is where it belongs"
	closeReason  = "Lots, cause and corrective action are settled"
)

// settle finds when a deviation was described, verified and closed, as far as that is known.
func (d *deviation) settle(known func(time.Time) bool) {
	at := d.opened.Add(35 * time.Minute)
	if d.cause == "" || !known(at) {
		return
	}
	d.described = at
	for _, h := range d.holds {
		if h.ended.IsZero() {
			return
		}
		at = later(at, h.ended)
	}
	if at = at.Add(time.Hour); known(at) {
		d.verified = at
	}
	if at = at.Add(20 * time.Minute); known(at) {
		d.closed = at
	}
}

// disposition is what became of the lots; where some were rejected and others not, of those that were not.
func (d *deviation) disposition() *db.DeviationDisposition {
	if d.described.IsZero() || len(d.holds) == 0 {
		return nil
	}
	for _, h := range d.holds {
		if h.outcome != db.HoldOutcomeREJECTED {
			return new(db.DeviationDispositionRELEASE)
		}
	}
	return new(db.DeviationDispositionDESTROY)
}

// disposition is what became of the lot where that isn't what became of the others; nil where it is.
func (h *hold) disposition() *db.DeviationDisposition {
	if all := h.deviation.disposition(); all != nil && *all == db.DeviationDispositionRELEASE && h.outcome == db.HoldOutcomeREJECTED {
		return new(db.DeviationDispositionDESTROY)
	}
	return nil
}

func (w *writer) deviation(d *deviation) db.CopyDeviationsParams {
	severity := rules.SeverityAt(d.gate)
	row := db.CopyDeviationsParams{
		ID: d.id, SiteID: w.site(d.line), Code: d.code, Severity: severity, Description: d.description, OpenedAt: d.opened, OpenedBy: d.by.id,
		DueAt: d.opened.Add(rules.Term(severity)), DescribedBy: []uuid.UUID{},
	}
	if d.gate != nil {
		row.GateID = new(w.of(d.line).gates[d.gate.Number.Round(2).String()])
	}
	if d.run != nil {
		row.RunID = &d.run.id
	}
	if !d.described.IsZero() {
		row.Cause, row.CorrectiveAction, row.Disposition = &d.cause, &d.action, d.disposition()
		row.DescribedAt, row.DescribedBy = &d.described, []uuid.UUID{w.h.users.operator.id}
	}
	if !d.verified.IsZero() {
		row.Verification, row.VerifiedAt, row.VerifiedBy = new(verification), &d.verified, &w.h.users.manager.id
	}
	if !d.closed.IsZero() {
		row.CloseReason, row.ClosedAt, row.ClosedBy, row.SignatureID = new(closeReason), &d.closed, &w.h.users.manager.id, &d.signature
	}
	return row
}

// sign is the signature by which a deviation was closed.
func (w *writer) sign(d *deviation) db.Signature {
	hash := sha256.Sum256(w.json(rules.Signed(w.about(d), closeReason)))
	return db.Signature{ID: d.signature, UserID: w.h.users.manager.id, Meaning: rules.Meaning, ContentHash: hash[:], SignedAt: d.closed}
}

// signatures are those by which deviations were closed.
func (w *writer) signatures() []db.InsertSignatureParams {
	var all []db.InsertSignatureParams
	for _, d := range w.h.deviations {
		if !d.closed.IsZero() {
			all = append(all, db.InsertSignatureParams(w.sign(d)))
		}
	}
	return all
}

func (w *writer) about(d *deviation) relay.ID {
	return relay.ID{Kind: relay.Deviation, Site: w.site(d.line), UUID: d.id}
}

// deviated is what was done about a deviation, for the audit log.
func (w *writer) deviated(d *deviation) []entry {
	subject := w.about(d)
	event := func(at time.Time, by *user, action audit.Action, before, after any) entry {
		return entry{at, by, audit.Entry{Site: subject.Site, Action: action, Subject: subject, Label: d.code, Before: before, After: after}}
	}
	entries := []entry{event(d.opened, d.by, audit.OpenDeviation, nil, audit.Fields{"description": d.description, "severity": rules.SeverityAt(d.gate)})}
	if !d.described.IsZero() {
		entries = append(entries, event(d.described, w.h.users.operator, audit.DescribeDeviation,
			audit.Fields{"cause": nil, "correctiveAction": nil}, audit.Fields{"cause": d.cause, "correctiveAction": d.action}))
	}
	if !d.verified.IsZero() {
		entries = append(entries, event(d.verified, w.h.users.manager, audit.VerifyDeviation,
			audit.Fields{"verification": nil}, audit.Fields{"verification": verification}))
	}
	if !d.closed.IsZero() {
		closing := event(d.closed, w.h.users.manager, audit.CloseDeviation,
			audit.Fields{"status": db.DeviationStatusVERIFIED}, audit.Fields{"status": db.DeviationStatusCLOSED})
		closing.Reason, closing.Signature = closeReason, new(w.sign(d))
		entries = append(entries, closing)
	}
	return entries
}
