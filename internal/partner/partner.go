// Package partner is whom a site buys from and sells to: one step back, one step forward (Regulation (EC) 178/2002,
// Article 18). A partner belongs to one site, and its GLN is unique there.
package partner

import (
	"flowviz/db"
	"flowviz/internal/command"
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
type Service struct{ commands *command.Executor }

// NewService changes partners by commands.
func NewService(commands *command.Executor) *Service { return &Service{commands} }

func wrap(rows []db.Partner) []*Partner {
	out := make([]*Partner, len(rows))
	for i, row := range rows {
		out[i] = &Partner{row}
	}
	return out
}
