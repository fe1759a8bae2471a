package run

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

// obstacles are what keeps a run from going past some of its blocking gates: each lot that lacks a PASS there, and each that is held,
// rejected or exposed. passed says when a lot is past a gate.
type obstacles struct {
	run    db.Run
	gates  []*scenario.GateOf
	passed func(*lot.GateState) bool
	faults fault.List
}

func blocking(gates []*scenario.GateOf) []*scenario.GateOf {
	var out []*scenario.GateOf
	for _, g := range gates {
		if g.Mode == definition.ModeBlocking {
			out = append(out, g)
		}
	}
	return out
}

func (o *obstacles) add(format string, args ...any) {
	o.faults = append(o.faults, fault.New(fault.FailedPrecondition, "runId", format, args...))
}

// find looks at all lots of the run to which one of the gates applies.
func (o *obstacles) find(ctx context.Context, tx *command.Tx) error {
	lots, states, err := lotsAt(ctx, tx, o.run, o.gates)
	if err != nil {
		return err
	}
	wanted := map[uuid.UUID]*scenario.GateOf{}
	for _, g := range o.gates {
		wanted[g.ID] = g
	}
	for _, l := range lots {
		o.ofLot(l, states[l.ID], wanted)
	}
	return nil
}

func (o *obstacles) ofLot(l db.RunLotsOfTypesRow, states []*lot.GateState, wanted map[uuid.UUID]*scenario.GateOf) {
	unmade := ""
	if l.Announced && l.Status != db.LotStatusREJECTED {
		unmade = ", and nobody has made it yet: record what it was made of, or its receipt, with it as the output, or drop it (dropLots)"
	}
	var at []string
	for _, g := range states {
		gate := wanted[g.GateID]
		if gate == nil {
			continue
		}
		at = append(at, gate.Number.String())
		if !o.passed(g) {
			o.add("%s lacks the PASS of gate %s%s", l.Code, gate.Number, unmade)
		}
	}
	stopped := strings.Join(at, ", ")
	if l.Held {
		o.add("%s is held, and gate %s lets no such lot past: release or reject it", l.Code, stopped)
	}
	if l.Status == db.LotStatusREJECTED {
		o.add("%s is rejected, and gate %s lets no such lot past: abort the run", l.Code, stopped)
	}
	if l.Exposed {
		o.add("%s is exposed, and gate %s lets no such lot past: something that it was made of is held, rejected or recalled", l.Code, stopped)
	}
}

// findLines looks at the last check of the line, and of each equipment that was checked, at each of the gates that has no lot of its own.
func (o *obstacles) findLines(ctx context.Context, tx *command.Tx, gates []*scenario.GateOf) error {
	var ids []uuid.UUID
	for _, g := range gates {
		ids = append(ids, g.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := tx.LastLineChecks(ctx, db.LastLineChecksParams{RunID: &o.run.ID, SiteID: o.run.SiteID, GateIds: ids})
	if err != nil {
		return err
	}
	passed, failed := map[uuid.UUID]bool{}, map[uuid.UUID][]string{}
	for _, last := range rows {
		switch {
		case last.Equipment == nil:
			passed[last.GateID] = last.Decision == db.QcOutcomePASS
		case last.Decision != db.QcOutcomePASS:
			failed[last.GateID] = append(failed[last.GateID], *last.Equipment)
		}
	}
	for _, g := range gates {
		for _, equipment := range failed[g.ID] {
			o.add("%s lacks the PASS of gate %s", equipment, g.Number)
		}
		if !passed[g.ID] && len(failed[g.ID]) == 0 {
			o.add("the line lacks the PASS of gate %s", g.Number)
		}
	}
	return nil
}
