package transformation

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// judge refuses what may not be used, and more than remains; all reasons are named.
func (b *booking) judge(context.Context) error {
	var faults fault.List
	for _, e := range b.entries {
		if e.single {
			e.Kind = e.named(func(id relay.ID) *lot.Use { return b.uses[id.UUID] })
		}
		for i, in := range e.Inputs {
			use := b.uses[in.LotID.UUID]
			stopped := mayTake(e.Kind, use, e.path+e.inputField(i))
			if e.at.Before(use.OccurredAt) {
				stopped = append(stopped, fault.BadInput(e.field("occurredAt"), "%s came into being later, at %s", use.Code, use.OccurredAt.Format(timeLayout)))
			}
			d, refused := drawFrom(use, in, b.left, e.path, e.Recording, i)
			faults = append(append(faults, stopped...), refused...)
			e.draws = append(e.draws, d) // of a lot that is refused too: the rules tell what else is wrong with it
		}
	}
	return faults.Err()
}

const timeLayout = "2006-01-02T15:04:05Z07:00"

// anyTime reports whether a transformation of this kind may be of what is stopped, whenever.
func anyTime(kind db.TransformationKind) bool {
	return kind == db.TransformationKindSAMPLE || kind == db.TransformationKindWASTE
}

// mayTake says why a lot can't go into a transformation of this kind. Samples and waste may always be taken of what is there.
func mayTake(kind db.TransformationKind, use *lot.Use, field string) fault.List {
	if use.Announced {
		return use.Unmade(field)
	}
	if anyTime(kind) {
		return use.Gone(field)
	}
	return use.Stopped(field)
}

// drawFrom works out what is drawn, or would be were it not refused; left is what remains of each lot after the draws before.
func drawFrom(use *lot.Use, in Draw, left map[uuid.UUID]quantity.Decimal, path string, r *Recording, i int) (*draw, fault.List) {
	d := &draw{use: use}
	at := fmt.Sprintf("%sinputs[%d].", path, i)
	remaining, asked, field, unit := use.RemainingKg, in.QuantityKg, at+"quantityKg", "kg"
	if use.Unit != nil {
		remaining, asked, field, unit = use.RemainingQuantity, in.Quantity, at+"quantity", *use.Unit
	}
	switch {
	case use.Unit != nil && in.QuantityKg != nil:
		return d, fault.List{fault.BadInput(at+"quantityKg", "%s is counted: give quantity", use.Code)}
	case use.Unit == nil && in.Quantity != nil:
		return d, fault.List{fault.BadInput(at+"quantity", "%s is weighed: give quantityKg", use.Code)}
	case remaining == nil:
		return d, fault.List{fault.New(fault.FailedPrecondition, path+r.inputField(i), "nobody has measured %s yet: give its weight first (measureLot)", use.Code)}
	}
	rest, ok := left[use.ID]
	if !ok {
		rest = *remaining
	}
	if asked == nil {
		asked = &rest
	}
	if use.Unit != nil {
		d.pieces = asked
	} else {
		d.kg = asked
	}
	if asked.Cmp(rest) > 0 || asked.Sign() <= 0 {
		return d, fault.List{fault.New(fault.FailedPrecondition, field, "%s %s of %s are asked for, and %s remain", asked, unit, use.Code, rest)}
	}
	after, err := rest.Sub(*asked)
	if err != nil {
		return d, fault.List{fault.BadInput(field, "%v", err)}
	}
	left[use.ID], d.empties = after, after.IsZero()
	return d, nil
}
