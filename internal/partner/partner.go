// Package partner is whom a site buys from and sells to: one step back, one step forward (Regulation (EC) 178/2002,
// Article 18). A partner belongs to one site, and its GLN is unique there. One that has ended stays and can be read: what was
// bought and sold names it; nothing new is.
package partner

import (
	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
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

// Current refuses a partner that has ended, for new work: FAILED_PRECONDITION on field.
func Current(row db.Partner, field string) error {
	if row.EndedAt == nil {
		return nil
	}
	return fault.New(fault.FailedPrecondition, field, "%s has ended: nothing is bought from or sold to it any more", row.Name)
}

// values are what is said of a partner, by the API's names.
func values(row db.Partner) audit.Fields {
	return audit.Fields{"name": row.Name, "gln": row.GLN, "identifier": row.Identifier, "address": row.Address, "endedAt": row.EndedAt}
}

func wrap(rows []db.Partner) []*Partner {
	out := make([]*Partner, len(rows))
	for i, row := range rows {
		out[i] = &Partner{row}
	}
	return out
}
