package deviation

import (
	"context"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

const maxText = 2_000 // characters of a cause, a corrective action, a verification

// lock finds a deviation that isn't closed, where the actor has the permission, and keeps others from changing it. Its site is
// shared: no lot of it is stopped or let go meanwhile.
func lock(ctx context.Context, tx *command.Tx, id relay.ID, p identity.Permission) (db.Deviation, error) {
	at, err := tx.SiteOf(ctx, id, "deviationId", p)
	if err != nil {
		return db.Deviation{}, err
	}
	if err := tx.Share(ctx, at.ID); err != nil {
		return db.Deviation{}, err
	}
	row, err := tx.DeviationForChange(ctx, db.DeviationForChangeParams{ID: id.UUID, SiteID: at.ID})
	switch {
	case db.NoRows(err):
		return row, fault.New(fault.NotFound, "deviationId", "there is no such Deviation")
	case err != nil:
		return row, err
	case row.ClosedAt != nil:
		return row, fault.New(fault.FailedPrecondition, "deviationId", "%s is closed: what it says stays so", row.Code)
	}
	return row, nil
}

// step is one change of a deviation.
type step struct {
	action audit.Action
	reason string
	lots   []*LotDisposition // what becomes of single lots
}

// save writes what became different, with the log and the stream; nothing where nothing did.
func (s step) save(ctx context.Context, tx *command.Tx, was, is db.Deviation) error {
	before, after, err := audit.Difference(values(was), values(is))
	if err != nil || len(after) == 0 {
		return err
	}
	if err := tx.UpdateDeviation(ctx, db.UpdateDeviationParams{
		DueAt: is.DueAt, ResponsibleID: is.ResponsibleID, Cause: is.Cause, CorrectiveAction: is.CorrectiveAction, Disposition: is.Disposition,
		DescribedAt: is.DescribedAt, DescribedBy: is.DescribedBy, Verification: is.Verification, VerifiedAt: is.VerifiedAt, VerifiedBy: is.VerifiedBy,
		ID: is.ID, SiteID: is.SiteID,
	}); err != nil {
		return err
	}
	if len(s.lots) > 0 {
		after["lots"] = s.lots
	}
	tx.Audit(audit.Entry{Site: is.SiteID, Action: s.action, Subject: globalID(is), Label: is.Code, Before: before, After: after, Reason: s.reason})
	tell(tx, is)
	return nil
}

func tell(tx *command.Tx, d db.Deviation) {
	tx.Tell(event.Event{Type: event.DeviationChanged, Site: d.SiteID, Subject: globalID(d), Run: d.RunID})
}

// values are what is said about a deviation while it is open, by the API's names.
func values(d db.Deviation) audit.Fields {
	fields := audit.Fields{
		"dueAt": d.DueAt, "responsible": nil, "cause": d.Cause, "correctiveAction": d.CorrectiveAction, "disposition": d.Disposition,
		"describedAt": d.DescribedAt, "verification": d.Verification, "verifiedAt": d.VerifiedAt,
	}
	if d.ResponsibleID != nil {
		fields["responsible"] = relay.ID{Kind: relay.User, UUID: *d.ResponsibleID}.String()
	}
	return fields
}

// unverified is a deviation that somebody has to verify again.
func unverified(d db.Deviation) db.Deviation {
	d.Verification, d.VerifiedAt, d.VerifiedBy = nil, nil, nil
	return d
}
