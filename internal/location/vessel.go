package location

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/scenario/definition"
)

// pouring are those of some locked lots that lie in a vessel whose heel carries over, by their ids. Where there is one, nobody else fills a vessel at
// the site until the transaction ends.
func pouring(ctx context.Context, tx *command.Tx, site int32, rows []db.LotsForPlacingRow) (map[uuid.UUID]db.LotsForPlacingRow, error) {
	types := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		types[i] = row.Lot.LotTypeID
	}
	vessels, err := tx.VesselLotTypes(ctx, types)
	if err != nil || len(vessels) == 0 {
		return nil, err
	}
	poured := map[uuid.UUID]db.LotsForPlacingRow{}
	for _, row := range rows {
		if slices.Contains(vessels, row.Lot.LotTypeID) && !row.Lot.Announced {
			poured[row.Lot.ID] = row
		}
	}
	return poured, tx.Fill(ctx, site)
}

// pouredBeside refuses to pour what lies in a vessel into one where something is left (CONTINUOUS_VESSEL): together they are one filling, which a MERGE
// makes.
func (m Move) pouredBeside(ctx context.Context, tx *command.Tx, into db.Location, poured map[uuid.UUID]db.LotsForPlacingRow) (fault.List, error) {
	if len(poured) == 0 {
		return nil, nil
	}
	var types []string
	for _, row := range poured {
		types = append(types, row.LotType)
	}
	left, err := tx.LotsInVessels(ctx, db.LotsInVesselsParams{SiteID: into.SiteID, LotTypes: types})
	if err != nil {
		return nil, err
	}
	var faults fault.List
	for i, id := range m.LotIDs {
		row, pours := poured[id.UUID]
		pours = pours && (row.Lot.LocationID == nil || *row.Lot.LocationID != into.ID)
		for _, other := range left {
			_, together := poured[other.ID]
			there := together || other.Location != nil && *other.Location == into.Code
			if pours && there && other.ID != id.UUID && other.LotType == row.LotType {
				faults = append(faults, fault.New(fault.FailedPrecondition, fieldOf(i),
					"%s would be poured together with %s: MERGE them, or what is made of it has the trace of one alone (rule %s)", row.Lot.Code, other.Code, definition.RuleContinuousVessel))
			}
		}
	}
	return faults, nil
}
