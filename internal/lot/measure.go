package lot

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/yield"
)

// Measurement is what a lot lacks: its weight or its count, and its temperature at any time.
type Measurement struct {
	LotID        relay.ID
	WeightKg     *quantity.Decimal
	Quantity     *quantity.Decimal
	TemperatureC *quantity.Decimal

	IdempotencyKey *string
}

func (m Measurement) check() error {
	if m.WeightKg == nil && m.Quantity == nil && m.TemperatureC == nil {
		return fault.BadInput("", "give weightKg, quantity or temperatureC")
	}
	faults := CheckAmount("weightKg", m.WeightKg)
	faults = append(faults, CheckAmount("quantity", m.Quantity)...)
	return append(faults, CheckTemperature("temperatureC", m.TemperatureC)...).Err()
}

// Measure gives a lot the weight or count that it lacks, and its temperature; it takes an OPERATOR. FAILED_PRECONDITION where the lot
// was weighed already: what is wrong then is corrected, by a stocktake or by a replacement of what made it. Where the lot lies in a
// buffer, a first weight or temperature that this doesn't take is refused as at its registration, and a later temperature outside the band raises an
// alert. A yield that is known by it, and beyond its band, raises an alert too.
func (s *Service) Measure(ctx context.Context, m Measurement) (uuid.UUID, error) {
	if err := m.check(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "measureLot", Key: m.IdempotencyKey, Input: m}, func(tx *command.Tx) (uuid.UUID, error) {
		use, site, err := LockOne(ctx, tx, m.LotID, identity.Operate, tx.Share)
		if err != nil {
			return uuid.Nil, err
		}
		if err := append(CheckWeight("weightKg", m.WeightKg, site, use.Type, use.TypeMost), m.fits(use)...).Err(); err != nil {
			return uuid.Nil, err
		}
		if err := m.stays(ctx, tx, use); err != nil {
			return uuid.Nil, err
		}
		if err := m.save(ctx, tx, use); err != nil || m.WeightKg == nil {
			return use.ID, err
		}
		return use.ID, yield.Check(ctx, tx, s.library, []uuid.UUID{use.ID})
	})
}

// fits refuses what the lot can't have: a second weight, or another kind of amount than its type has.
func (m Measurement) fits(use *Use) fault.List {
	var faults fault.List
	counted := use.Unit != nil || use.TypeUnit == string(definition.UnitEach)
	switch {
	case m.WeightKg != nil && counted:
		faults = append(faults, fault.BadInput("weightKg", "%s is counted: give quantity", use.Code))
	case m.WeightKg != nil && use.WeightKg != nil:
		faults = append(faults, fault.New(fault.FailedPrecondition, "weightKg", "%s weighs %s kg already: take stock, or replace the transformation that made it", use.Code, use.WeightKg))
	}
	switch {
	case m.Quantity != nil && !counted:
		faults = append(faults, fault.BadInput("quantity", "%s is weighed: give weightKg", use.Code))
	case m.Quantity != nil && use.Lot.Lot.Quantity != nil:
		faults = append(faults, fault.New(fault.FailedPrecondition, "quantity", "%s has %s %s already: take stock, or replace the transformation that made it", use.Code, use.Lot.Lot.Quantity, *use.Unit))
	}
	return append(faults, use.Gone("lotId")...)
}

func (m Measurement) save(ctx context.Context, tx *command.Tx, use *Use) error {
	var unit *string
	if m.Quantity != nil {
		unit = &use.TypeUnit
	}
	after, err := tx.MeasureLot(ctx, db.MeasureLotParams{
		WeightKg: m.WeightKg, Quantity: m.Quantity, Unit: unit, TemperatureC: m.TemperatureC, ID: use.ID, SiteID: use.SiteID,
	})
	if err != nil {
		return err
	}
	if m.WeightKg != nil || m.Quantity != nil {
		if err := tx.SetOutputQuantities(ctx, db.SetOutputQuantitiesParams{
			QuantityKg: m.WeightKg, Quantity: m.Quantity, Unit: unit, LotID: use.ID, SiteID: use.SiteID,
		}); err != nil {
			return err
		}
	}
	tx.Audit(audit.Entry{
		Site: use.SiteID, Action: audit.MeasureLot, Subject: use.GlobalID(), Label: use.Code,
		Before: measured(use.Lot.Lot), After: measured(after),
	})
	tx.Tell(event.Event{Type: event.LotChanged, Site: use.SiteID, Subject: use.GlobalID(), Run: use.RunID})
	return nil
}

func measured(l db.Lot) audit.Fields {
	return audit.Fields{"weightKg": l.WeightKg, "quantity": l.Quantity, "temperatureC": l.TemperatureC}
}
