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

// Opener is hold.Open, or hold.OpenAtBirth.
type Opener func(ctx context.Context, tx *command.Tx, site int32, o hold.Opening) ([]uuid.UUID, error)

// StopBracketed holds those of some lots that failed checks of their line bracket and that aren't held for these, check by check: what is recorded after the
// check was, or what a PASS had cleared that is corrected. Each check raises an alert, and goes on with its deviation while that is open.
func StopBracketed(ctx context.Context, tx *command.Tx, library *scenario.Library, lots []uuid.UUID, open Opener) error {
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
		if err := stopFor(ctx, tx, library, rows[:n], open); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// stopUncleared holds what a corrected PASS of the line had cleared on equipment that the correction isn't about.
func (c *check) stopUncleared(ctx context.Context) error {
	if c.lot != nil || c.old == nil || c.old.Decision != db.QcOutcomePASS || text(c.old.Equipment) == text(c.equipment) {
		return nil
	}
	lots, err := c.bracketed(ctx, c.old.Equipment)
	if err != nil {
		return err
	}
	return StopBracketed(ctx, c.tx, c.library, lots, hold.Open)
}

// bracketed are the lots of a line between the PASSes around its check, on some equipment or any.
func (c *check) bracketed(ctx context.Context, equipment *string) ([]uuid.UUID, error) {
	return c.tx.BracketedLots(ctx, db.BracketedLotsParams{
		RunID: c.run.ID, SiteID: c.site, LotTypeIds: typesOf(c.gate), GateID: c.gate.ID, Since: c.at, Until: &c.at, Equipment: equipment,
	})
}

// stopFor holds lots for one check, under its deviation while that is open.
func stopFor(ctx context.Context, tx *command.Tx, library *scenario.Library, rows []db.BracketingChecksRow, open Opener) error {
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
	if _, err := open(ctx, tx, check.SiteID, o); err != nil {
		return err
	}
	_, err = alert.Raise(ctx, tx, alert.New{
		Site: check.SiteID, Kind: db.AlertKindQCHOLD, Severity: db.AlertSeverityWARNING, Run: check.RunID, Subject: "bracketed by " + check.DecisionID.String(),
		Message: fmt.Sprintf("Held later: %s. %s", strings.Join(codes, ", "), o.Reason),
	})
	return err
}
