package site

import (
	"context"
	"regexp"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
)

// Creation is a new site as somebody gives it.
type Creation struct {
	Code               string
	Name               string
	TimeZone           string
	ProductionDayStart *string
	GLN                *string
	Address            *string
	ApprovalNumber     *string
	CompanyPrefix      *string
	MaxLotKg           *quantity.Decimal

	IdempotencyKey *string
}

// aCode is what site_code_check says.
var aCode = regexp.MustCompile(`^[A-Z]{4}$`)

func (c Creation) settings() Settings {
	return Settings{
		Name: &c.Name, TimeZone: &c.TimeZone, ProductionDayStart: c.ProductionDayStart, GLN: c.GLN, Address: c.Address,
		ApprovalNumber: c.ApprovalNumber, CompanyPrefix: c.CompanyPrefix, MaxLotKg: c.MaxLotKg,
	}
}

// Create makes a site; it takes a person who is ADMIN of another, and who becomes its ADMIN: nobody else sees it until they are
// made members. BAD_USER_INPUT names each bad field, FORBIDDEN is who is no ADMIN, or a program: its token's sites are counted,
// and wouldn't hold the new one. CONFLICT a code that another site has.
func (s *Service) Create(ctx context.Context, c Creation) (*Site, error) {
	faults := c.settings().check()
	if !aCode.MatchString(c.Code) {
		faults = append(faults, fault.BadInput("code", "give four capital letters, A to Z"))
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	id, err := command.Do(ctx, s.commands, command.Call{Mutation: "createSite", Key: c.IdempotencyKey, Input: c}, func(tx *command.Tx) (int32, error) {
		switch {
		case !tx.Actor.May(identity.Administer):
			return 0, identity.Forbidden(identity.Administer)
		case tx.Actor.Token != uuid.Nil:
			return 0, fault.New(fault.Forbidden, "", "an API token makes no sites: sign in as its ADMIN to be")
		}
		return create(ctx, tx, c)
	})
	if err != nil {
		return nil, err
	}
	return s.created(ctx, id)
}

func create(ctx context.Context, tx *command.Tx, c Creation) (int32, error) {
	id, err := tx.CreateSite(ctx, db.CreateSiteParams{Code: c.Code, Name: c.Name, TimeZone: c.TimeZone})
	if err != nil {
		return 0, err
	}
	row, err := tx.SiteForChange(ctx, c.Code)
	if err != nil {
		return 0, err
	}
	if row, err = tx.UpdateSite(ctx, c.settings().of(row)); err != nil {
		return 0, err
	}
	users, err := tx.UsersByIDs(ctx, []uuid.UUID{tx.Actor.UserID})
	if err != nil {
		return 0, err
	}
	after := values(row)
	after["code"] = row.Code
	if err := tx.Changed(audit.Entry{Site: id, Action: audit.CreateSite, Subject: globalID(id), Label: row.Code}, nil, after); err != nil {
		return 0, err
	}
	for _, u := range users {
		tx.Audit(audit.Entry{
			Site: id, Action: audit.ChangeMembership, Subject: (&identity.User{AppUser: u}).GlobalID(), Label: u.Email, After: audit.Fields{"role": db.RoleADMIN},
		})
	}
	return id, nil
}

// created reads a site that this call or an earlier one made: the actor was found before it was theirs. NOT_FOUND where they are
// no member any more.
func (s *Service) created(ctx context.Context, id int32) (*Site, error) {
	scope := identity.ActorFrom(ctx).Scope()
	scope.Sites = nil
	var found *Site
	err := db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
		own, err := q.MembershipsOfUser(ctx, scope.User)
		for _, m := range own {
			if m.SiteID == id {
				scope.Sites = []int32{id}
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = db.InTx(ctx, s.pool, scope, func(q *db.Queries) error {
		rows, err := q.SitesByIDs(ctx, []int32{id})
		if err == nil && len(rows) == 0 {
			err = fault.New(fault.NotFound, "", "what this changed is not there for you any more")
		}
		if err == nil {
			found = &Site{rows[0]}
		}
		return err
	})
	return found, err
}
