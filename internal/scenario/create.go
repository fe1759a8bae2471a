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

// Creation is a new version as somebody wrote it.
type Creation struct {
	Definition json.RawMessage

	IdempotencyKey *string
}

// Create makes a DRAFT of a definition, and returns its id; it takes a MANAGER. BAD_USER_INPUT names each fault of the definition, CONFLICT
// on definition.version a version that is there already.
func (s *Service) Create(ctx context.Context, c Creation) (uuid.UUID, error) {
	if err := mayManage(ctx); err != nil {
		return uuid.Nil, err
	}
	def, err := parse(c.Definition)
	if err != nil {
		return uuid.Nil, err
	}
	call := command.Call{Mutation: "createScenario", Key: c.IdempotencyKey, Input: c}
	return command.DoEverywhere(ctx, s.commands, call, func(tx *command.Tx, sites []int32) (uuid.UUID, error) {
		made, err := draft(ctx, tx, def)
		if err != nil {
			return uuid.Nil, inDefinition(err)
		}
		tell(tx, sites, made, audit.Entry{Action: audit.CreateScenario, After: made.content()})
		return made.ID, nil
	})
}

// Copying is a version that begins as another one, of any status.
type Copying struct {
	ScenarioID relay.ID
	Version    string
	Key        *string // of a new scenario; nil for a version of the same one

	IdempotencyKey *string
}

// Copy makes a DRAFT that has the definition of another version, under a number of its own, and returns its id; it takes a MANAGER.
// BAD_USER_INPUT names a bad version or key, NOT_FOUND a version that isn't there, CONFLICT one that is there already.
func (s *Service) Copy(ctx context.Context, c Copying) (uuid.UUID, error) {
	if err := mayManage(ctx); err != nil {
		return uuid.Nil, err
	}
	if err := c.ScenarioID.Require(relay.Scenario, "scenarioId"); err != nil {
		return uuid.Nil, err
	}
	call := command.Call{Mutation: "copyScenario", Key: c.IdempotencyKey, Input: c}
	return command.DoEverywhere(ctx, s.commands, call, func(tx *command.Tx, sites []int32) (uuid.UUID, error) {
		from, err := read(ctx, tx.Queries, c.ScenarioID.UUID)
		if err != nil {
			return uuid.Nil, err
		}
		def, err := c.of(from)
		if err != nil {
			return uuid.Nil, err
		}
		made, err := draft(ctx, tx, def)
		if err != nil {
			return uuid.Nil, err
		}
		after := made.content()
		after["copyOf"] = from.Key + " " + from.Version
		tell(tx, sites, made, audit.Entry{Action: audit.CopyScenario, After: after})
		return made.ID, nil
	})
}

// of is the definition under its new name. What is wrong with version and key is named as the caller gave them; what the format has
// come to refuse since the version was written is named in the definition.
func (c Copying) of(from *Scenario) (*definition.Scenario, error) {
	var def definition.Scenario
	if err := json.Unmarshal(from.Definition, &def); err != nil {
		return nil, fmt.Errorf("read the stored scenario %s %s: %w", from.Key, from.Version, err)
	}
	def.Version = c.Version
	if c.Key != nil {
		def.Key = *c.Key
	}
	raw, err := json.Marshal(&def)
	if err != nil {
		return nil, fmt.Errorf("encode a copy of %s %s: %w", from.Key, from.Version, err)
	}
	checked, faults, err := definition.Check(raw)
	if err != nil {
		return nil, err
	}
	var list fault.List
	for _, f := range bounded(faults) {
		switch f.Pointer {
		case "/version", "/key":
			list = append(list, fault.BadInput(f.Path(), "%s", f.Message))
		default:
			list = append(list, fault.BadInput("scenarioId", "%s", f))
		}
	}
	return checked, list.Err()
}

// draft stores a definition.
func draft(ctx context.Context, tx *command.Tx, def *definition.Scenario) (*Scenario, error) {
	content, err := json.Marshal(def)
	if err != nil {
		return nil, fmt.Errorf("encode scenario %s %s: %w", def.Key, def.Version, err)
	}
	s := storing{q: tx.Queries, def: def, newID: tx.NewID, scenario: tx.NewID()}
	if err := s.all(ctx, db.ScenarioStatusDRAFT, content); err != nil {
		return nil, err
	}
	return read(ctx, tx.Queries, s.scenario)
}

// inDefinition names the field of a fault as part of the definition that the caller gave.
func inDefinition(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	return &fault.Error{Code: f.Code, Field: "definition." + f.Field, Message: f.Message}
}
