package scenario

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/relay"
)

// Submission is a draft that is ready to be read by others.
type Submission struct {
	ScenarioID relay.ID

	IdempotencyKey *string
}

// Submit makes a DRAFT one in REVIEW, which nobody rewrites any more, and returns its id; it takes a MANAGER. FAILED_PRECONDITION where it is no
// DRAFT; BAD_USER_INPUT names what the format has come to refuse since it was written.
func (s *Service) Submit(ctx context.Context, in Submission) (uuid.UUID, error) {
	return s.step(ctx, step{
		call: command.Call{Mutation: "submitScenario", Key: in.IdempotencyKey, Input: in}, id: in.ScenarioID,
		before: db.ScenarioStatusDRAFT, after: db.ScenarioStatusREVIEW, what: "submitted", entry: audit.Entry{Action: audit.SubmitScenario},
	})
}

// Return is a version that goes back to who writes it.
type Return struct {
	ScenarioID relay.ID
	Reason     string

	IdempotencyKey *string
}

// Return makes a version in REVIEW a DRAFT again, and returns its id; it takes a MANAGER, and says why. FAILED_PRECONDITION where it isn't in
// REVIEW.
func (s *Service) Return(ctx context.Context, in Return) (uuid.UUID, error) {
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return uuid.Nil, err
	}
	return s.step(ctx, step{
		call: command.Call{Mutation: "returnScenario", Key: in.IdempotencyKey, Input: in}, id: in.ScenarioID,
		before: db.ScenarioStatusREVIEW, after: db.ScenarioStatusDRAFT, what: "returned",
		entry: audit.Entry{Action: audit.ReturnScenario, Reason: strings.TrimSpace(in.Reason)},
	})
}

// Deprecation is a version that no new run may follow.
type Deprecation struct {
	ScenarioID relay.ID
	Reason     string

	IdempotencyKey *string
}

// Deprecate makes a PUBLISHED version DEPRECATED, and returns its id; it takes a MANAGER, and says why. Runs that pin it go on. The scenario
// can't be started until another version is published. FAILED_PRECONDITION where it isn't PUBLISHED.
func (s *Service) Deprecate(ctx context.Context, in Deprecation) (uuid.UUID, error) {
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return uuid.Nil, err
	}
	return s.step(ctx, step{
		call: command.Call{Mutation: "deprecateScenario", Key: in.IdempotencyKey, Input: in}, id: in.ScenarioID,
		before: db.ScenarioStatusPUBLISHED, after: db.ScenarioStatusDEPRECATED, what: "deprecated",
		entry: audit.Entry{Action: audit.DeprecateScenario, Reason: strings.TrimSpace(in.Reason)},
	})
}

// step is one in a version's life that changes its status alone.
type step struct {
	call          command.Call
	id            relay.ID
	before, after db.ScenarioStatus
	what          string // as a version is then: "submitted"
	entry         audit.Entry
}

func (s *Service) step(ctx context.Context, to step) (uuid.UUID, error) {
	if err := mayManage(ctx); err != nil {
		return uuid.Nil, err
	}
	if err := to.id.Require(relay.Scenario, "scenarioId"); err != nil {
		return uuid.Nil, err
	}
	return command.DoEverywhere(ctx, s.commands, to.call, func(tx *command.Tx, sites []int32) (uuid.UUID, error) {
		_, found, err := lock(ctx, tx, to.id)
		if err != nil {
			return uuid.Nil, err
		}
		if err := found.require(to.before, to.what); err != nil {
			return uuid.Nil, err
		}
		if to.after == db.ScenarioStatusREVIEW {
			if _, err := parse(found.Definition); err != nil {
				return uuid.Nil, err
			}
		}
		return found.ID, move(ctx, tx, sites, found, to.after, to.entry)
	})
}

// move gives a locked version another status, and tells.
func move(ctx context.Context, tx *command.Tx, sites []int32, s *Scenario, to db.ScenarioStatus, entry audit.Entry) error {
	n, err := tx.SetScenarioStatus(ctx, db.SetScenarioStatusParams{ID: s.ID, Status: to, Before: s.Status})
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("make %s %s %s: %d rows, though it is locked", s.Key, s.Version, to, n)
	}
	entry.Before = s.content()
	s.Status = to
	entry.After = s.content()
	tell(tx, sites, s, entry)
	return nil
}
