package location

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// maxMoved bounds how many lots go at once.
const maxMoved = 1_000

// Move is lots that go to another place of their site.
type Move struct {
	LotIDs       []relay.ID
	LocationCode string

	IdempotencyKey *string
}

// Moved is what a move was about.
type Moved struct {
	Location uuid.UUID
	Lots     []uuid.UUID // in the order given
}

// site is where the lots are. BAD_USER_INPUT where they are at several, none, too many, or named twice.
func (m Move) site() (int32, error) {
	if n := len(m.LotIDs); n < 1 || n > maxMoved {
		return 0, fault.Bounded("lotIds", n, maxMoved, "give 1 to %d lots", maxMoved)
	}
	var faults fault.List
	seen := map[uuid.UUID]int{}
	for i, id := range m.LotIDs {
		field := fieldOf(i)
		if err := id.Require(relay.Lot, field); err != nil {
			faults = append(faults, fault.Of(err))
			continue
		}
		if id.Site != m.LotIDs[0].Site {
			faults = append(faults, fault.BadInput(field, "is of another site than the first: lots move within their site, and between sites by SHIP and RECEIVE"))
		}
		if first, again := seen[id.UUID]; again {
			faults = append(faults, fault.BadInput(field, "is the same lot as lotIds[%d]", first))
		} else {
			seen[id.UUID] = i
		}
	}
	return m.LotIDs[0].Site, faults.Err()
}

func fieldOf(i int) string { return fmt.Sprintf("lotIds[%d]", i) }

// Move moves lots; it takes an OPERATOR at their site. It is refused whole, with all reasons at once: NOT_FOUND for each lot or
// location that isn't there for the caller, FAILED_PRECONDITION for each lot that is consumed or shipped, or that the
// location doesn't take, where there would be too many kilograms, and where it would be poured into a vessel in which something is left. Held, exposed and
// rejected lots move: they are to be set apart.
func (s *Service) Move(ctx context.Context, m Move) (Moved, error) {
	site, err := m.site()
	if err != nil {
		return Moved{}, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "moveLots", Key: m.IdempotencyKey, Input: m}, func(tx *command.Tx) (Moved, error) {
		if err := tx.Actor.Require(identity.Operate, site); fault.Is(err, fault.NotFound) {
			return Moved{}, fault.New(fault.NotFound, fieldOf(0), "there is no such lot")
		} else if err != nil {
			return Moved{}, err
		}
		if err := tx.Share(ctx, site); err != nil {
			return Moved{}, err
		}
		return m.do(ctx, tx, site)
	})
}

func (m Move) do(ctx context.Context, tx *command.Tx, site int32) (Moved, error) {
	ids := make([]uuid.UUID, len(m.LotIDs))
	for i, id := range m.LotIDs {
		ids[i] = id.UUID
	}
	rows, err := tx.LotsForPlacing(ctx, db.LotsForPlacingParams{Ids: ids, SiteID: site})
	if err != nil {
		return Moved{}, err
	}
	lots, faults := m.candidates(rows)
	poured, err := pouring(ctx, tx, site, rows)
	if err != nil {
		return Moved{}, err
	}
	at, err := ByCode(ctx, tx, site, m.LocationCode, "locationCode")
	if f := fault.Of(err); f != nil {
		return Moved{}, append(faults, f)
	} else if err != nil {
		return Moved{}, err
	}
	refused, err := Admit(ctx, tx, Placing{At: at, Field: "locationCode", Lots: lots})
	if err != nil {
		return Moved{}, err
	}
	beside, err := m.pouredBeside(ctx, tx, at, poured)
	if err != nil {
		return Moved{}, err
	}
	if err := slices.Concat(faults, refused, beside).Err(); err != nil {
		return Moved{}, err
	}
	rows = slices.DeleteFunc(rows, func(r db.LotsForPlacingRow) bool { return r.Lot.LocationID != nil && *r.Lot.LocationID == at.ID })
	if err := tx.PlaceLots(ctx, db.PlaceLotsParams{LocationID: at.ID, Ids: ids, SiteID: site}); err != nil {
		return Moved{}, err
	}
	return Moved{Location: at.ID, Lots: ids}, record(ctx, tx, at, rows)
}

// candidates are the lots in the order given, with what keeps each from going anywhere.
func (m Move) candidates(rows []db.LotsForPlacingRow) (lots []Candidate, faults fault.List) {
	found := make(map[uuid.UUID]db.LotsForPlacingRow, len(rows))
	for _, row := range rows {
		found[row.Lot.ID] = row
	}
	for i, id := range m.LotIDs {
		row, ok := found[id.UUID]
		switch {
		case !ok:
			faults = append(faults, fault.New(fault.NotFound, fieldOf(i), "there is no such lot"))
			continue
		case row.Lot.Status == db.LotStatusCONSUMED || row.Lot.Status == db.LotStatusSHIPPED:
			faults = append(faults, fault.New(fault.FailedPrecondition, fieldOf(i), "lot %s is %s and goes nowhere", row.Lot.Code, row.Lot.Status))
		}
		lots = append(lots, Candidate{
			Field: fieldOf(i), ID: row.Lot.ID, Code: row.Lot.Code, LotType: row.LotType, Kg: row.Lot.RemainingKg, TemperatureC: row.Lot.TemperatureC,
		})
	}
	return lots, faults
}

// record says of each lot where it was and is.
func record(ctx context.Context, tx *command.Tx, at db.Location, rows []db.LotsForPlacingRow) error {
	var from []uuid.UUID
	for _, row := range rows {
		if row.Lot.LocationID != nil {
			from = append(from, *row.Lot.LocationID)
		}
	}
	places, err := tx.LocationsByIDs(ctx, from)
	if err != nil {
		return err
	}
	codes := make(map[uuid.UUID]string, len(places))
	for _, place := range places {
		codes[place.ID] = place.Code
	}
	for _, row := range rows {
		before := audit.Fields{"location": nil}
		if row.Lot.LocationID != nil {
			before["location"] = codes[*row.Lot.LocationID]
		}
		lot := relay.ID{Kind: relay.Lot, Site: row.Lot.SiteID, UUID: row.Lot.ID}
		tx.Audit(audit.Entry{Site: lot.Site, Action: audit.MoveLot, Subject: lot, Label: row.Lot.Code, Before: before, After: audit.Fields{"location": at.Code}})
		tx.Tell(event.Event{Type: event.LotChanged, Site: lot.Site, Subject: lot, Run: row.Lot.RunID})
	}
	return nil
}
