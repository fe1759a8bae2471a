// Package run is one execution of a scenario version, which it pins for ever.
package run

import (
	"flowviz/db"
	"flowviz/internal/relay"
)

// Run is one execution of a scenario.
type Run struct{ db.Run }

// GlobalID is the run's id in the API.
func (r *Run) GlobalID() relay.ID { return relay.ID{Kind: relay.Run, Site: r.SiteID, UUID: r.ID} }

// IsNode marks a type that the API finds by its id.
func (*Run) IsNode() {}

func wrap(rows []db.Run) []*Run {
	out := make([]*Run, len(rows))
	for i, row := range rows {
		out[i] = &Run{row}
	}
	return out
}
