package qc

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/scenario"
)

// Passing is what passed a gate in a span of time.
type Passing struct {
	Site       int32
	Gate       *scenario.GateOf
	ScenarioID uuid.UUID  // of its version
	Since      time.Time  // not earlier
	Until      *time.Time // earlier; nil for all since
	Equipment  *string    // on which the line was checked; nil for any
}

// Passed finds the lots: at a gate of each lot, those of which a standing decision of that time says so; at one of the line, all that its runs
// made between the last standing PASS before the time and the first one after it. Never nil.
func Passed(ctx context.Context, tx *command.Tx, p Passing) ([]uuid.UUID, error) {
	found := []uuid.UUID{}
	if p.Gate.PerLot {
		passed, err := tx.LotsPassedAtGate(ctx, db.LotsPassedAtGateParams{SiteID: p.Site, GateID: p.Gate.ID, Since: p.Since, Until: p.Until})
		return append(found, passed...), err
	}
	runs, err := tx.RunsAtGate(ctx, db.RunsAtGateParams{SiteID: p.Site, ScenarioID: p.ScenarioID, Since: p.Since, Until: p.Until})
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		lots, err := tx.BracketedLots(ctx, db.BracketedLotsParams{
			RunID: run, SiteID: p.Site, LotTypeIds: typesOf(p.Gate), GateID: p.Gate.ID, Since: p.Since, Until: p.Until, Equipment: p.Equipment,
		})
		if err != nil {
			return nil, err
		}
		found = append(found, lots...)
	}
	return found, nil
}

// typesOf are the lot types that a gate applies to.
func typesOf(gate *scenario.GateOf) []uuid.UUID {
	ids := make([]uuid.UUID, len(gate.Of))
	for i, t := range gate.Of {
		ids[i] = t.ID
	}
	return ids
}
