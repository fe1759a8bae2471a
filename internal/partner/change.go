package partner

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/relay"
)

// Changes are what is to become different about a partner: what is nil stays, an empty text takes away what may be absent.
type Changes struct {
	PartnerID  relay.ID
	Name       *string
	GLN        *string
	Identifier *string
	Address    *string

	IdempotencyKey *string
}

// Change changes a partner, and returns its id; it takes a MANAGER at its site. BAD_USER_INPUT names each bad field, NOT_FOUND a
// partner that isn't there for the caller, CONFLICT a GLN or identifier that another has, FAILED_PRECONDITION one that has ended.
func (s *Service) Change(ctx context.Context, c Changes) (uuid.UUID, error) {
	if err := c.PartnerID.Require(relay.Partner, "partnerId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "changePartner", Key: c.IdempotencyKey, Input: c}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, c.PartnerID)
		if err != nil {
			return uuid.Nil, err
		}
		is := was
		if c.Name != nil {
			is.Name = strings.TrimSpace(*c.Name)
		}
		is.GLN, is.Identifier, is.Address = command.Text(was.GLN, c.GLN), command.Text(was.Identifier, c.Identifier), command.Text(was.Address, c.Address)
		if err := check(&is); err != nil {
			return uuid.Nil, err
		}
		return update(ctx, tx, audit.ChangePartner, was, is)
	})
}

// End is a partner with whom a site is to work no more.
type End struct {
	PartnerID      relay.ID
	IdempotencyKey *string
}

// End ends a partner for good, and returns its id; it takes a MANAGER at its site. NOT_FOUND where it isn't there for the caller,
// FAILED_PRECONDITION where it has ended.
func (s *Service) End(ctx context.Context, e End) (uuid.UUID, error) {
	if err := e.PartnerID.Require(relay.Partner, "partnerId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "endPartner", Key: e.IdempotencyKey, Input: e}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, e.PartnerID)
		if err != nil {
			return uuid.Nil, err
		}
		is := was
		is.EndedAt = &tx.At
		return update(ctx, tx, audit.EndPartner, was, is)
	})
}

// lock finds a partner where the actor manages, and keeps others from changing it.
func lock(ctx context.Context, tx *command.Tx, id relay.ID) (db.Partner, error) {
	row, err := tx.PartnerForChange(ctx, db.PartnerForChangeParams{ID: id.UUID, SiteID: id.Site})
	if err := tx.MayChange(err, id, "partnerId"); err != nil {
		return row, err
	}
	return row, Current(row, "partnerId")
}

func update(ctx context.Context, tx *command.Tx, action audit.Action, was, is db.Partner) (uuid.UUID, error) {
	is, err := tx.UpdatePartner(ctx, db.UpdatePartnerParams{
		ID: is.ID, SiteID: is.SiteID, Name: is.Name, GLN: is.GLN, Identifier: is.Identifier, Address: is.Address, EndedAt: is.EndedAt,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return is.ID, tx.Changed(audit.Entry{Site: is.SiteID, Action: action, Subject: (&Partner{is}).GlobalID(), Label: is.Name}, values(was), values(is))
}
