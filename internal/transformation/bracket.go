package transformation

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/internal/qc"
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
	return qc.StopBracketed(ctx, b.tx, b.library, lots, true)
}

// ofTheLine reports whether a failed check at the gate may stop what the line makes.
func ofTheLine(g *scenario.GateOf) bool {
	return !g.PerLot && (g.Bracketing || g.Mode == definition.ModeBlocking)
}
