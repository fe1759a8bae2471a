package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// Store writes a version of a scenario: the definition whole, and the streams, phases, lot types and gates that other rows
// refer to. It runs in the caller's transaction: q belongs to one, so that a version is there whole or not at all.
//
// created is false where this very version is stored already with the same content: nothing is written then, whatever its
// status became. CONFLICT where it is stored with other content: a version never changes, the changed one takes a new number.
//
// One version of a key is PUBLISHED at most. Where another one is, a version asked for as PUBLISHED is stored as DRAFT, and
// somebody publishes it later: an import must not swap the definition that tomorrow's runs follow.
func Store(ctx context.Context, q *db.Queries, def *definition.Scenario, newID func() uuid.UUID, status db.ScenarioStatus) (created bool, err error) {
	content, err := json.Marshal(def)
	if err != nil {
		return false, fmt.Errorf("encode scenario %s %s: %w", def.Key, def.Version, err)
	}
	switch stored, err := q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: def.Key, Version: &def.Version}); {
	case err == nil:
		return false, sameContent(stored, content)
	case !db.NoRows(err):
		return false, err
	}
	if status, err = firstPublished(ctx, q, def.Key, status); err != nil {
		return false, err
	}
	s := storing{q: q, def: def, newID: newID, scenario: newID()}
	return true, s.all(ctx, status, content)
}

// sameContent is nil where the stored version is this content. jsonb orders keys its own way, so both are compared as this
// program writes them.
func sameContent(stored db.Scenario, content []byte) error {
	var def definition.Scenario
	if err := json.Unmarshal(stored.Definition, &def); err != nil {
		return fmt.Errorf("read the stored scenario %s %s: %w", stored.Key, stored.Version, err)
	}
	normal, err := json.Marshal(&def)
	if err != nil {
		return fmt.Errorf("encode the stored scenario %s %s: %w", stored.Key, stored.Version, err)
	}
	if !bytes.Equal(normal, content) {
		return fault.New(fault.Conflict, "version", "scenario %s %s is stored already with other content: give the changed one a new version", stored.Key, stored.Version)
	}
	return nil
}

// firstPublished is the status that a new version gets: DRAFT instead of PUBLISHED where another version is published.
func firstPublished(ctx context.Context, q *db.Queries, key string, status db.ScenarioStatus) (db.ScenarioStatus, error) {
	if status != db.ScenarioStatusPUBLISHED {
		return status, nil
	}
	switch _, err := q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: key}); {
	case err == nil:
		return db.ScenarioStatusDRAFT, nil
	case db.NoRows(err):
		return status, nil
	default:
		return "", err
	}
}

// storing is one definition on its way into the tables.
type storing struct {
	q        *db.Queries
	def      *definition.Scenario
	newID    func() uuid.UUID
	scenario uuid.UUID
}

func (s *storing) all(ctx context.Context, status db.ScenarioStatus, content []byte) error {
	if err := s.q.InsertScenario(ctx, db.InsertScenarioParams{
		ID: s.scenario, Key: s.def.Key, Version: s.def.Version, Name: column(s.def.Name), Description: column(s.def.Description),
		Status: status, Definition: content,
	}); err != nil {
		return db.Fault(err)
	}
	return s.parts(ctx)
}

// parts writes what other rows refer to.
func (s *storing) parts(ctx context.Context) error {
	streams, err := s.streams(ctx)
	if err != nil {
		return err
	}
	phases, err := s.phases(ctx, streams)
	if err != nil {
		return err
	}
	lotTypes, err := s.lotTypes(ctx)
	if err != nil {
		return err
	}
	return s.gates(ctx, phases, lotTypes)
}

// streams returns the ids by key.
func (s *storing) streams(ctx context.Context) (map[string]uuid.UUID, error) {
	ids := make(map[string]uuid.UUID, len(s.def.Streams))
	for _, st := range s.def.Streams {
		ids[st.Key] = s.newID()
		row := db.InsertStreamParams{ID: ids[st.Key], ScenarioID: s.scenario, Key: st.Key, Name: column(st.Name), Color: st.Color, SortOrder: int32(st.SortOrder)}
		if err := s.q.InsertStream(ctx, row); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// phases returns the ids by number.
func (s *storing) phases(ctx context.Context, streams map[string]uuid.UUID) (map[int]uuid.UUID, error) {
	ids := make(map[int]uuid.UUID, len(s.def.Phases))
	for _, p := range s.def.Phases {
		ids[p.Number] = s.newID()
		row := db.InsertPhaseParams{ID: ids[p.Number], ScenarioID: s.scenario, Number: int32(p.Number), Name: column(p.Name)}
		if p.Stream != nil {
			stream := streams[*p.Stream]
			row.StreamID = &stream
		}
		if err := s.q.InsertPhase(ctx, row); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// lotTypes returns the ids by code.
func (s *storing) lotTypes(ctx context.Context) (map[string]uuid.UUID, error) {
	ids := make(map[string]uuid.UUID, len(s.def.LotTypes))
	for i, t := range s.def.LotTypes {
		ids[t.Code] = s.newID()
		row := db.InsertLotTypeParams{
			ID: ids[t.Code], ScenarioID: &s.scenario, Code: t.Code, Name: column(t.Name), Role: db.LotRole(t.Role), Unit: string(t.Unit), SortOrder: int32(i + 1),
		}
		if t.ShelfLifeDays > 0 {
			days := int32(t.ShelfLifeDays)
			row.ShelfLifeDays = &days
		}
		if t.MaxLotKg > 0 {
			row.MaxLotKg = new(quantity.FromInt(int64(t.MaxLotKg)))
		}
		if err := s.q.InsertLotType(ctx, row); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (s *storing) gates(ctx context.Context, phases map[int]uuid.UUID, lotTypes map[string]uuid.UUID) error {
	for _, g := range s.def.Gates {
		row := db.InsertGateParams{
			ID: s.newID(), ScenarioID: s.scenario, PhaseID: phases[g.Phase], Number: g.Number, Name: column(g.Name),
			Kind: db.GateKind(g.Kind), Mode: db.GateMode(g.Mode), PerLot: g.PerLot, Bracketing: g.Bracketing, PositiveRelease: g.PositiveRelease,
			Frequency: column(g.Frequency), Limits: column(g.Limits), Checklist: column(g.Checklist),
		}
		if err := s.q.InsertGate(ctx, row); err != nil {
			return err
		}
		for _, code := range g.LotTypes {
			if err := s.q.InsertGateLotType(ctx, db.InsertGateLotTypeParams{GateID: row.ID, LotTypeID: lotTypes[code]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// column is a part of the definition as a JSON column. It can't fail: the whole definition was encoded before.
func column(v any) json.RawMessage {
	data, _ := json.Marshal(v)
	return data
}
