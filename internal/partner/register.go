package partner

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/gs1"
	"flowviz/internal/identity"
)

// Registration is a new partner as somebody gives it.
type Registration struct {
	SiteCode string
	Name     string
	GLN      *string
	Address  *string

	IdempotencyKey *string
}

const (
	maxName    = 200
	maxAddress = 500
)

func (r Registration) check() error {
	var faults fault.List
	if n := utf8.RuneCountInString(strings.TrimSpace(r.Name)); n < 1 || n > maxName {
		faults = append(faults, fault.BadInput("name", "give 1 to %d characters", maxName))
	}
	if r.GLN != nil {
		if err := gs1.ValidGLN(*r.GLN); err != nil {
			faults = append(faults, fault.BadInput("gln", "%v", err))
		}
	}
	if r.Address != nil && utf8.RuneCountInString(*r.Address) > maxAddress {
		faults = append(faults, fault.BadInput("address", "at most %d characters", maxAddress))
	}
	return faults.Err()
}

// Register makes a partner of a site, and returns its id; it takes a MANAGER there. BAD_USER_INPUT names each bad field, NOT_FOUND a site that isn't
// there for the caller, FORBIDDEN one where they are less, CONFLICT a GLN that another partner of the site has.
func (s *Service) Register(ctx context.Context, r Registration) (uuid.UUID, error) {
	if err := r.check(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "registerPartner", Key: r.IdempotencyKey, Input: r}, func(tx *command.Tx) (uuid.UUID, error) {
		site, err := tx.Site(ctx, r.SiteCode, identity.Manage)
		if err != nil {
			return uuid.Nil, err
		}
		made, err := tx.InsertPartner(ctx, db.InsertPartnerParams{
			ID: tx.NewID(), SiteID: site.ID, Name: strings.TrimSpace(r.Name), GLN: r.GLN, Address: r.Address,
		})
		if err != nil {
			return uuid.Nil, err
		}
		id := (&Partner{made}).GlobalID()
		tx.Audit(audit.Entry{
			Site: site.ID, Action: audit.RegisterPartner, Subject: id, Label: made.Name,
			After: audit.Fields{"name": made.Name, "gln": made.GLN, "address": made.Address},
		})
		tx.Tell(event.Event{Type: event.MasterDataChanged, Site: site.ID, Subject: id})
		return made.ID, nil
	})
}
