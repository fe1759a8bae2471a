package transformation

import (
	"context"
	"fmt"
	"slices"
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
	"flowviz/internal/scenario/definition"
)

// stopBracketed holds new lots that a failed check of their line brackets: what the line made after it and before the next PASS, or before it and is recorded
// only now. The check held what was there by then; without a hold the others would wait in QUARANTINE, and no release would lead out.
func (b *booking) stopBracketed(ctx context.Context) error {
	var lots []uuid.UUID
	for _, e := range b.entries {
		for i, t := range e.types {
			if e.run != nil && slices.ContainsFunc(t.Gates, ofTheLine) {
				lots = append(lots, e.made[i])
			}
		}
	}
	return stopBracketed(ctx, b.tx, b.library, lots, hold.OpenAtBirth)
}

// ofTheLine reports whether a failed check at the gate may stop what the line makes.
func ofTheLine(g *scenario.GateOf) bool {
	return !g.PerLot && (g.Bracketing || g.Mode == definition.ModeBlocking)
}

// opener is hold.Open, or hold.OpenAtBirth.
type opener func(ctx context.Context, tx *command.Tx, site int32, o hold.Opening) ([]uuid.UUID, error)

// stopBracketed holds those of some lots that failed checks of their line bracket and that aren't held for these, check by check.
func stopBracketed(ctx context.Context, tx *command.Tx, library *scenario.Library, lots []uuid.UUID, open opener) error {
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

// stopFor holds lots for one check, under its deviation while that is open.
func stopFor(ctx context.Context, tx *command.Tx, library *scenario.Library, rows []db.BracketingChecksRow, open opener) error {
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
		Message: fmt.Sprintf("Held when they were recorded: %s. %s", strings.Join(codes, ", "), o.Reason),
	})
	return err
}
