package partner

import (
	"context"
	"strings"
	"unicode/utf8"

	"flowviz/db"
	"flowviz/internal/audit"
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

// Register makes a partner of a site; it takes a MANAGER there. BAD_USER_INPUT names each bad field, NOT_FOUND a site that isn't
// there for the caller, FORBIDDEN one where they are less, CONFLICT a GLN that another partner of the site has.
func (s *Service) Register(ctx context.Context, r Registration) (*Partner, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var made db.Partner
	actor := identity.ActorFrom(ctx)
	err := db.InTx(ctx, s.pool, actor.Scope(), func(q *db.Queries) error {
		site, err := q.SiteByCode(ctx, r.SiteCode)
		if db.NoRows(err) {
			return fault.New(fault.NotFound, "siteCode", "there is no site %q", r.SiteCode)
		} else if err != nil {
			return err
		}
		if err := actor.Require(identity.Manage, site.ID); err != nil {
			return err
		}
		made, err = q.InsertPartner(ctx, db.InsertPartnerParams{
			ID: s.newID(), SiteID: site.ID, Name: strings.TrimSpace(r.Name), GLN: r.GLN, Address: r.Address,
		})
		if err != nil {
			return err
		}
		return s.log.Record(ctx, q, audit.Entry{
			Site: site.ID, Action: audit.RegisterPartner, Subject: (&Partner{made}).GlobalID(), Label: made.Name,
			After: audit.Fields{"name": made.Name, "gln": made.GLN, "address": made.Address},
		})
	})
	if err != nil {
		return nil, err
	}
	return &Partner{made}, nil
}
