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
	"flowviz/internal/scenario/definition"
	"flowviz/internal/site"
)

// Advance takes a run from phase n to n + 1; it takes an OPERATOR. FAILED_PRECONDITION names each lot of the run that lacks a PASS at a
// blocking gate of the current phase, or is stopped, with the gate: rule 1 of the domain. At a gate with positive release a lot moves on
// before its result is there. Lots that nobody has checked at a CHECKPOINT of the phase raise an alert, and don't keep the run.
func (s *Service) Advance(ctx context.Context, in Ending) (Advanced, error) {
	if err := in.RunID.Require(relay.Run, "runId"); err != nil {
		return Advanced{}, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "advancePhase", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (Advanced, error) {
		r, at, err := lock(ctx, tx, in.RunID, identity.Operate)
		if err != nil {
			return Advanced{}, err
		}
		if err := isOneOf(r, []db.RunStatus{db.RunStatusRUNNING}); err != nil {
			return Advanced{}, err
		}
		version, err := s.library.Version(ctx, tx.Queries, r.ScenarioID)
		if err != nil {
			return Advanced{}, err
		}
		now := version.PhaseByID(r.PhaseID)
		next := version.Phase(now.Number + 1)
		if next == nil {
			return Advanced{}, fault.New(fault.FailedPrecondition, "runId", "%s is in its last phase: complete it", r.Code)
		}
		o := obstacles{run: r, gates: blocking(now.Gates), passed: (*lot.GateState).Passed}
		if err := o.find(ctx, tx); err != nil {
			return Advanced{}, err
		}
		if err := o.findLines(ctx, tx, ofNoLot(o.gates)); err != nil {
			return Advanced{}, err
		}
		if err := o.faults.Err(); err != nil {
			return Advanced{}, err
		}
		if err := missed(ctx, tx, r, checkpoints(now.Gates, false)); err != nil {
			return Advanced{}, err
		}
		if err := enter(ctx, tx, r, now, next); err != nil {
			return Advanced{}, err
		}
		announced, err := announce(ctx, tx, r, at, version, next)
		return Advanced{ID: r.ID, Lots: announced}, err
	})
}

// Advanced is a run in its new phase, and the lots that the phase will make where the run registers them by itself.
type Advanced struct {
	ID   uuid.UUID
	Lots []uuid.UUID
}

// announce registers what a phase brings, where the scenario lets it: one lot of each raw material, intermediate and finished type that it creates.
// Packaging is registered by who receives it, pallets and shipments by who packs them, and samples, waste and rework by who takes them: how many
// there will be, or whether any, nobody knows. Weights and temperatures are what somebody measures later.
func announce(ctx context.Context, tx *command.Tx, r db.Run, at db.Site, version *scenario.Version, phase *scenario.PhaseOf) ([]uuid.UUID, error) {
	if !r.AutoRegister {
		return nil, nil
	}
	if !phase.AutoRegister {
		return nil, nil
	}
	day, err := (&site.Site{Site: at}).ProductionDay(tx.At)
	if err != nil {
		return nil, err
	}
	a := lot.Announcement{Coder: lot.Coder{SiteID: at.ID, SiteCode: at.Code, Day: day}, RunID: r.ID, PhaseID: phase.ID}
	for _, code := range phase.Creates {
		kind := version.LotType(code)
		switch kind.Role {
		case definition.RoleRaw, definition.RoleIntermediate, definition.RoleFinished:
			a.Types = append(a.Types, lot.AnnouncedType{ID: kind.ID, Code: code, Status: kind.StatusAtBirth()})
		case definition.RolePackaging, definition.RoleLogistic, definition.RoleRework, definition.RoleSample, definition.RoleWaste:
		}
	}
	return lot.Announce(ctx, tx, a)
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
	if err := note(ctx, tx, r.ID, r.SiteID, next); err != nil {
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

// note keeps when the run entered a phase, and who took it there.
func note(ctx context.Context, tx *command.Tx, runID uuid.UUID, siteID int32, phase *scenario.PhaseOf) error {
	return tx.InsertRunPhase(ctx, db.InsertRunPhaseParams{RunID: runID, PhaseID: phase.ID, SiteID: siteID, EnteredAt: tx.At, EnteredBy: actor(tx)})
}

// missedAtEnd raises the alerts of all checkpoints, those of earlier phases for what came after the run had left them.
func (s *Service) missedAtEnd(ctx context.Context, tx *command.Tx, r db.Run) error {
	version, err := s.library.Version(ctx, tx.Queries, r.ScenarioID)
	if err != nil {
		return err
	}
	return missed(ctx, tx, r, checkpoints(version.Gates, true))
}

// keepsFromCompletion refuses to complete a run before its last phase, with a blocking gate that isn't passed, or with lots that nobody
// has made or measured. Here a result that comes later must have come.
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
	unfinished, err := tx.UnfinishedLotsOfRun(ctx, db.UnfinishedLotsOfRunParams{RunID: &r.ID, SiteID: r.SiteID})
	if err != nil {
		return err
	}
	for _, l := range unfinished {
		if l.Announced {
			o.add("nobody has made %s yet: record what it was made of, or its receipt, with it as the output, or drop it (dropLots)", l.Code)
		} else {
			o.add("nobody has measured %s yet (measureLot)", l.Code)
		}
	}
	return o.faults.Err()
}
