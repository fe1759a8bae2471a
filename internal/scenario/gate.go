package scenario

import (
	"encoding/json"
	"fmt"

	"flowviz/db"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// Gate is a check at a phase.
type Gate struct{ db.QcGate }

// GlobalID is the gate's id in the API.
func (g *Gate) GlobalID() relay.ID { return relay.ID{Kind: relay.QcGate, UUID: g.ID} }

// IsNode marks a type that the API finds by its id.
func (*Gate) IsNode() {}

// Name is what people call it, in a language.
func (g *Gate) Name(locale *string) (string, error) { return localized(g.QcGate.Name, locale) }

// IsCCP says whether the gate is a critical control point: then who releases a hold is not who decided.
func (g *Gate) IsCCP() bool { return g.Kind == db.GateKindCCP }

// Limits are what measured values must hold.
func (g *Gate) Limits() ([]*Limit, error) {
	var stored []definition.Limit
	if err := json.Unmarshal(g.QcGate.Limits, &stored); err != nil {
		return nil, fmt.Errorf("read the limits of gate %s: %w", g.ID, err)
	}
	out := make([]*Limit, len(stored))
	for i := range stored {
		out[i] = &Limit{stored[i]}
	}
	return out, nil
}

// Checklist is what a person answers.
func (g *Gate) Checklist() ([]*ChecklistItem, error) {
	var stored []definition.ChecklistItem
	if err := json.Unmarshal(g.QcGate.Checklist, &stored); err != nil {
		return nil, fmt.Errorf("read the checklist of gate %s: %w", g.ID, err)
	}
	out := make([]*ChecklistItem, len(stored))
	for i := range stored {
		out[i] = &ChecklistItem{stored[i]}
	}
	return out, nil
}
