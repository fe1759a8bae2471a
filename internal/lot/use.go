package lot

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Use is a lot that a command is about to use, with all that decides whether it may be. It is locked until the transaction ends.
type Use struct {
	*Lot
	Type     string            // code of its lot type
	TypeUnit string            // in which lots of its type are measured: KGM, or what is counted
	TypeMost *quantity.Decimal // kg that a lot of its type may weigh, where that is more than others at the site
	Role     db.LotRole
	Exposed  bool
}

// Lock locks lots at a site for use, in the order of their ids. A lot that isn't there, or is another site's, is NOT_FOUND on its field;
// all of them are named. The site must be locked before (command.Tx.Share): then what is read here holds.
func Lock(ctx context.Context, tx *command.Tx, site int32, ids []relay.ID, field func(i int) string) (map[uuid.UUID]*Use, error) {
	var faults fault.List
	keys := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		faults = append(faults, fault.All(id.Require(relay.Lot, field(i)))...)
		keys[i] = id.UUID
	}
	slices.SortFunc(keys, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	rows, err := tx.LotsForUse(ctx, slices.Compact(keys))
	if err != nil {
		return nil, err
	}
	uses := make(map[uuid.UUID]*Use, len(rows))
	for _, row := range rows {
		if row.Lot.SiteID == site {
			uses[row.Lot.ID] = &Use{Lot: &Lot{row.Lot}, Type: row.TypeCode, TypeUnit: row.TypeUnit, TypeMost: row.TypeMaxLotKg, Role: row.TypeRole, Exposed: row.Exposed}
		}
	}
	for i, id := range ids {
		if uses[id.UUID] == nil && id.Kind == relay.Lot {
			faults = append(faults, fault.New(fault.NotFound, field(i), "there is no such lot at this site"))
		}
	}
	return uses, faults.Err()
}

// Stopped says why nothing may be made of the lot, nor may it leave; nil where it may. All reasons are named.
func (u *Use) Stopped(field string) fault.List {
	var faults fault.List
	refuse := func(why string) {
		faults = append(faults, fault.New(fault.FailedPrecondition, field, "%s %s", u.Code, why))
	}
	switch u.Lot.Lot.Status {
	case db.LotStatusQUARANTINE:
		refuse("is in quarantine: it lacks the PASS of a blocking gate")
	case db.LotStatusREJECTED:
		refuse("was rejected")
	case db.LotStatusCONSUMED:
		refuse("is consumed: nothing remains of it")
	case db.LotStatusSHIPPED:
		refuse("was shipped")
	case db.LotStatusRELEASED:
	}
	if u.Held {
		refuse("is held: release it first")
	}
	if u.Exposed {
		refuse("is exposed: something that it was made of is held, rejected or recalled")
	}
	return faults
}

// Unmade says why nothing can be taken of the lot at all: it is announced, and nobody has said what it was made of. Nil where it was made. Were it
// used before, the trace of what is made of it would end here, and what it was made of could close a circle.
func (u *Use) Unmade(field string) fault.List {
	switch {
	case !u.Announced:
		return nil
	case u.Lot.Lot.Status == db.LotStatusCONSUMED:
		return fault.List{fault.New(fault.FailedPrecondition, field, "%s was announced, and dropped: nobody made it", u.Code)}
	}
	return fault.List{fault.New(fault.FailedPrecondition, field, "%s is announced, and nobody has made it yet: record what it was made of, or its receipt, first, with it as the output", u.Code)}
}

// Gone says why nothing can be taken of the lot, not even a sample or waste: it isn't there any more. Nil where it is.
func (u *Use) Gone(field string) fault.List {
	switch u.Lot.Lot.Status {
	case db.LotStatusCONSUMED:
		return fault.List{fault.New(fault.FailedPrecondition, field, "%s is consumed: nothing remains of it", u.Code)}
	case db.LotStatusSHIPPED:
		return fault.List{fault.New(fault.FailedPrecondition, field, "%s was shipped", u.Code)}
	case db.LotStatusQUARANTINE, db.LotStatusRELEASED, db.LotStatusREJECTED:
	}
	return nil
}

// Listed is how a lot is named that was given in a list of ids.
func Listed(i int) string { return fmt.Sprintf("lotIds[%d]", i) }

// LockOne locks one lot, given as lotId, at whose site the actor has the permission. take takes the site before: command.Tx.Share, or
// Exclude for what stops lots.
func LockOne(ctx context.Context, tx *command.Tx, id relay.ID, p identity.Permission, take func(context.Context, ...int32) error) (*Use, db.Site, error) {
	if err := id.Require(relay.Lot, "lotId"); err != nil {
		return nil, db.Site{}, err
	}
	site, err := tx.SiteOf(ctx, id, "lotId", p)
	if err != nil {
		return nil, site, err
	}
	if err := take(ctx, site.ID); err != nil {
		return nil, site, err
	}
	uses, err := Lock(ctx, tx, site.ID, []relay.ID{id}, func(int) string { return "lotId" })
	return uses[id.UUID], site, err
}
