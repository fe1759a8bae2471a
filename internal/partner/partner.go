// Package partner is whom a site buys from and sells to: one step back, one step forward (Regulation (EC) 178/2002,
// Article 18). A partner belongs to one site, and its GLN is unique there.
package partner

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/relay"
)

// Partner is a supplier or customer of a site.
type Partner struct{ db.Partner }

// GlobalID is the partner's id in the API.
func (p *Partner) GlobalID() relay.ID {
	return relay.ID{Kind: relay.Partner, Site: p.SiteID, UUID: p.ID}
}

// IsNode marks a type that the API finds by its id.
func (*Partner) IsNode() {}

// Service changes partners.
type Service struct {
	pool  *pgxpool.Pool
	log   *audit.Recorder
	newID func() uuid.UUID
}

// NewService writes through pool, and what it did into log; newID gives a new UUIDv7 at each call.
func NewService(pool *pgxpool.Pool, log *audit.Recorder, newID func() uuid.UUID) *Service {
	return &Service{pool: pool, log: log, newID: newID}
}

func wrap(rows []db.Partner) []*Partner {
	out := make([]*Partner, len(rows))
	for i, row := range rows {
		out[i] = &Partner{row}
	}
	return out
}
