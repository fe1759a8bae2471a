package transformation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
	"flowviz/internal/deviation"
	"flowviz/internal/hold"
	"flowviz/internal/lot"
)

// stopAfterFailure holds new lots that were made after a check of their line found something and before the next one passed. They are part of what that
// check brackets, which held only what was there by then; without a hold they would wait in QUARANTINE, and no release would lead out.
func (b *booking) stopAfterFailure(ctx context.Context) error {
	var waiting []uuid.UUID
	born := map[uuid.UUID]bool{}
	for _, l := range b.born {
		born[l.ID] = true
	}
	for _, e := range b.entries {
		for i, id := range e.made {
			if born[id] && e.statuses[i] == db.LotStatusQUARANTINE {
				waiting = append(waiting, id)
			}
		}
	}
	return stopAfterFailure(ctx, b.tx, waiting, hold.OpenAtBirth)
}

// stopAfterFailure holds those of some lots that are part of what a failed check brackets and aren't held for it, check by check.
func stopAfterFailure(ctx context.Context, tx *command.Tx, lots []uuid.UUID, open func(context.Context, *command.Tx, int32, hold.Opening) ([]uuid.UUID, error)) error {
	if len(lots) == 0 {
		return nil
	}
	rows, err := tx.LotsAfterFailedChecks(ctx, lots)
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].DecisionID == rows[0].DecisionID {
			n++
		}
		if err := stopFor(ctx, tx, rows[:n], open); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// stopFor holds lots for one check, under its deviation while that is open.
func stopFor(ctx context.Context, tx *command.Tx, rows []db.LotsAfterFailedChecksRow, open func(context.Context, *command.Tx, int32, hold.Opening) ([]uuid.UUID, error)) error {
	check := rows[0]
	o := hold.Opening{
		Reason:    fmt.Sprintf("Made after the check of the line at %s, a %s: %s", check.CheckedAt.Format(time.RFC3339), check.Decision, check.Notes),
		Deviation: check.DeviationID, Decision: &check.DecisionID,
	}
	codes := make([]string, len(rows))
	for i, row := range rows {
		codes[i] = row.Code
		o.Lots = append(o.Lots, &lot.Use{Lot: &lot.Lot{Lot: db.Lot{ID: row.LotID, SiteID: row.SiteID, Code: row.Code, RunID: row.RunID}}})
	}
	goesOn, err := deviation.Reconsider(ctx, tx, check.SiteID, check.DeviationID)
	if err != nil {
		return err
	}
	if !goesOn {
		if o.Deviation, err = deviation.Open(ctx, tx, deviation.New{Site: check.SiteID, Run: check.RunID, Description: o.Reason}); err != nil {
			return err
		}
	}
	if _, err := open(ctx, tx, check.SiteID, o); err != nil {
		return err
	}
	_, err = alert.Raise(ctx, tx, alert.New{
		Site: check.SiteID, Kind: db.AlertKindQCHOLD, Severity: db.AlertSeverityWARNING, Run: check.RunID, Subject: "after " + check.DecisionID.String(),
		Message: fmt.Sprintf("The line goes on though its check failed: %s. %s", strings.Join(codes, ", "), o.Reason),
	})
	return err
}
