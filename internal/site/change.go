package site

import (
	"context"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
)

// Changes are what is to become different about a site: what is nil stays, and an empty text takes away what may be absent.
type Changes struct {
	SiteCode           string
	Name               *string
	TimeZone           *string
	ProductionDayStart *string
	GLN                *string
	Address            *string
	ApprovalNumber     *string
	CompanyPrefix      *string
	MaxLotKg           *quantity.Decimal

	IdempotencyKey *string
}

func (c Changes) settings() Settings {
	return Settings{
		Name: c.Name, TimeZone: c.TimeZone, ProductionDayStart: c.ProductionDayStart, GLN: c.GLN, Address: c.Address,
		ApprovalNumber: c.ApprovalNumber, CompanyPrefix: c.CompanyPrefix, MaxLotKg: c.MaxLotKg,
	}
}

// Change changes a site's settings, and returns its id; it takes an ADMIN there. BAD_USER_INPUT names each bad field, NOT_FOUND a
// site that isn't there for the caller, FORBIDDEN one where they are less.
func (s *Service) Change(ctx context.Context, c Changes) (int32, error) {
	if err := c.settings().check().Err(); err != nil {
		return 0, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "changeSite", Key: c.IdempotencyKey, Input: c}, func(tx *command.Tx) (int32, error) {
		was, err := tx.SiteForChange(ctx, c.SiteCode)
		if db.NoRows(err) {
			return 0, fault.New(fault.NotFound, "siteCode", "there is no site %q", clip(c.SiteCode))
		} else if err != nil {
			return 0, err
		}
		if err := tx.Actor.Require(identity.Administer, was.ID); err != nil {
			return 0, err
		}
		is, err := tx.UpdateSite(ctx, c.settings().of(was))
		if err != nil {
			return 0, err
		}
		return is.ID, tx.Changed(audit.Entry{Site: is.ID, Action: audit.ChangeSite, Subject: globalID(is.ID), Label: is.Code}, values(was), values(is))
	})
}
