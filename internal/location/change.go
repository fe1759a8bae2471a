package location

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Changes are what is to become different about a location: what is nil stays.
type Changes struct {
	LocationID      relay.ID
	Name            *string
	LotTypes        []string // codes: the whole list
	CapacityKg      *quantity.Decimal
	TemperatureMinC *quantity.Decimal
	TemperatureMaxC *quantity.Decimal

	IdempotencyKey *string
}

func (c Changes) of(is db.Location) db.Location {
	if c.Name != nil {
		is.Name = strings.TrimSpace(*c.Name)
	}
	if c.LotTypes != nil {
		is.LotTypes = once(c.LotTypes)
	}
	if c.CapacityKg != nil {
		is.CapacityKg = c.CapacityKg
	}
	if c.TemperatureMinC != nil {
		is.TemperatureMinC = c.TemperatureMinC
	}
	if c.TemperatureMaxC != nil {
		is.TemperatureMaxC = c.TemperatureMaxC
	}
	return is
}

// Change changes a location, and returns its id; it takes a MANAGER there. BAD_USER_INPUT names each bad field,
// FAILED_PRECONDITION a capacity below what lies there, a type left out of which lots lie there, and a location that has ended.
// A band of temperatures binds the lots that come after: those that are there may be on their way to it.
func (s *Service) Change(ctx context.Context, c Changes) (uuid.UUID, error) {
	if err := c.LocationID.Require(relay.Location, "locationId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "changeLocation", Key: c.IdempotencyKey, Input: c}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, c.LocationID)
		if err != nil {
			return uuid.Nil, err
		}
		is := c.of(was)
		faults := check(is)
		unknown, err := checkLotTypes(ctx, tx, is.LotTypes)
		if err != nil {
			return uuid.Nil, err
		}
		there, err := checkThere(ctx, tx, is)
		if err != nil {
			return uuid.Nil, err
		}
		if err := slices.Concat(faults, unknown, there).Err(); err != nil {
			return uuid.Nil, err
		}
		return update(ctx, tx, audit.ChangeLocation, was, is)
	})
}

// checkThere names what of a buffer would not suit the lots that lie in it.
func checkThere(ctx context.Context, tx *command.Tx, is db.Location) (fault.List, error) {
	if is.Kind != db.LocationKindBUFFER || is.CapacityKg == nil {
		return nil, nil
	}
	var faults fault.List
	there, err := tx.UsedKgByLocations(ctx, []uuid.UUID{is.ID})
	if err != nil {
		return nil, err
	}
	if len(there) > 0 && there[0].UsedKg.Cmp(*is.CapacityKg) > 0 {
		faults = append(faults, fault.New(fault.FailedPrecondition, "capacityKg", "%s kg lie there: move lots away first", there[0].UsedKg.Round(3)))
	}
	types, err := tx.LotTypesAtLocation(ctx, is.ID)
	if err != nil {
		return nil, err
	}
	for _, code := range types {
		if !slices.Contains(is.LotTypes, code) {
			faults = append(faults, fault.New(fault.FailedPrecondition, "lotTypes", "lots of type %s lie there: move them away first", code))
		}
	}
	return faults, nil
}

// End is a location that is to be used no more.
type End struct {
	LocationID     relay.ID
	IdempotencyKey *string
}

// End ends a location for good, and returns its id; it takes a MANAGER there. FAILED_PRECONDITION where lots lie or equipment stands
// there, and where it has ended.
func (s *Service) End(ctx context.Context, e End) (uuid.UUID, error) {
	if err := e.LocationID.Require(relay.Location, "locationId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "endLocation", Key: e.IdempotencyKey, Input: e}, func(tx *command.Tx) (uuid.UUID, error) {
		was, err := lock(ctx, tx, e.LocationID)
		if err != nil {
			return uuid.Nil, err
		}
		var faults fault.List
		lots, err := tx.CountLotsByLocations(ctx, []uuid.UUID{was.ID})
		if err != nil {
			return uuid.Nil, err
		}
		for _, there := range lots {
			faults = append(faults, fault.New(fault.FailedPrecondition, "locationId", "lots lie at %s, %d of them: move them away first", was.Code, there.Count))
		}
		equipment, err := tx.EquipmentByLocations(ctx, []uuid.UUID{was.ID})
		if err != nil {
			return uuid.Nil, err
		}
		for _, one := range equipment {
			faults = append(faults, fault.New(fault.FailedPrecondition, "locationId", "%s stands at %s: move or end it first", one.Code, was.Code))
		}
		if err := faults.Err(); err != nil {
			return uuid.Nil, err
		}
		is := was
		is.EndedAt = &tx.At
		return update(ctx, tx, audit.EndLocation, was, is)
	})
}

// lock finds a location where the actor manages, and keeps others from changing it. NOT_FOUND where it isn't there for them,
// FAILED_PRECONDITION where it has ended.
func lock(ctx context.Context, tx *command.Tx, id relay.ID) (db.Location, error) {
	row, err := tx.LocationForChange(ctx, db.LocationForChangeParams{ID: id.UUID, SiteID: id.Site})
	if err := tx.MayChange(err, id, "locationId"); err != nil {
		return row, err
	}
	return row, ended(row, "locationId")
}

// ended refuses a location that has ended.
func ended(row db.Location, field string) error {
	if row.EndedAt == nil {
		return nil
	}
	return fault.New(fault.FailedPrecondition, field, "%s has ended: nothing new comes there", row.Code)
}

func update(ctx context.Context, tx *command.Tx, action audit.Action, was, is db.Location) (uuid.UUID, error) {
	is, err := tx.UpdateLocation(ctx, db.UpdateLocationParams{
		ID: is.ID, SiteID: is.SiteID, Name: is.Name, LotTypes: is.LotTypes, CapacityKg: is.CapacityKg, TemperatureMinC: is.TemperatureMinC,
		TemperatureMaxC: is.TemperatureMaxC, EndedAt: is.EndedAt,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return is.ID, tx.Changed(audit.Entry{Site: is.SiteID, Action: action, Subject: globalID(is), Label: is.Code}, values(was), values(is))
}
