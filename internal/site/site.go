// Package site is a plant: where rows belong, and whose clock decides the production day.
//
// A site's code never changes: it is part of its lots' and runs' codes. Whoever creates a site is its first ADMIN.
package site

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/relay"
)

// Site is a plant.
type Site struct{ db.Site }

// GlobalID is the site's id in the API.
func (s *Site) GlobalID() relay.ID { return globalID(s.Site.ID) }

// IsNode marks a type that the API finds by its id.
func (*Site) IsNode() {}

// Service changes sites.
type Service struct {
	commands *command.Executor
	pool     *pgxpool.Pool
}

// NewService changes sites by commands; a new site is read through pool, before its creator's sites are known to hold it.
func NewService(commands *command.Executor, pool *pgxpool.Pool) *Service {
	return &Service{commands, pool}
}

func globalID(id int32) relay.ID { return relay.ID{Kind: relay.Site, Site: id} }

func wrap(rows []db.Site) []*Site {
	out := make([]*Site, len(rows))
	for i, row := range rows {
		out[i] = &Site{row}
	}
	return out
}
