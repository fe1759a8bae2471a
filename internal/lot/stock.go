package lot

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Stocktake is what is really there of a lot.
type Stocktake struct {
	LotID             relay.ID
	RemainingKg       *quantity.Decimal
	RemainingQuantity *quantity.Decimal
	Reason            string

	IdempotencyKey *string
}

func (t Stocktake) check() error {
	if err := command.CheckReason("reason", t.Reason, command.MaxReason); err != nil {
		return err
	}
	if (t.RemainingKg == nil) == (t.RemainingQuantity == nil) {
		return fault.BadInput("", "give remainingKg of a lot that is weighed, or remainingQuantity of one that is counted")
	}
	return append(CheckAmount("remainingKg", t.RemainingKg), CheckAmount("remainingQuantity", t.RemainingQuantity)...).Err()
}

// TakeStock corrects what remains of a lot; it takes a MANAGER. Its mass balance shows the difference as unaccounted. A lot of which
// nothing remains is CONSUMED; one of which something is found again has the status that its gates say. More than its buffer holds raises an alert.
func (s *Service) TakeStock(ctx context.Context, t Stocktake) (uuid.UUID, error) {
	if err := t.check(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "takeStock", Key: t.IdempotencyKey, Input: t}, func(tx *command.Tx) (uuid.UUID, error) {
		use, _, err := LockOne(ctx, tx, t.LotID, identity.Manage, tx.Share)
		if err != nil {
			return uuid.Nil, err
		}
		if err := t.fits(use); err != nil {
			return uuid.Nil, err
		}
		if err := t.stays(ctx, tx, use); err != nil {
			return uuid.Nil, err
		}
		return use.ID, t.save(ctx, tx, use)
	})
}

func (t Stocktake) fits(use *Use) error {
	switch {
	case use.Announced:
		return use.Unmade("lotId")
	case use.Lot.Lot.Status == db.LotStatusSHIPPED:
		return fault.New(fault.FailedPrecondition, "lotId", "%s was shipped: nothing of it is here", use.Code)
	case t.RemainingKg != nil && use.Unit != nil:
		return fault.BadInput("remainingKg", "%s is counted: give remainingQuantity", use.Code)
	case t.RemainingQuantity != nil && use.Unit == nil:
		return fault.BadInput("remainingQuantity", "%s is weighed: give remainingKg", use.Code)
	case t.RemainingKg != nil && use.WeightKg != nil && t.RemainingKg.Cmp(*use.WeightKg) > 0:
		return fault.New(fault.FailedPrecondition, "remainingKg", "%s weighed %s kg at its birth: more can't remain; correct its weight by a replacement of what made it", use.Code, use.WeightKg)
	case t.RemainingQuantity != nil && use.Lot.Lot.Quantity != nil && t.RemainingQuantity.Cmp(*use.Lot.Lot.Quantity) > 0:
		return fault.New(fault.FailedPrecondition, "remainingQuantity", "%s had %s %s at its birth: more can't remain; correct its count by a replacement of what made it", use.Code, use.Lot.Lot.Quantity, *use.Unit)
	case use.RemainingKg == nil && use.RemainingQuantity == nil:
		return fault.New(fault.FailedPrecondition, "lotId", "nobody has measured %s yet: give its weight first (measureLot)", use.Code)
	}
	return nil
}

func (t Stocktake) save(ctx context.Context, tx *command.Tx, use *Use) error {
	after, err := tx.CorrectRemaining(ctx, db.CorrectRemainingParams{
		RemainingKg: t.RemainingKg, RemainingQuantity: t.RemainingQuantity, ID: use.ID, SiteID: use.SiteID,
	})
	if err != nil {
		return err
	}
	changed, err := Reassess(ctx, tx, []*Lot{{after}})
	if err != nil {
		return err
	}
	if status, ok := changed[use.ID]; ok {
		after.Status = status
	}
	tx.Audit(audit.Entry{
		Site: use.SiteID, Action: audit.CorrectLot, Subject: use.GlobalID(), Label: use.Code, Reason: strings.TrimSpace(t.Reason),
		Before: stock(use.Lot.Lot), After: stock(after),
	})
	what := event.LotChanged
	if after.Status != use.Lot.Lot.Status {
		what = event.LotStatusChanged
	}
	tx.Tell(event.Event{Type: what, Site: use.SiteID, Subject: use.GlobalID(), Run: use.RunID, Data: map[string]any{"before": use.Status()}})
	return nil
}

func stock(l db.Lot) audit.Fields {
	return audit.Fields{"status": l.Status, "remainingKg": l.RemainingKg, "remainingQuantity": l.RemainingQuantity}
}
