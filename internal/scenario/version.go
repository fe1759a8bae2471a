package scenario

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// Version is a version of a scenario as commands work with it: its definition, and the keys of the rows that stand for its
// parts. Commands share it: nobody changes it, nor what it points to.
type Version struct {
	ID     uuid.UUID
	Status db.ScenarioStatus // when it was read: a PUBLISHED version may be DEPRECATED since
	// Definition has Key and Version, and the rules; what has a row of its own is better asked of the methods, which know its key.
	Definition *definition.Scenario

	Streams  []*StreamOf // in the order in which they are drawn
	Phases   []*PhaseOf  // Phases[n] has number n
	LotTypes []*LotTypeOf
	Gates    []*GateOf // ascending by number

	streams      map[string]*StreamOf
	phases       map[uuid.UUID]*PhaseOf
	lotTypes     map[string]*LotTypeOf
	lotTypesByID map[uuid.UUID]*LotTypeOf
	gates        map[uuid.UUID]*GateOf
}

// StreamOf is a stream of a version, with its row's key.
type StreamOf struct {
	ID uuid.UUID
	definition.Stream
}

// PhaseOf is a phase of a version, with its row's key.
type PhaseOf struct {
	ID uuid.UUID
	definition.Phase
	Gates []*GateOf // that stand at it, ascending by number
}

// LotTypeOf is a lot type of a version, with its row's key.
type LotTypeOf struct {
	ID uuid.UUID
	definition.LotType
	Gates []*GateOf // that apply to it, ascending by number: checks of each lot, and of a line that such lots pass
}

// StatusAtBirth is that of a new lot of the type: RELEASED where no blocking gate applies.
func (t *LotTypeOf) StatusAtBirth() db.LotStatus {
	if slices.ContainsFunc(t.Gates, func(g *GateOf) bool { return g.Mode == definition.ModeBlocking }) {
		return db.LotStatusQUARANTINE
	}
	return db.LotStatusRELEASED
}

// GateOf is a gate of a version, with its row's key.
type GateOf struct {
	ID uuid.UUID
	definition.Gate
	At *PhaseOf     // where it stands
	Of []*LotTypeOf // that it applies to
}

// AppliesTo reports whether the gate applies to lots of a type.
func (g *GateOf) AppliesTo(lotType uuid.UUID) bool {
	return slices.ContainsFunc(g.Of, func(t *LotTypeOf) bool { return t.ID == lotType })
}

// Stream finds a stream by its key; nil where there is none.
func (v *Version) Stream(key string) *StreamOf { return v.streams[key] }

// Phase finds a phase by its number; nil where there is none, as after the last one.
func (v *Version) Phase(number int) *PhaseOf {
	if number < 0 || number >= len(v.Phases) {
		return nil
	}
	return v.Phases[number]
}

// PhaseByID finds a phase by its row's key; nil where it is of another version.
func (v *Version) PhaseByID(id uuid.UUID) *PhaseOf { return v.phases[id] }

// LastPhase is the phase at which a run can be completed.
func (v *Version) LastPhase() *PhaseOf { return v.Phases[len(v.Phases)-1] }

// LotType finds a lot type by its code; nil where there is none.
func (v *Version) LotType(code string) *LotTypeOf { return v.lotTypes[code] }

// LotTypeByID finds a lot type by its row's key; nil where it is of another version or of none.
func (v *Version) LotTypeByID(id uuid.UUID) *LotTypeOf { return v.lotTypesByID[id] }

// Gate finds a gate by its number, compared as a number; nil where there is none.
func (v *Version) Gate(number quantity.Decimal) *GateOf {
	i := slices.IndexFunc(v.Gates, func(g *GateOf) bool { return g.Number.Equal(number) })
	if i < 0 {
		return nil
	}
	return v.Gates[i]
}

// GateByID finds a gate by its row's key; nil where it is of another version.
func (v *Version) GateByID(id uuid.UUID) *GateOf { return v.gates[id] }

// rows are a version as the tables have it.
type rows struct {
	scenario db.Scenario
	streams  []db.Stream
	phases   []db.Phase
	lotTypes []db.LotType
	gates    []db.QcGate
}

// version brings definition and rows together.
func (r *rows) version() (*Version, error) {
	def := new(definition.Scenario)
	if err := json.Unmarshal(r.scenario.Definition, def); err != nil {
		return nil, fmt.Errorf("read the stored scenario %s %s: %w", r.scenario.Key, r.scenario.Version, err)
	}
	if len(r.streams) != len(def.Streams) || len(r.phases) != len(def.Phases) || len(r.lotTypes) != len(def.LotTypes) || len(r.gates) != len(def.Gates) {
		return nil, fmt.Errorf("read the stored scenario %s %s: its rows aren't those of its definition", r.scenario.Key, r.scenario.Version)
	}
	v := &Version{
		ID: r.scenario.ID, Status: r.scenario.Status, Definition: def,
		streams: map[string]*StreamOf{}, phases: map[uuid.UUID]*PhaseOf{},
		lotTypes: map[string]*LotTypeOf{}, lotTypesByID: map[uuid.UUID]*LotTypeOf{}, gates: map[uuid.UUID]*GateOf{},
	}
	v.addStreams(r.streams)
	v.addPhases(r.phases)
	v.addLotTypes(r.lotTypes)
	return v, v.addGates(r.gates)
}

func (v *Version) addStreams(rows []db.Stream) {
	for i, row := range rows { // by sort_order, as the definition has them
		s := &StreamOf{ID: row.ID, Stream: v.Definition.Streams[i]}
		v.Streams = append(v.Streams, s)
		v.streams[s.Key] = s
	}
}

func (v *Version) addPhases(rows []db.Phase) {
	for i, row := range rows { // by number, as the definition has them
		p := &PhaseOf{ID: row.ID, Phase: v.Definition.Phases[i]}
		v.Phases = append(v.Phases, p)
		v.phases[p.ID] = p
	}
}

func (v *Version) addLotTypes(rows []db.LotType) {
	for i, row := range rows { // by sort_order, as the definition has them
		t := &LotTypeOf{ID: row.ID, LotType: v.Definition.LotTypes[i]}
		v.LotTypes = append(v.LotTypes, t)
		v.lotTypes[t.Code], v.lotTypesByID[t.ID] = t, t
	}
}

func (v *Version) addGates(rows []db.QcGate) error {
	for i, row := range rows { // by number, as the definition has them
		g := &GateOf{ID: row.ID, Gate: v.Definition.Gates[i]}
		if g.At = v.Phase(g.Phase); g.At == nil || g.At.ID != row.PhaseID {
			return fmt.Errorf("gate %s of scenario %s is not where its definition says", row.ID, v.ID)
		}
		g.At.Gates = append(g.At.Gates, g)
		for _, code := range g.LotTypes {
			t := v.lotTypes[code]
			if t == nil {
				return fmt.Errorf("gate %s of scenario %s applies to %q, which is no lot type", row.ID, v.ID, code)
			}
			g.Of = append(g.Of, t)
			t.Gates = append(t.Gates, g)
		}
		v.Gates = append(v.Gates, g)
		v.gates[g.ID] = g
	}
	return nil
}
