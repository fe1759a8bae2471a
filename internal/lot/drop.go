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
	"flowviz/internal/relay"
)

// Dropping is announced lots that nobody will make.
type Dropping struct {
	LotIDs []relay.ID

	IdempotencyKey *string
}

// maxDropped bounds how many lots are dropped at once.
const maxDropped = 1_000

// Drop says that announced lots won't be made, so that their run needn't wait for them; it takes an OPERATOR. All or none: FAILED_PRECONDITION
// names each that isn't announced, or of which somebody has said more: it is held, rejected or dropped, or measured in a run that may still make it.
// What was measured of one whose run has ended stands in the log alone: nobody can make it any more.
func (s *Service) Drop(ctx context.Context, d Dropping) ([]uuid.UUID, error) {
	if n := len(d.LotIDs); n < 1 || n > maxDropped {
		return nil, fault.Bounded("lotIds", n, maxDropped, "give 1 to %d", maxDropped)
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "dropLots", Key: d.IdempotencyKey, Input: d}, func(tx *command.Tx) ([]uuid.UUID, error) {
		if err := d.LotIDs[0].Require(relay.Lot, Listed(0)); err != nil {
			return nil, err
		}
		site, err := tx.SiteOf(ctx, d.LotIDs[0], Listed(0), identity.Operate)
		if err != nil {
			return nil, err
		}
		if err := tx.Share(ctx, site.ID); err != nil {
			return nil, err
		}
		uses, err := Lock(ctx, tx, site.ID, d.LotIDs, Listed)
		if err != nil {
			return nil, err
		}
		ended, err := endedRuns(ctx, tx, uses)
		if err != nil {
			return nil, err
		}
		ids := make([]uuid.UUID, len(d.LotIDs))
		var faults fault.List
		for i, id := range d.LotIDs {
			ids[i] = id.UUID
			faults = append(faults, uses[id.UUID].keepsFromDrop(Listed(i), ended)...)
		}
		if err := faults.Err(); err != nil {
			return nil, err
		}
		return ids, drop(ctx, tx, db.DropLotsParams{SiteID: site.ID, Ids: ids})
	})
}

// endedRuns are the runs that have ended of those which announced lots that were measured.
func endedRuns(ctx context.Context, tx *command.Tx, uses map[uuid.UUID]*Use) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	for _, u := range uses {
		if u.Announced && u.isMeasured() {
			ids = append(ids, *u.RunID)
		}
	}
	if len(ids) == 0 {
		return map[uuid.UUID]bool{}, nil
	}
	runs, err := tx.RunsByIDs(ctx, ids)
	ended := make(map[uuid.UUID]bool, len(runs))
	for _, r := range runs {
		ended[r.ID] = r.EndedAt != nil
	}
	return ended, err
}

func (u *Use) isMeasured() bool { return u.WeightKg != nil || u.Lot.Lot.Quantity != nil }

// keepsFromDrop is why a lot isn't only a name that nobody needs; ended are the runs that make nothing any more.
func (u *Use) keepsFromDrop(field string, ended map[uuid.UUID]bool) fault.List {
	var faults fault.List
	refuse := func(why string) {
		faults = append(faults, fault.New(fault.FailedPrecondition, field, "%s %s", u.Code, why))
	}
	switch {
	case !u.Announced:
		refuse("was made: void what made it where that is wrong")
	case u.Lot.Lot.Status == db.LotStatusCONSUMED:
		refuse("was dropped already")
	case u.Lot.Lot.Status == db.LotStatusREJECTED:
		refuse("was rejected")
	}
	if u.isMeasured() && (!u.Announced || !ended[*u.RunID]) {
		refuse("was measured, so it is there: say what it was made of")
	}
	if u.Held {
		refuse("is held: release or reject it")
	}
	return faults
}

// DropOfRun drops all that a run announced and nobody has made, measured or held. The run's site must be the command's alone.
func DropOfRun(ctx context.Context, tx *command.Tx, r db.Run) error {
	return drop(ctx, tx, db.DropLotsParams{SiteID: r.SiteID, RunID: &r.ID})
}

func drop(ctx context.Context, tx *command.Tx, p db.DropLotsParams) error {
	dropped, err := tx.DropLots(ctx, p)
	for _, l := range dropped {
		subject := relay.ID{Kind: relay.Lot, Site: p.SiteID, UUID: l.ID}
		before, after := audit.Fields{"status": l.Was}, audit.Fields{"status": db.LotStatusCONSUMED}
		if l.WeightKg != nil || l.Quantity != nil {
			before["weightKg"], before["quantity"] = l.WeightKg, l.Quantity
			after["weightKg"], after["quantity"] = nil, nil
		}
		tx.Audit(audit.Entry{Site: p.SiteID, Action: audit.DropLot, Subject: subject, Label: l.Code, Before: before, After: after})
		tx.Tell(event.Event{Type: event.LotStatusChanged, Site: p.SiteID, Subject: subject, Run: l.RunID, Data: map[string]any{"before": l.Was}})
	}
	return err
}
