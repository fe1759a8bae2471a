package transformation

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
)

// takeUp finds what announced lots are, each of which may be made once, by its own run. Its row is locked, so of two that make it one comes second
// and finds it made; and nobody uses it meanwhile, since what isn't made can't be used. It has no children therefore, and can't close a
// circle with what it is made of. But an import may use it all the same, for it records what others did: so the links' lock, which
// makes one of the two see the other.
func (b *booking) takeUp(ctx context.Context) error {
	var faults fault.List
	seen := map[uuid.UUID]bool{}
	for _, e := range b.entries {
		for i, o := range e.Outputs {
			if o.LotID == nil {
				continue
			}
			use, at := b.uses[o.LotID.UUID], e.path+e.outputPath(i)
			refused := e.mayMake(use, at)
			if seen[use.ID] {
				refused = append(refused, fault.BadInput(at+"lotId", "%s is an output already: name it once", use.Code))
			}
			if seen[use.ID] = true; len(refused) > 0 {
				faults = append(faults, refused...)
				continue
			}
			kind, err := b.typeOf(ctx, e, use)
			if err != nil {
				return err
			}
			e.types[i], e.announced[i] = kind, use
			faults = append(append(faults, b.fits(o, kind, at)...), e.keepsIn(kind, at+"lotId")...)
			refused, err = e.complete(i, use, at)
			if err != nil {
				return err
			}
			faults = append(faults, refused...)
		}
	}
	return faults.Err()
}

// mayMake says why a lot isn't one that the entry can make.
func (e *entry) mayMake(use *lot.Use, at string) fault.List {
	refuse := func(format string, args ...any) fault.List {
		return fault.List{fault.New(fault.FailedPrecondition, at+"lotId", format, args...)}
	}
	switch {
	case !use.Announced:
		return refuse("%s was made already: only an announced lot is named as an output", use.Code)
	case use.Lot.Lot.Status == db.LotStatusCONSUMED:
		return use.Unmade(at + "lotId")
	case use.Lot.Lot.Status == db.LotStatusREJECTED:
		return refuse("%s was rejected", use.Code)
	case e.run == nil || e.run.ID != *use.RunID:
		return fault.List{fault.BadInput(e.field("runId"), "another run announced %s: name that one", use.Code)}
	}
	return nil
}

// typeOf is what an announced lot is of.
func (b *booking) typeOf(ctx context.Context, e *entry, use *lot.Use) (*lotType, error) {
	version, err := b.library.Version(ctx, b.tx.Queries, e.run.ScenarioID)
	if err != nil {
		return nil, err
	}
	return &lotType{LotTypeOf: version.LotTypeByID(use.LotTypeID), version: version, phase: use.PhaseID}, nil
}

// complete adds what was said of the lot before to what is said now, so that rules look at both: they may not differ, and it is weighed once.
func (e *entry) complete(i int, use *lot.Use, at string) (fault.List, error) {
	o := &e.Outputs[i]
	var faults fault.List
	if o.WeightKg != nil && use.WeightKg != nil {
		faults = append(faults, fault.New(fault.FailedPrecondition, at+"weightKg", "%s weighs %s kg already: leave it out", use.Code, use.WeightKg))
	}
	if o.Quantity != nil && use.Lot.Lot.Quantity != nil {
		faults = append(faults, fault.New(fault.FailedPrecondition, at+"quantity", "%s has %s %s already: leave it out", use.Code, use.Lot.Lot.Quantity, *use.Unit))
	}
	if o.WeightKg == nil {
		o.WeightKg = use.WeightKg
	}
	if o.Quantity == nil {
		o.Quantity = use.Lot.Lot.Quantity
	}
	if o.TemperatureC == nil {
		o.TemperatureC = use.TemperatureC
	}
	known, err := use.Attributes()
	if err != nil || o.Attributes == nil {
		o.Attributes = known
		return faults, err
	}
	all, refused := known.Completed(*o.Attributes, at+"attributes.")
	o.Attributes = &all
	return append(faults, refused...), nil
}

// takeOver gives a row of an announced lot what it has since it was announced.
func (b *booking) takeOver(row *lotRow, was *lot.Use) {
	row.ID, row.Code, row.Status = was.ID, was.Code, was.Lot.Lot.Status
	if row.SupplierID == nil {
		row.SupplierID = was.SupplierID
	}
	// What its gates say depends on when it was made.
	b.born = append(b.born, &lot.Lot{Lot: db.Lot{ID: row.ID, SiteID: b.site.ID, Code: row.Code, Status: row.Status}})
}

// make writes what announced lots came to.
func (b *booking) make(ctx context.Context, made []lotRow) error {
	if len(made) == 0 {
		return nil
	}
	lots, err := array(made)
	if err != nil {
		return err
	}
	n, err := b.tx.MakeAnnouncedLots(ctx, db.MakeAnnouncedLotsParams{Lots: lots, SiteID: b.site.ID})
	if err == nil && n != int64(len(made)) {
		return errors.New("a locked lot has changed")
	}
	return err
}
