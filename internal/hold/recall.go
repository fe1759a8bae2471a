package hold

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/relay"
)

// exposeByRecall exposes the suspects of a recall, and all that was made of them, to the recall: each lot once, however many suspects are
// in it. The suspects too, so that who is let go before the recall is over can't be used all the same. One event tells of it at the recall's site,
// about the first suspect: how many lots there.
func exposeByRecall(ctx context.Context, tx *command.Tx, site int32, o Opening, _ []uuid.UUID) (map[uuid.UUID]int64, error) {
	reached, err := tx.ExposeToRecall(ctx, db.ExposeToRecallParams{RecallID: *o.Recall, ExposedAt: tx.At})
	if err != nil {
		return nil, err
	}
	var lots int64
	elsewhere := false
	for _, r := range reached {
		if r.SiteID == site {
			lots = r.Lots
		} else {
			elsewhere = true
		}
	}
	tellExposed(tx, o.Lots[0], db.ExposureReasonRECALL, lots)
	if elsewhere {
		err = tellElsewhere(ctx, tx, site, []uuid.UUID{*o.Recall}, event.LotExposed, audit.ExposeLot)
	}
	return nil, err
}

// EndRecall ends what is exposed to a recall of a site, and says how many lots of that site these are. The caller has taken the site for itself
// and those below (command.Tx.ExcludeBelow).
func EndRecall(ctx context.Context, tx *command.Tx, site int32, recall uuid.UUID) (int64, error) {
	if err := tellElsewhere(ctx, tx, site, []uuid.UUID{recall}, event.ExposureEnded, audit.EndExposure); err != nil {
		return 0, err
	}
	ended, err := tx.EndExposuresToRecall(ctx, db.EndExposuresToRecallParams{RecallID: recall, SiteID: site, EndedAt: &tx.At})
	if err != nil || ended == 0 {
		return ended, err
	}
	first, err := tx.FirstSuspect(ctx, db.FirstSuspectParams{RecallID: recall, SiteID: site})
	if err != nil {
		return ended, err
	}
	tx.Tell(event.Event{
		Type: event.ExposureEnded, Site: site, Subject: relay.ID{Kind: relay.Lot, Site: site, UUID: first.ID}, Run: first.RunID, Data: map[string]any{"lots": ended},
	})
	return ended, nil
}
