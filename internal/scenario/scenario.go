// Package scenario is the production definition that runs follow: streams, phases, lot types, gates and rules, in
// versions. A PUBLISHED version never changes: what refers to it may rely on it for ever.
//
// The format of definitions and all that can be wrong with one is in definition, the built-in ones are in catalogue.
package scenario

import (
	"encoding/json"
	"fmt"

	"flowviz/db"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// Scenario is one version of a production definition.
type Scenario struct{ db.Scenario }

// GlobalID is the scenario's id in the API.
func (s *Scenario) GlobalID() relay.ID { return relay.ID{Kind: relay.Scenario, UUID: s.ID} }

// IsNode marks a type that the API finds by its id.
func (*Scenario) IsNode() {}

// Name is what people call it, in a language.
func (s *Scenario) Name(locale *string) (string, error) { return localized(s.Scenario.Name, locale) }

// Description says what is made and how, in a language.
func (s *Scenario) Description(locale *string) (string, error) {
	return localized(s.Scenario.Description, locale)
}

// Stream is a lane of phases.
type Stream struct{ db.Stream }

// Name is what people call it, in a language.
func (s *Stream) Name(locale *string) (string, error) { return localized(s.Stream.Name, locale) }

// Phase is a numbered step of a run.
type Phase struct{ db.Phase }

// GlobalID is the phase's id in the API.
func (p *Phase) GlobalID() relay.ID { return relay.ID{Kind: relay.Phase, UUID: p.ID} }

// IsNode marks a type that the API finds by its id.
func (*Phase) IsNode() {}

// Name is what people call it, in a language.
func (p *Phase) Name(locale *string) (string, error) { return localized(p.Phase.Name, locale) }

// LotType is a kind of material.
type LotType struct{ db.LotType }

// Name is what one lot of it is, in a language.
func (t *LotType) Name(locale *string) (string, error) { return localized(t.LotType.Name, locale) }

func localized(raw json.RawMessage, locale *string) (string, error) {
	var text definition.Text
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", fmt.Errorf("read a stored text: %w", err)
	}
	if locale == nil {
		return text.In(""), nil
	}
	return text.In(*locale), nil
}
