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
	GLN      *string // in any spelling
	// How documents of others name it, or the site's own number for it.
	Identifier *string
	Address    *string

	IdempotencyKey *string
}

const (
	maxName       = 200
	maxIdentifier = 1_000
	maxAddress    = 500
)

// check finds all that is wrong with a partner as it would be, and gives its GLN the one spelling that is kept.
func check(is *db.Partner) error {
	var faults fault.List
	if n := utf8.RuneCountInString(is.Name); n < 1 || n > maxName {
		faults = append(faults, fault.BadInput("name", "give 1 to %d characters", maxName))
	}
	if is.GLN != nil {
		gln, err := gs1.ReadGLN(*is.GLN)
		if err != nil {
			faults = append(faults, fault.BadInput("gln", "%v", err))
		}
		is.GLN = &gln
	}
	if is.Identifier != nil && utf8.RuneCountInString(*is.Identifier) > maxIdentifier {
		faults = append(faults, fault.BadInput("identifier", "at most %d characters", maxIdentifier))
	}
	if is.Address != nil && utf8.RuneCountInString(*is.Address) > maxAddress {
		faults = append(faults, fault.BadInput("address", "at most %d characters", maxAddress))
	}
	return faults.Err()
}

// Register makes a partner of a site, and returns its id; it takes a MANAGER there. BAD_USER_INPUT names each bad field, NOT_FOUND a site that isn't
// there for the caller, FORBIDDEN one where they are less, CONFLICT a GLN or identifier that another partner of the site has.
func (s *Service) Register(ctx context.Context, r Registration) (uuid.UUID, error) {
	is := db.Partner{Name: strings.TrimSpace(r.Name), GLN: r.GLN, Identifier: command.Text(nil, r.Identifier), Address: r.Address}
	if err := check(&is); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "registerPartner", Key: r.IdempotencyKey, Input: r}, func(tx *command.Tx) (uuid.UUID, error) {
		site, err := tx.Site(ctx, r.SiteCode, identity.Manage)
		if err != nil {
			return uuid.Nil, err
		}
		made, err := tx.InsertPartner(ctx, db.InsertPartnerParams{
			ID: tx.NewID(), SiteID: site.ID, Name: is.Name, GLN: is.GLN, Identifier: is.Identifier, Address: is.Address,
		})
		if err != nil {
			return uuid.Nil, err
		}
		id := (&Partner{made}).GlobalID()
		tx.Audit(audit.Entry{
			Site: site.ID, Action: audit.RegisterPartner, Subject: id, Label: made.Name,
			After: audit.Fields{"name": made.Name, "gln": made.GLN, "identifier": made.Identifier, "address": made.Address},
		})
		tx.Tell(event.Event{Type: event.MasterDataChanged, Site: site.ID, Subject: id})
		return made.ID, nil
	})
}
