package scenario

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// Change is a draft as it is to be.
type Change struct {
	ScenarioID relay.ID
	Definition json.RawMessage

	IdempotencyKey *string
}

// Change rewrites a DRAFT with all its parts, which get new ids, and returns its id; it takes a MANAGER. The version may be another one, the key
// stays. BAD_USER_INPUT names each fault of the definition, CONFLICT on definition.version a version that is there
// already; FAILED_PRECONDITION where it is no DRAFT.
func (s *Service) Change(ctx context.Context, c Change) (uuid.UUID, error) {
	if err := mayManage(ctx); err != nil {
		return uuid.Nil, err
	}
	if err := c.ScenarioID.Require(relay.Scenario, "scenarioId"); err != nil {
		return uuid.Nil, err
	}
	def, err := parse(c.Definition)
	if err != nil {
		return uuid.Nil, err
	}
	call := command.Call{Mutation: "changeScenario", Key: c.IdempotencyKey, Input: c}
	return command.DoEverywhere(ctx, s.commands, call, func(tx *command.Tx, sites []int32) (uuid.UUID, error) {
		_, before, err := lock(ctx, tx, c.ScenarioID)
		if err != nil {
			return uuid.Nil, err
		}
		if err := before.require(db.ScenarioStatusDRAFT, "changed"); err != nil {
			return uuid.Nil, err
		}
		if def.Key != before.Key {
			return uuid.Nil, fault.BadInput("definition.key", "this is a version of %s: keep its key, or make a new scenario by a copy", before.Key)
		}
		if err := rewrite(ctx, tx, before.ID, def); err != nil {
			return uuid.Nil, err
		}
		after, err := read(ctx, tx.Queries, before.ID)
		if err != nil {
			return uuid.Nil, err
		}
		tell(tx, sites, after, audit.Entry{Action: audit.ChangeScenario, Before: before.content(), After: after.content()})
		return after.ID, nil
	})
}

func rewrite(ctx context.Context, tx *command.Tx, id uuid.UUID, def *definition.Scenario) error {
	content, err := json.Marshal(def)
	if err != nil {
		return fmt.Errorf("encode scenario %s %s: %w", def.Key, def.Version, err)
	}
	n, err := tx.ChangeDraft(ctx, db.ChangeDraftParams{
		ID: id, Version: def.Version, Name: column(def.Name), Description: column(def.Description), Definition: content,
	})
	if err != nil {
		return inDefinition(db.Fault(err))
	}
	if n != 1 {
		return fmt.Errorf("change scenario %s %s: %d rows", def.Key, def.Version, n)
	}
	if err := tx.DropDraftParts(ctx, id); err != nil {
		return err
	}
	s := storing{q: tx.Queries, def: def, newID: tx.NewID, scenario: id}
	return s.parts(ctx)
}
