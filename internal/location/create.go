package location

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
)

// Creation is a new location as somebody gives it. A BUFFER needs all, others have no more than code, name and kind.
type Creation struct {
	SiteCode        string
	Code            string
	Name            string
	Kind            db.LocationKind
	LotTypes        []string // codes
	CapacityKg      *quantity.Decimal
	TemperatureMinC *quantity.Decimal
	TemperatureMaxC *quantity.Decimal

	IdempotencyKey *string
}

func (c Creation) row() db.Location {
	return db.Location{
		Code: c.Code, Name: strings.TrimSpace(c.Name), Kind: c.Kind, LotTypes: once(c.LotTypes), CapacityKg: c.CapacityKg,
		TemperatureMinC: c.TemperatureMinC, TemperatureMaxC: c.TemperatureMaxC,
	}
}

// Create makes a location of a site, and returns its id; it takes a MANAGER there: where lots may lie is a matter of the plant's
// work, as its products are. BAD_USER_INPUT names each bad field, NOT_FOUND a site that isn't there for the caller, FORBIDDEN one
// where they are less, CONFLICT a code that another location of the site has.
func (s *Service) Create(ctx context.Context, c Creation) (uuid.UUID, error) {
	row := c.row()
	if err := append(checkCode(row.Code), check(row)...).Err(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "createLocation", Key: c.IdempotencyKey, Input: c}, func(tx *command.Tx) (uuid.UUID, error) {
		site, err := tx.Site(ctx, c.SiteCode, identity.Manage)
		if err != nil {
			return uuid.Nil, err
		}
		if faults, err := checkLotTypes(ctx, tx, row.LotTypes); err != nil || len(faults) > 0 {
			return uuid.Nil, faults.After(err)
		}
		made, err := tx.InsertLocation(ctx, db.InsertLocationParams{
			ID: tx.NewID(), SiteID: site.ID, Code: row.Code, Name: row.Name, Kind: row.Kind, LotTypes: row.LotTypes, CapacityKg: row.CapacityKg,
			TemperatureMinC: row.TemperatureMinC, TemperatureMaxC: row.TemperatureMaxC,
		})
		if err != nil {
			return uuid.Nil, err
		}
		after := values(made)
		after["code"] = made.Code
		return made.ID, tx.Changed(audit.Entry{Site: site.ID, Action: audit.CreateLocation, Subject: globalID(made), Label: made.Code}, nil, after)
	})
}
