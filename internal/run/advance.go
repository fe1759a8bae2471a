package run

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
)

// Advance takes a run from phase n to n + 1; it takes an OPERATOR. FAILED_PRECONDITION names each lot of the run that lacks a PASS at a
// blocking gate of the current phase, or is stopped, with the gate: rule 1 of the domain. At a gate with positive release a lot moves on
// before its result is there.
func (s *Service) Advance(ctx context.Context, in Ending) (uuid.UUID, error) {
	if err := in.RunID.Require(relay.Run, "runId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "advancePhase", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (uuid.UUID, error) {
		r, err := lock(ctx, tx, in.RunID, identity.Operate)
		if err != nil {
			return uuid.Nil, err
		}
		if err := isOneOf(r, []db.RunStatus{db.RunStatusRUNNING}); err != nil {
			return uuid.Nil, err
		}
		version, err := s.library.Version(ctx, tx.Queries, r.ScenarioID)
		if err != nil {
			return uuid.Nil, err
		}
		now := version.PhaseByID(r.PhaseID)
		next := version.Phase(now.Number + 1)
		if next == nil {
			return uuid.Nil, fault.New(fault.FailedPrecondition, "runId", "%s is in its last phase: complete it", r.Code)
		}
		o := obstacles{run: r, gates: blocking(now.Gates), passed: (*lot.GateState).Passed}
		if err := o.find(ctx, tx); err != nil {
			return uuid.Nil, err
		}
		if err := o.findLines(ctx, tx, ofNoLot(o.gates)); err != nil {
			return uuid.Nil, err
		}
		if err := o.faults.Err(); err != nil {
			return uuid.Nil, err
		}
		return r.ID, enter(ctx, tx, r, now, next)
	})
}

// ofNoLot are the gates that check the line itself.
func ofNoLot(gates []*scenario.GateOf) []*scenario.GateOf {
	var out []*scenario.GateOf
	for _, g := range gates {
		if len(g.Of) == 0 {
			out = append(out, g)
		}
	}
	return out
}

func enter(ctx context.Context, tx *command.Tx, r db.Run, now, next *scenario.PhaseOf) error {
	if err := tx.SetRunPhase(ctx, db.SetRunPhaseParams{PhaseID: next.ID, PhaseSince: &tx.At, ID: r.ID, SiteID: r.SiteID}); err != nil {
		return err
	}
	subject := (&Run{r}).GlobalID()
	tx.Audit(audit.Entry{
		Site: r.SiteID, Action: audit.AdvanceRun, Subject: subject, Label: r.Code,
		Before: audit.Fields{"phase": now.Number}, After: audit.Fields{"phase": next.Number},
	})
	tx.Tell(event.Event{Type: event.RunPhaseAdvanced, Site: r.SiteID, Subject: subject, Run: &r.ID, Data: map[string]any{"before": now.Number, "after": next.Number}})
	return nil
}

// keepsFromCompletion refuses to complete a run before its last phase, with a blocking gate that isn't passed, or with lots that nobody
// has measured. Here a result that comes later must have come.
func (s *Service) keepsFromCompletion(ctx context.Context, tx *command.Tx, r db.Run) error {
	version, err := s.library.Version(ctx, tx.Queries, r.ScenarioID)
	if err != nil {
		return err
	}
	if now := version.PhaseByID(r.PhaseID); now != version.LastPhase() {
		return fault.New(fault.FailedPrecondition, "runId", "%s is in phase %d of %d: advance it first", r.Code, now.Number, version.LastPhase().Number)
	}
	gates := blocking(version.Gates)
	o := obstacles{run: r, gates: gates, passed: func(g *lot.GateState) bool { return g.Passed() && g.MayLeave() }}
	if err := o.find(ctx, tx); err != nil {
		return err
	}
	var lines []*scenario.GateOf
	for _, g := range gates {
		if !g.PerLot {
			lines = append(lines, g)
		}
	}
	if err := o.findLines(ctx, tx, lines); err != nil {
		return err
	}
	unmeasured, err := tx.UnmeasuredLotsOfRun(ctx, db.UnmeasuredLotsOfRunParams{RunID: &r.ID, SiteID: r.SiteID})
	if err != nil {
		return err
	}
	for _, code := range unmeasured {
		o.add("nobody has measured %s yet (measureLot)", code)
	}
	return o.faults.Err()
}
