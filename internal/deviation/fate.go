package deviation

import (
	"context"
	"slices"

	"flowviz/db"
	"flowviz/internal/command"
)

// fate is what has become of a lot, beside what should.
type fate struct {
	db.FatesInDeviationRow
	disposition *db.DeviationDisposition // its own, or that of all
}

// fates are those of all lots of a deviation, by their codes.
func fates(ctx context.Context, tx *command.Tx, d db.Deviation) ([]fate, error) {
	rows, err := tx.FatesInDeviation(ctx, db.FatesInDeviationParams{DeviationID: d.ID, SiteID: d.SiteID, Since: d.OpenedAt})
	out := make([]fate, len(rows))
	for i, row := range rows {
		out[i] = fate{row, row.Disposition}
		if row.Disposition == nil {
			out[i].disposition = d.Disposition
		}
	}
	return out, err
}

// lacks says what has to be done with the lot until it has become what its disposition says; "" where nothing.
func (f fate) lacks() string {
	switch {
	case f.disposition == nil:
		return "has no disposition"
	case f.Held:
		return "is still held: release or reject it first"
	}
	released, rejected := *f.Outcome == db.HoldOutcomeRELEASED, *f.Outcome == db.HoldOutcomeREJECTED
	switch *f.disposition {
	case db.DeviationDispositionRELEASE, db.DeviationDispositionDOWNGRADE:
		if !released {
			return "was rejected"
		}
	case db.DeviationDispositionREWORK:
		if !f.went(db.LotStatusCONSUMED, db.TransformationKindREWORK) {
			return "was not reworked: all of it goes into a REWORK"
		}
	case db.DeviationDispositionDESTROY:
		if !rejected && !f.went(db.LotStatusCONSUMED, db.TransformationKindWASTE) {
			return "was neither rejected nor wasted"
		}
	case db.DeviationDispositionRETURN:
		// What is rejected can't be shipped: who fetches it leaves no other trace here.
		if !rejected && !f.went(db.LotStatusSHIPPED, db.TransformationKindSHIP) {
			return "was neither shipped back nor rejected"
		}
	}
	return ""
}

// went reports whether nothing remains of the lot, and it was used so since the deviation was opened.
func (f fate) went(status db.LotStatus, kind db.TransformationKind) bool {
	return f.Status == status && slices.Contains(f.UsedBy, string(kind))
}
