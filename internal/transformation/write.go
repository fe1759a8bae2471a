package transformation

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/yield"
)

// draw takes what goes in from its lots. That is less than remains by now, unless somebody went round the locks: then all is
// undone.
func (b *booking) draw(ctx context.Context) error {
	for _, shipped := range []bool{false, true} {
		drawn := map[uuid.UUID]*drawing{}
		for _, e := range b.entries {
			if (e.Kind == db.TransformationKindSHIP) != shipped {
				continue
			}
			for _, d := range e.draws {
				if drawn[d.use.ID] == nil {
					drawn[d.use.ID] = &drawing{}
				}
				if err := drawn[d.use.ID].add(e.Kind, e.id, d); err != nil {
					return err
				}
			}
		}
		if len(drawn) == 0 {
			continue
		}
		p := db.DrawFromLotsParams{Shipped: shipped, SiteID: b.site.ID}
		for id, total := range drawn {
			total.enter(&p, b.uses[id])
		}
		if err := b.tx.Later.DrawFromLots(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// drawing is what transformations take from one lot.
type drawing struct {
	sum      quantity.Decimal // in the lot's measure
	shipment uuid.UUID        // that takes it; nil for none, and for several
	drawn    bool             // something was, before
	spent    bool             // some of it was sampled or wasted
}

func (g *drawing) add(kind db.TransformationKind, id uuid.UUID, d *draw) (err error) {
	g.sum, err = g.sum.Add(*cmp.Or(d.kg, d.pieces))
	switch {
	case kind == db.TransformationKindSHIP && !g.drawn:
		g.shipment = id
	case kind == db.TransformationKindSHIP:
		g.shipment = uuid.Nil
	case kind == db.TransformationKindSAMPLE, kind == db.TransformationKindWASTE:
		g.spent = true
	}
	g.drawn = true
	return err
}

func (g *drawing) enter(p *db.DrawFromLotsParams, use *lot.Use) {
	kg, pieces := g.sum, quantity.Decimal{}
	if use.Unit != nil {
		kg, pieces = pieces, kg
	}
	p.Ids, p.Kg, p.Pieces = append(p.Ids, use.ID), append(p.Kg, kg), append(p.Pieces, pieces)
	p.ShipmentIds, p.Spent = append(p.ShipmentIds, g.shipment), append(p.Spent, g.spent)
}

// write numbers the new lots, and puts everything into the tables.
func (b *booking) write(ctx context.Context) error {
	if err := b.number(ctx); err != nil {
		return err
	}
	if err := b.label(ctx); err != nil {
		return err
	}
	var r rows
	for _, e := range b.entries {
		row := transformationRow{
			ID: e.id, Kind: e.Kind, OccurredAt: e.at, RunID: e.runKey(), PhaseID: e.phase, Equipment: e.Equipment,
		}
		if e.PartnerID != nil {
			row.PartnerID = &e.PartnerID.UUID
		}
		r.transformations = append(r.transformations, row)
		for _, d := range e.draws {
			r.inputs = append(r.inputs, itemRow{TransformationID: e.id, LotID: d.use.ID, QuantityKg: d.kg, Quantity: d.pieces, Unit: d.use.Unit})
		}
		for i := range e.Outputs {
			made := b.lotRow(e, i)
			e.made, e.statuses = append(e.made, made.ID), append(e.statuses, made.Status)
			if e.announced[i] == nil {
				r.lots = append(r.lots, made)
			} else {
				r.announced = append(r.announced, made)
			}
			r.outputs = append(r.outputs, itemRow{TransformationID: e.id, LotID: made.ID, QuantityKg: made.WeightKg, Quantity: made.Quantity, Unit: made.Unit})
		}
	}
	if err := b.make(ctx, r.announced); err != nil {
		return err
	}
	p, err := r.params(b.site.ID, b.tx.At, b.recorder())
	if err != nil {
		return err
	}
	return b.tx.Later.RecordTransformations(ctx, p)
}

// recorder is who books: nil for a program of this system.
func (b *booking) recorder() *uuid.UUID {
	if b.tx.Actor == nil || b.tx.Actor.UserID == uuid.Nil {
		return nil
	}
	return &b.tx.Actor.UserID
}

// number gives codes to the new lots: one visit to each counter, in the order of day and type, so that no two commands wait for
// each other.
func (b *booking) number(ctx context.Context) error {
	type counter struct {
		lot.Coder
		kind string
	}
	waiting := map[counter][]*string{}
	for _, e := range b.entries {
		coder, err := b.coder(e)
		if err != nil {
			return err
		}
		e.codes = make([]string, len(e.Outputs))
		for i, t := range e.types {
			if was := e.announced[i]; was != nil {
				e.codes[i] = was.Code
				continue
			}
			c := counter{coder, t.Code}
			waiting[c] = append(waiting[c], &e.codes[i])
		}
	}
	counters := make([]counter, 0, len(waiting))
	for c := range waiting {
		counters = append(counters, c)
	}
	slices.SortFunc(counters, func(a, b counter) int { return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.kind, b.kind)) })
	for _, c := range counters {
		codes, err := c.Next(ctx, b.tx, c.kind, len(waiting[c]))
		if err != nil {
			return err
		}
		for i, code := range codes {
			*waiting[c][i] = code
		}
	}
	return nil
}

// lotRow is a new lot. It waits in QUARANTINE where a blocking gate applies to its type.
func (b *booking) lotRow(e *entry, i int) lotRow {
	o, kind := e.Outputs[i], e.types[i]
	row := lotRow{
		ID: b.tx.NewID(), Code: e.codes[i], GS1Key: e.keys[i], LocationID: e.places[i], LotTypeID: kind.ID, Status: db.LotStatusRELEASED, Source: b.source(o),
		WeightKg: o.WeightKg, Quantity: o.Quantity, TemperatureC: o.TemperatureC, RunID: e.runKey(), PhaseID: kind.phase,
		OccurredAt: e.at, Attributes: e.attributes[i],
	}
	if p := e.productOf(i); p != nil {
		row.ProductID = p
	}
	if o.SupplierID != nil {
		row.SupplierID = &o.SupplierID.UUID
	} else if e.Kind == db.TransformationKindRECEIVE && e.PartnerID != nil {
		row.SupplierID = &e.PartnerID.UUID
	}
	if kind.Unit == definition.UnitEach && o.Quantity != nil {
		unit := string(kind.Unit)
		row.Unit = &unit
	}
	if was := e.announced[i]; was != nil {
		b.takeOver(&row, was)
		return row
	}
	for _, gate := range kind.Gates {
		if gate.Mode != definition.ModeBlocking {
			continue
		}
		row.Status = db.LotStatusQUARANTINE
		if !gate.PerLot || gate.PositiveRelease {
			b.born = append(b.born, &lot.Lot{Lot: db.Lot{ID: row.ID, SiteID: b.site.ID, Code: row.Code, Status: row.Status}})
			break
		}
	}
	return row
}

func (b *booking) source(o Output) db.LotSource {
	switch {
	case o.source != "":
		return o.source
	case b.tx.Actor != nil && b.tx.Actor.Token != uuid.Nil:
		return db.LotSourceDEVICE
	}
	return db.LotSourcePERSON
}

// checkYields tells of what came out beyond its band.
func (b *booking) checkYields(ctx context.Context) error {
	var made []uuid.UUID
	for _, e := range b.entries {
		if slices.ContainsFunc(e.types, func(t *lotType) bool { return yield.Expected(t.LotTypeOf) }) {
			made = append(made, e.made...)
		}
	}
	if len(made) == 0 {
		return nil
	}
	return yield.Check(ctx, b.tx, b.library, made)
}

// reassess releases new lots that a check of their line has passed already.
func (b *booking) reassess(ctx context.Context) error {
	if len(b.born) == 0 {
		return nil
	}
	changed, err := lot.Reassess(ctx, b.tx, b.born)
	if err != nil {
		return err
	}
	for _, e := range b.entries {
		for i, id := range e.made {
			if status, ok := changed[id]; ok {
				e.statuses[i] = status
			}
		}
	}
	return nil
}
