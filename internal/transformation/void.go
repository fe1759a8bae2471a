package transformation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
)

// Void is a correction: a transformation didn't happen, or not as it was recorded.
type Void struct {
	TransformationID relay.ID
	Reason           string
	Replacement      *Replacement // nil: it didn't happen at all

	IdempotencyKey *string
}

// Replacement is how it really was. What is nil is as it was recorded.
type Replacement struct {
	Inputs     []Draw    // nil for those recorded; held and exposed lots too: they did go in
	Outputs    []Revised // those whose amount was wrong, or what was said of them
	PartnerID  *relay.ID
	Equipment  *string
	OccurredAt *time.Time
}

// Revised is what a lot that came out really is; nil for what was right.
type Revised struct {
	LotID      relay.ID
	WeightKg   *quantity.Decimal
	Quantity   *quantity.Decimal
	Attributes *lot.Attributes // those that are given
}

// VoidTransformation takes a transformation out of force and may put another in its place, which made the same lots; it takes a
// MANAGER. Nothing is deleted: a trace as of an earlier time still shows it, and what it exposed stays exposed. Inputs get back
// what was taken. Without a replacement its lots never were, so FAILED_PRECONDITION names those that were used since. A replacement is never
// refused for a rule of the scenario, since it happened: what it shows is held (reconsider).
func (s *Service) VoidTransformation(ctx context.Context, in Void) (Voided, error) {
	if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {
		return Voided{}, err
	}
	if err := in.TransformationID.Require(relay.Transformation, "transformationId"); err != nil {
		return Voided{}, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "voidTransformation", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (Voided, error) {
		v, err := startVoid(ctx, tx, s.library, in)
		if err != nil {
			return Voided{}, err
		}
		if in.Replacement == nil {
			if err = v.annul(ctx); err == nil {
				err = v.strike(ctx)
			}
		} else {
			err = v.replace(ctx, *in.Replacement)
		}
		if err != nil {
			return Voided{}, err
		}
		return Voided{ID: v.old.ID, ReplacedBy: v.replacedBy}, v.finish(ctx)
	})
}

// Voided is the transformation that was voided, and the one in its place.
type Voided struct {
	ID         uuid.UUID
	ReplacedBy *uuid.UUID
}

// voiding is a correction under way. The command has the site for itself.
type voiding struct {
	tx       *command.Tx
	library  *scenario.Library
	site     db.Site
	reason   string
	old      db.Transformation
	inputs   []db.TransformationInput
	outputs  []db.TransformationOutput
	receipts []db.Receipt

	replacedBy *uuid.UUID
	touched    map[uuid.UUID]*lot.Use
}

// startVoid takes the transformation out of force, and gives back what it took.
func startVoid(ctx context.Context, tx *command.Tx, library *scenario.Library, in Void) (*voiding, error) {
	site, err := tx.SiteOf(ctx, in.TransformationID, "transformationId", identity.Manage)
	if err != nil {
		return nil, err
	}
	if err := tx.ExcludeBelow(ctx, site.ID); err != nil {
		return nil, err
	}
	if _, err := tx.Everywhere(ctx); err != nil { // what was received of other sites' lots is hidden where these are
		return nil, err
	}
	v := &voiding{tx: tx, library: library, site: site, reason: strings.TrimSpace(in.Reason), touched: map[uuid.UUID]*lot.Use{}}
	v.old, err = tx.LockTransformation(ctx, db.LockTransformationParams{ID: in.TransformationID.UUID, SiteID: site.ID})
	switch {
	case db.NoRows(err):
		return nil, fault.New(fault.NotFound, "transformationId", "there is no such Transformation")
	case err != nil:
		return nil, err
	case v.old.VoidedAt != nil:
		return nil, fault.New(fault.FailedPrecondition, "transformationId", "it was voided already, at %s", v.old.VoidedAt.Format(timeLayout))
	}
	ids := []uuid.UUID{v.old.ID}
	if v.inputs, err = tx.OwnInputsByTransformations(ctx, ids); err != nil {
		return nil, err
	}
	if v.outputs, err = tx.TransformationOutputsByTransformations(ctx, ids); err != nil {
		return nil, err
	}
	if v.receipts, err = tx.ReceiptsByTransformations(ctx, ids); err != nil {
		return nil, err
	}
	if err := v.notReceived(ctx); err != nil {
		return nil, err
	}
	if err := v.goesBack(ctx); err != nil {
		return nil, err
	}
	return v, tx.UnlinkTransformations(ctx, ids)
}

// goesBack gives back what went in. A stocktake may have found it again: then it would be there twice.
func (v *voiding) goesBack(ctx context.Context) error {
	found, err := v.tx.LotsFoundAgain(ctx, v.old.ID)
	if err != nil {
		return err
	}
	var faults fault.List
	for _, l := range found {
		most, err := l.Born.Sub(l.WentIn)
		if err != nil {
			return err
		}
		faults = append(faults, fault.New(fault.FailedPrecondition, "transformationId",
			"%s of %s %s of %s remain by a stocktake: with the %s that go back it would be more than there was; say first that at most %s remain (takeStock)",
			l.Remains, l.Born, l.Unit, l.Code, l.WentIn, most))
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return v.tx.ReturnToLots(ctx, v.old.ID)
}

// notReceived refuses to correct a shipment that has come to another site: what was made of it there stands on it.
func (v *voiding) notReceived(ctx context.Context) error {
	if v.old.Kind != db.TransformationKindSHIP {
		return nil
	}
	codes, err := v.tx.ReceivedElsewhere(ctx, db.ReceivedElsewhereParams{TransformationID: v.old.ID, SiteID: v.site.ID})
	if err != nil || len(codes) == 0 {
		return err
	}
	return fault.New(fault.FailedPrecondition, "transformationId", "another site has received %s: let it void its receipt first", strings.Join(codes, ", "))
}

func (v *voiding) lotID(id uuid.UUID) relay.ID {
	return relay.ID{Kind: relay.Lot, Site: v.site.ID, UUID: id}
}

// lock reads lots as they are after what was given back.
func (v *voiding) lock(ctx context.Context, ids []relay.ID, field func(int) string) (map[uuid.UUID]*lot.Use, error) {
	if len(ids) == 0 {
		return map[uuid.UUID]*lot.Use{}, nil
	}
	uses, err := lot.Lock(ctx, v.tx, v.site.ID, ids, field)
	maps.Copy(v.touched, uses)
	return uses, err
}

// annul makes lots that never were weigh nothing; none may have been used.
func (v *voiding) annul(ctx context.Context) error {
	ids := make([]relay.ID, len(v.outputs))
	keys := make([]uuid.UUID, len(v.outputs))
	for i, o := range v.outputs {
		ids[i], keys[i] = v.lotID(o.LotID), o.LotID
	}
	made, err := v.lock(ctx, ids, func(int) string { return "transformationId" })
	if err != nil || len(ids) == 0 {
		return err
	}
	inUse, err := v.tx.LotsInUse(ctx, keys) // also where a stocktake found again what was taken
	if err != nil {
		return err
	}
	var faults fault.List
	for _, id := range keys {
		if use := made[id]; !untouched(use) || slices.Contains(inUse, id) {
			faults = append(faults, fault.New(fault.FailedPrecondition, "transformationId",
				"%s was used since (%s): void what used it first, or give a replacement", use.Code, use.Status()))
		}
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return v.tx.AnnulLots(ctx, db.AnnulLotsParams{Ids: keys, SiteID: v.site.ID})
}

// untouched reports whether nothing was taken of a lot, and nobody has judged it.
func untouched(use *lot.Use) bool {
	there := use.Lot.Lot.Status == db.LotStatusQUARANTINE || use.Lot.Lot.Status == db.LotStatusRELEASED
	return there && !use.Held && same(use.WeightKg, use.RemainingKg) && same(use.Lot.Lot.Quantity, use.RemainingQuantity)
}

func same(a, b *quantity.Decimal) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// strike takes the row out of force, with what stands in its place.
func (v *voiding) strike(ctx context.Context) error {
	return v.tx.VoidTransformation(ctx, db.VoidTransformationParams{
		VoidedAt: &v.tx.At, VoidReason: &v.reason, VoidedBy: &v.tx.Actor.UserID, ReplacedByID: v.replacedBy, ID: v.old.ID, SiteID: v.site.ID,
	})
}

// stay raises an alert of each buffer that holds more than it can with what the lots that lie there weigh now: a correction says what is so, and
// is refused for nothing that follows.
func (v *voiding) stay(ctx context.Context) error {
	lying := map[uuid.UUID][]location.Candidate{}
	for _, use := range v.touched {
		if use.LocationID != nil {
			lying[*use.LocationID] = append(lying[*use.LocationID], location.Candidate{ID: use.ID, Code: use.Code, LotType: use.Type, Kg: use.RemainingKg})
		}
	}
	at, err := location.Lock(ctx, v.tx, v.site.ID, slices.Collect(maps.Keys(lying))...)
	if err != nil {
		return err
	}
	placings := make([]location.Placing, len(at))
	for i, l := range at {
		placings[i] = location.Placing{At: l, Lots: lying[l.ID]}
	}
	return location.Accept(ctx, v.tx, placings...)
}

// finish gives the lots their statuses, and tells.
func (v *voiding) finish(ctx context.Context) error {
	for _, in := range v.inputs {
		v.touched[in.LotID] = nil
	}
	for _, out := range v.outputs { // made at another time, or on other equipment, other checks of the line count for them
		v.touched[out.LotID] = nil
	}
	again := make([]relay.ID, 0, len(v.touched)) // as they are now: what was consumed may be there again
	for id := range v.touched {
		again = append(again, v.lotID(id))
	}
	if _, err := v.lock(ctx, again, func(int) string { return "transformationId" }); err != nil {
		return err
	}
	lots := make([]*lot.Lot, 0, len(v.touched))
	for _, use := range v.touched {
		lots = append(lots, use.Lot)
	}
	changed, err := lot.Reassess(ctx, v.tx, lots)
	if err != nil {
		return err
	}
	if err := qc.StopBracketed(ctx, v.tx, v.library, slices.Collect(maps.Keys(v.touched)), false); err != nil {
		return err
	}
	if err := v.stay(ctx); err != nil {
		return err
	}
	subject := relay.ID{Kind: relay.Transformation, Site: v.site.ID, UUID: v.old.ID}
	after := audit.Fields{"voidedAt": v.tx.At}
	if v.replacedBy != nil {
		after["replacedBy"] = relay.ID{Kind: relay.Transformation, Site: v.site.ID, UUID: *v.replacedBy}.String()
	}
	v.tx.Audit(audit.Entry{
		Site: v.site.ID, Action: audit.VoidTransformation, Subject: subject, Label: fmt.Sprintf("%s of %s", v.old.Kind, v.old.OccurredAt.Format(timeLayout)),
		Reason: v.reason, Before: audit.Fields{"voidedAt": nil}, After: after,
	})
	v.tx.Tell(event.Event{Type: event.TransformationVoided, Site: v.site.ID, Subject: subject, Run: v.old.RunID})
	for _, use := range v.touched {
		if _, ok := changed[use.ID]; ok {
			v.tx.Tell(event.Event{Type: event.LotStatusChanged, Site: v.site.ID, Subject: use.GlobalID(), Run: use.RunID})
		}
	}
	return nil
}
