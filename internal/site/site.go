// Package site is a plant: where rows belong, and whose clock decides the production day.
package site

import (
	"flowviz/db"
	"flowviz/internal/relay"
)

// Site is a plant.
type Site struct{ db.Site }

// GlobalID is the site's id in the API.
func (s *Site) GlobalID() relay.ID { return relay.ID{Kind: relay.Site, Site: s.Site.ID} }

// IsNode marks a type that the API finds by its id.
func (*Site) IsNode() {}

func wrap(rows []db.Site) []*Site {
	out := make([]*Site, len(rows))
	for i, row := range rows {
		out[i] = &Site{row}
	}
	return out
}
