package transformation

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/equipment"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/yield"
)

const onEquipment = "replacement.equipment"

// replace records how it really was: the same lots, of what they were really made, when, and as much as they really are.
func (v *voiding) replace(ctx context.Context, with Replacement) error {
	faults := with.check(v)
	machine, err := equipment.Code(with.Equipment, onEquipment)
	if f := fault.Of(err); f != nil {
		faults = append(faults, f)
	}
	if len(faults) > 0 {
		return faults
	}
	at, err := v.retime(ctx, with.OccurredAt)
	if err != nil {
		return err
	}
	if faults, err = equipment.Require(ctx, v.tx, v.site.ID, equipment.Named{Code: machine, Field: onEquipment, At: at}); err != nil {
		return err
	}
	if err := faults.Err(); err != nil {
		return err
	}
	draws, err := v.redraw(ctx, with.Inputs, at)
	if err != nil {
		return err
	}
	amounts, err := v.revise(ctx, with.Outputs)
	if err != nil {
		return err
	}
	id := v.tx.NewID()
	row := transformationRow{
		ID: id, Kind: v.old.Kind, OccurredAt: at, RunID: v.old.RunID, PhaseID: v.old.PhaseID, PartnerID: v.old.PartnerID,
		Equipment: cmp.Or(machine, v.old.Equipment),
	}
	if with.PartnerID != nil {
		row.PartnerID = &with.PartnerID.UUID
	}
	r := rows{transformations: []transformationRow{row}}
	for _, d := range draws {
		r.inputs = append(r.inputs, itemRow{TransformationID: id, LotID: d.use.ID, QuantityKg: d.kg, Quantity: d.pieces, Unit: d.use.Unit})
	}
	var made []uuid.UUID
	for _, o := range v.outputs {
		item := itemRow{TransformationID: id, LotID: o.LotID, QuantityKg: o.QuantityKg, Quantity: o.Quantity, Unit: o.Unit}
		if a, ok := amounts[o.LotID]; ok {
			item.QuantityKg, item.Quantity = a.WeightKg, a.Quantity
		}
		r.outputs, made = append(r.outputs, item), append(made, o.LotID)
	}
	p, err := r.params(v.site.ID, v.tx.At, &v.tx.Actor.UserID)
	if err != nil {
		return err
	}
	if err := v.tx.RecordTransformations(ctx, p); err != nil {
		return inReplacement(db.Fault(err))
	}
	if err := v.receiveAgain(ctx, id); err != nil {
		return err
	}
	if err := v.resupply(ctx, row.PartnerID, made); err != nil {
		return err
	}
	v.replacedBy = &id
	if err := v.strike(ctx); err != nil {
		return err
	}
	if err := v.tx.ExposeChildren(ctx, db.ExposeChildrenParams{LotIds: made, ExposedAt: v.tx.At}); err != nil {
		return err
	}
	if err := v.reconsider(ctx, with, draws); err != nil {
		return err
	}
	return yield.Check(ctx, v.tx, v.library, made)
}

// retime is when it really happened: in its run, and not after its lots were used.
func (v *voiding) retime(ctx context.Context, given *time.Time) (time.Time, error) {
	if given == nil {
		return v.old.OccurredAt, nil
	}
	at := given.UTC().Truncate(time.Microsecond)
	ids := outputIDs(v.outputs)
	uses, err := v.tx.FirstUsesOfLots(ctx, ids)
	if err != nil {
		return at, err
	}
	const field = "replacement.occurredAt"
	var faults fault.List
	for _, use := range uses {
		if use.UsedAt.Before(at) {
			faults = append(faults, fault.BadInput(field, "%s was used before, at %s", use.Code, use.UsedAt.Format(timeLayout)))
		}
	}
	if v.old.RunID != nil {
		runs, err := v.tx.RunsByIDs(ctx, []uuid.UUID{*v.old.RunID})
		if err != nil {
			return at, err
		}
		for _, r := range runs {
			if r.StartedAt == nil || at.Before(*r.StartedAt) || r.EndedAt != nil && at.After(*r.EndedAt) {
				faults = append(faults, fault.BadInput(field, "%s wasn't running then", r.Code))
			}
		}
	}
	if err := faults.Err(); err != nil {
		return at, err
	}
	return at, v.tx.SetLotTimes(ctx, db.SetLotTimesParams{OccurredAt: at, Ids: ids, SiteID: v.site.ID})
}

func outputIDs(outputs []db.TransformationOutput) []uuid.UUID {
	ids := make([]uuid.UUID, len(outputs))
	for i, o := range outputs {
		ids[i] = o.LotID
	}
	return ids
}

// inReplacement names the field of a fault as part of the replacement that the caller gave.
func inReplacement(err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	return &fault.Error{Code: f.Code, Field: "replacement." + f.Field, Message: f.Message}
}

// resupply makes what was received the goods of who is now said to have supplied it: a recall of a supplier's goods asks the lots.
func (v *voiding) resupply(ctx context.Context, supplier *uuid.UUID, made []uuid.UUID) error {
	if v.old.Kind != db.TransformationKindRECEIVE || supplier == nil || v.old.PartnerID != nil && *v.old.PartnerID == *supplier {
		return nil
	}
	return v.tx.SetSuppliers(ctx, db.SetSuppliersParams{SupplierID: *supplier, Ids: made, SiteID: v.site.ID, Was: v.old.PartnerID})
}

// receiveAgain keeps what came from another site: a replacement changes what the site has of it.
func (v *voiding) receiveAgain(ctx context.Context, id uuid.UUID) error {
	if len(v.receipts) == 0 {
		return nil
	}
	rows := make([]receiptRow, len(v.receipts))
	for i, r := range v.receipts {
		rows[i] = receiptRow{id, r.LotID, r.LotSiteID, r.QuantityKg, r.Quantity, r.Unit}
	}
	encoded, err := array(rows)
	if err != nil {
		return err
	}
	return v.tx.InsertReceipts(ctx, db.InsertReceiptsParams{SiteID: v.site.ID, Receipts: encoded})
}

// check finds what is wrong with a replacement by itself.
func (r Replacement) check(v *voiding) fault.List {
	var faults fault.List
	const path = "replacement."
	switch n := len(r.Inputs); {
	case r.Inputs == nil:
	case n == 0 && len(v.inputs) > 0:
		faults = append(faults, fault.BadInput(path+"inputs", "name what it was made of, or leave them out where they were right"))
	case n > maxItems:
		faults = append(faults, fault.Bounded(path+"inputs", n, maxItems, "give at most %d", maxItems))
	case n > 0 && v.old.Kind == db.TransformationKindRECEIVE:
		faults = append(faults, fault.BadInput(path+"inputs", "RECEIVE has none: goods come from a partner"))
	case n > 1 && v.old.Kind == db.TransformationKindSPLIT:
		faults = append(faults, fault.BadInput(path+"inputs", "SPLIT divides one lot"))
	}
	seen := map[relay.ID]bool{}
	for i, in := range r.Inputs {
		at := fmt.Sprintf("%sinputs[%d].", path, i)
		if seen[in.LotID] {
			faults = append(faults, fault.BadInput(at+"lotId", "this lot is an input already: give its whole quantity once"))
		}
		seen[in.LotID] = true
		faults = append(faults, in.check(at)...)
	}
	outputs := map[uuid.UUID]bool{}
	for _, o := range v.outputs {
		outputs[o.LotID] = true
	}
	for i, o := range r.Outputs {
		at := fmt.Sprintf("%soutputs[%d].", path, i)
		if !outputs[o.LotID.UUID] || o.LotID.Kind != relay.Lot {
			faults = append(faults, fault.BadInput(at+"lotId", "it didn't make this lot: a replacement has the same outputs"))
		}
		outputs[o.LotID.UUID] = false // named twice is once too often
		if o.WeightKg == nil && o.Quantity == nil && o.Attributes == nil {
			faults = append(faults, fault.BadInput(at+"weightKg", "say what of it was wrong: its amount, or its attributes"))
		}
		output := Output{WeightKg: o.WeightKg, Quantity: o.Quantity, Attributes: o.Attributes}
		faults = append(faults, output.check(at)...)
	}
	if r.OccurredAt != nil && r.OccurredAt.After(v.tx.At) {
		faults = append(faults, fault.BadInput(path+"occurredAt", "%s is in the future", r.OccurredAt.Format(timeLayout)))
	}
	return faults
}

// redraw takes what really went in, at a time; nil for what was recorded.
func (v *voiding) redraw(ctx context.Context, inputs []Draw, at time.Time) ([]*draw, error) {
	if inputs == nil {
		for _, in := range v.inputs {
			inputs = append(inputs, Draw{LotID: v.lotID(in.LotID), QuantityKg: in.QuantityKg, Quantity: in.Quantity})
		}
	}
	r := &Recording{Inputs: inputs}
	ids := make([]relay.ID, len(inputs))
	for i, in := range inputs {
		ids[i] = in.LotID
	}
	uses, err := v.lock(ctx, ids, func(i int) string { return "replacement." + r.inputField(i) })
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var faults fault.List
	kind := v.old.Kind
	p := db.DrawFromLotsParams{Shipped: kind == db.TransformationKindSHIP, SiteID: v.site.ID}
	draws := make([]*draw, 0, len(inputs))
	left := map[uuid.UUID]quantity.Decimal{}
	for i, in := range inputs {
		use := uses[in.LotID.UUID]
		if unmade := use.Unmade("replacement." + r.inputField(i)); len(unmade) > 0 {
			faults = append(faults, unmade...)
			continue
		}
		if use.OccurredAt.After(at) {
			faults = append(faults, fault.BadInput("replacement."+r.inputField(i), "%s came into being later, at %s", use.Code, use.OccurredAt.Format(timeLayout)))
			continue
		}
		d, refused := drawFrom(use, in, left, "replacement.", r, i)
		if len(refused) > 0 {
			faults = append(faults, refused...)
			continue
		}
		draws = append(draws, d)
		p.Ids, p.Kg, p.Pieces = append(p.Ids, use.ID), append(p.Kg, amount(d.kg)), append(p.Pieces, amount(d.pieces))
		p.ShipmentIds = append(p.ShipmentIds, uuid.Nil) // what is corrected is intricate
		p.Spent = append(p.Spent, anyTime(kind))
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return draws, v.tx.Later.DrawFromLots(ctx, p)
}

// amount is 0 for nil.
func amount(d *quantity.Decimal) quantity.Decimal {
	if d == nil {
		return quantity.Decimal{}
	}
	return *d
}

// revise gives lots the amounts that they really have; less than was used of one is refused with the numbers.
func (v *voiding) revise(ctx context.Context, outputs []Revised) (map[uuid.UUID]Revised, error) {
	ids := make([]relay.ID, len(outputs))
	for i, o := range outputs {
		ids[i] = o.LotID
	}
	uses, err := v.lock(ctx, ids, func(i int) string { return fmt.Sprintf("replacement.outputs[%d].lotId", i) })
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var faults fault.List
	p := db.ReviseLotsParams{SiteID: v.site.ID}
	amounts := map[uuid.UUID]Revised{}
	for i, o := range outputs {
		if o.WeightKg == nil && o.Quantity == nil {
			continue
		}
		use, at := uses[o.LotID.UUID], fmt.Sprintf("replacement.outputs[%d].", i)
		faults = append(faults, lot.CheckWeight(at+"weightKg", o.WeightKg, v.site, use.Type, use.TypeMost)...)
		kg, pieces, refused := difference(use, o, at)
		faults = append(faults, refused...)
		p.Ids, p.Kg, p.Pieces = append(p.Ids, o.LotID.UUID), append(p.Kg, kg), append(p.Pieces, pieces)
		amounts[o.LotID.UUID] = o
	}
	if err := faults.Err(); err != nil || len(amounts) == 0 {
		return nil, err
	}
	return amounts, v.tx.ReviseLots(ctx, p)
}

// difference is what a lot has more, or less, than was recorded.
func difference(use *lot.Use, o Revised, at string) (kg, pieces quantity.Decimal, faults fault.List) {
	is, was, remains, field := o.WeightKg, use.WeightKg, use.RemainingKg, at+"weightKg"
	if use.Unit != nil {
		is, was, remains, field = o.Quantity, use.Lot.Lot.Quantity, use.RemainingQuantity, at+"quantity"
	}
	if is == nil || was == nil || remains == nil {
		return kg, pieces, fault.List{fault.BadInput(field, "give the amount of %s; one that was never measured is measured first", use.Code)}
	}
	more, err := is.Sub(*was)
	if err != nil {
		return kg, pieces, fault.List{fault.BadInput(field, "%v", err)}
	}
	if after, err := remains.Add(more); err != nil || after.Sign() < 0 {
		return kg, pieces, fault.List{fault.New(fault.FailedPrecondition, field, "%s of %s were recorded and %s remain: %s is less than was used of it", was, use.Code, remains, is)}
	}
	if use.Unit != nil {
		return kg, more, nil
	}
	return more, pieces, nil
}
