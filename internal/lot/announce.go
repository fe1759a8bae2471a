package lot

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/relay"
)

// Announcement is lots that a run's phase will make, one of each type. They have a code and nothing else: nobody has made them, so nobody can
// have weighed them. A transformation that makes one names it as its output; what is never made is dropped.
type Announcement struct {
	Coder
	RunID, PhaseID uuid.UUID
	Types          []AnnouncedType
}

// AnnouncedType is the type of a lot that will be made, and the status that its gates give it.
type AnnouncedType struct {
	ID     uuid.UUID
	Code   string
	Status db.LotStatus
}

// Announce registers lots that nobody has made yet, and returns their ids in the order of their types' codes.
func Announce(ctx context.Context, tx *command.Tx, a Announcement) ([]uuid.UUID, error) {
	types := slices.SortedFunc(slices.Values(a.Types), func(a, b AnnouncedType) int { return strings.Compare(a.Code, b.Code) }) // the counters' order
	p := db.AnnounceLotsParams{SiteID: a.SiteID, RunID: &a.RunID, PhaseID: &a.PhaseID, AnnouncedAt: tx.At}
	for _, t := range types {
		codes, err := a.Next(ctx, tx, t.Code, 1)
		if err != nil {
			return nil, err
		}
		made := relay.ID{Kind: relay.Lot, Site: a.SiteID, UUID: tx.NewID()}
		p.Ids, p.Codes, p.LotTypeIds, p.Statuses = append(p.Ids, made.UUID), append(p.Codes, codes[0]), append(p.LotTypeIds, t.ID), append(p.Statuses, string(t.Status))
		tx.Audit(audit.Entry{
			Site: a.SiteID, Action: audit.RegisterLot, Subject: made, Label: codes[0], After: audit.Fields{"status": t.Status, "source": db.LotSourceAUTO},
		})
		tx.Tell(event.Event{Type: event.LotRegistered, Site: a.SiteID, Subject: made, Run: &a.RunID})
	}
	if len(p.Ids) == 0 {
		return p.Ids, nil
	}
	return p.Ids, tx.AnnounceLots(ctx, p)
}
