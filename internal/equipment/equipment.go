// Package equipment is the machines and instruments of a site: freezers, kettles, metal detectors, scales, probes. A check of the
// line is made on one. What has ended stays and can be read.
package equipment

import (
	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/relay"
)

// Equipment is one machine or instrument.
type Equipment struct{ db.Equipment }

// GlobalID is the equipment's id in the API.
func (e *Equipment) GlobalID() relay.ID { return globalID(e.Equipment) }

// IsNode marks a type that the API finds by its id.
func (*Equipment) IsNode() {}

// Service changes equipment.
type Service struct{ commands *command.Executor }

// NewService changes equipment by commands.
func NewService(commands *command.Executor) *Service { return &Service{commands} }

func globalID(row db.Equipment) relay.ID {
	return relay.ID{Kind: relay.Equipment, Site: row.SiteID, UUID: row.ID}
}

// values are what is said of equipment, by the API's names; location is its location's code.
func values(row db.Equipment, location *string) audit.Fields {
	return audit.Fields{"name": row.Name, "kind": row.Kind, "location": location, "phases": row.Phases, "endedAt": row.EndedAt}
}

func wrap(rows []db.Equipment) []*Equipment {
	out := make([]*Equipment, len(rows))
	for i, row := range rows {
		out[i] = &Equipment{row}
	}
	return out
}
