package qc

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
	"flowviz/internal/scenario"
)

// StopBracketed holds those of some lots that failed checks of their line bracket and that aren't held for these, check by check: what is recorded after the
// check was (atBirth: by this transaction), or what a PASS had cleared that is corrected. Each check goes on with its deviation while that is open, and
// raises an alert; of what a line makes, one stands for all until somebody has seen it.
func StopBracketed(ctx context.Context, tx *command.Tx, library *scenario.Library, lots []uuid.UUID, atBirth bool) error {
	if len(lots) == 0 {
		return nil
	}
	rows, err := tx.BracketingChecks(ctx, lots)
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].DecisionID == rows[0].DecisionID {
			n++
		}
		if err := stopFor(ctx, tx, library, rows[:n], atBirth); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// stopLater holds what the line made before it was told: after a check that failed, at a gate that blocks and doesn't bracket; and what a PASS had cleared
// on equipment that its correction isn't about.
func (c *check) stopLater(ctx context.Context) error {
	if c.lot != nil {
		return nil
	}
	var lots []uuid.UUID
	if c.Decision != db.QcOutcomePASS && !c.gate.Bracketing {
		found, err := c.bracketed(ctx, c.equipment)
		if err != nil {
			return err
		}
		lots = append(lots, found...)
	}
	if c.old != nil && c.old.Decision == db.QcOutcomePASS && text(c.old.Equipment) != text(c.equipment) {
		found, err := c.bracketed(ctx, c.old.Equipment)
		if err != nil {
			return err
		}
		lots = append(lots, found...)
	}
	return StopBracketed(ctx, c.tx, c.library, lots, false)
}

// bracketed are the lots of a line between the PASSes around its check, on some equipment or any.
func (c *check) bracketed(ctx context.Context, equipment *string) ([]uuid.UUID, error) {
	return c.tx.BracketedLots(ctx, db.BracketedLotsParams{
		RunID: c.run.ID, SiteID: c.site, LotTypeIds: typesOf(c.gate), GateID: c.gate.ID, Since: c.at, Until: &c.at, Equipment: equipment,
	})
}

// stopFor holds lots for one check, under its deviation while that is open.
func stopFor(ctx context.Context, tx *command.Tx, library *scenario.Library, rows []db.BracketingChecksRow, atBirth bool) error {
	check := rows[0]
	o := hold.Opening{
		Reason:    fmt.Sprintf("Gate %s, %s of the line at %s, and no PASS between: %s", check.Number, check.Decision, check.CheckedAt.Format(time.RFC3339), check.Notes),
		Deviation: check.DeviationID, Decision: &check.DecisionID,
	}
	codes := make([]string, len(rows))
	for i, row := range rows {
		codes[i] = row.Code
		o.Lots = append(o.Lots, &lot.Use{Lot: &lot.Lot{Lot: db.Lot{
			ID: row.LotID, SiteID: row.SiteID, Code: row.Code, RunID: row.RunID, Status: row.Status, Held: row.Held,
		}}})
	}
	goesOn, err := deviation.Reconsider(ctx, tx, check.SiteID, check.DeviationID)
	if err != nil {
		return err
	}
	if !goesOn {
		version, err := library.Version(ctx, tx.Queries, check.ScenarioID)
		if err != nil {
			return err
		}
		n := deviation.New{Site: check.SiteID, Gate: version.GateByID(check.GateID), Run: check.RunID, Description: o.Reason}
		if o.Deviation, err = deviation.Open(ctx, tx, n); err != nil {
			return err
		}
	}
	a := alert.New{
		Site: check.SiteID, Kind: db.AlertKindQCHOLD, Severity: db.AlertSeverityWARNING, Run: check.RunID,
		Message: fmt.Sprintf("Held later: %s. %s", strings.Join(codes, ", "), o.Reason),
	}
	open := hold.Open
	if atBirth {
		open, a.Subject = hold.OpenAtBirth, "bracketed by "+check.DecisionID.String()
	}
	if _, err := open(ctx, tx, check.SiteID, o); err != nil {
		return err
	}
	_, err = alert.Raise(ctx, tx, a)
	return err
}
