// Package location is where at a site a thing is: a buffer, a dock, an area; and what may lie there.
//
// A buffer takes lots of the types that it names, in its band of temperatures, and never more kilograms than it holds: who places
// lots (ByCode, Admit) locks it first, so that two who place at the same time can't overfill it together. A lot lies at one
// location at most, and at none once nothing of it is there. What has ended stays and can be read; nothing new comes there.
package location

import (
	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/relay"
)

// Location is a place at a site.
type Location struct{ db.Location }

// GlobalID is the location's id in the API.
func (l *Location) GlobalID() relay.ID { return globalID(l.Location) }

// IsNode marks a type that the API finds by its id.
func (*Location) IsNode() {}

// Service changes locations and moves lots.
type Service struct{ commands *command.Executor }

// NewService changes locations by commands.
func NewService(commands *command.Executor) *Service { return &Service{commands} }

func globalID(row db.Location) relay.ID {
	return relay.ID{Kind: relay.Location, Site: row.SiteID, UUID: row.ID}
}

// values are what is said of a location, by the API's names.
func values(row db.Location) audit.Fields {
	return audit.Fields{
		"name": row.Name, "kind": row.Kind, "lotTypes": row.LotTypes, "capacityKg": row.CapacityKg, "temperatureMinC": row.TemperatureMinC,
		"temperatureMaxC": row.TemperatureMaxC, "endedAt": row.EndedAt,
	}
}

func wrap(rows []db.Location) []*Location {
	out := make([]*Location, len(rows))
	for i, row := range rows {
		out[i] = &Location{row}
	}
	return out
}
