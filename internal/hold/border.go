package hold

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
)

// showBorders puts the lot through which a cause came in the place of a cause at a site that isn't seen.
func showBorders(ctx context.Context, q *db.Queries, rows []db.Exposure) error {
	var elsewhere []int32
	for _, row := range rows {
		if row.CauseSiteID != row.SiteID {
			elsewhere = append(elsewhere, row.CauseSiteID)
		}
	}
	if len(elsewhere) == 0 {
		return nil
	}
	sites, err := q.SitesByIDs(ctx, elsewhere)
	if err != nil {
		return err
	}
	seen := map[int32]bool{}
	for _, s := range sites {
		seen[s.ID] = true
	}
	var p db.BordersOfCausesParams
	for _, row := range rows {
		if row.CauseSiteID != row.SiteID && !seen[row.CauseSiteID] {
			p.LotIds, p.CauseIds = append(p.LotIds, row.LotID), append(p.CauseIds, row.CauseID)
		}
	}
	if len(p.LotIds) == 0 {
		return nil
	}
	found, err := q.BordersOfCauses(ctx, p)
	if err != nil {
		return err
	}
	type exposed struct{ lot, cause uuid.UUID }
	borders := make(map[exposed]db.BordersOfCausesRow, len(found))
	for _, b := range found {
		borders[exposed{b.LotID, b.CauseID}] = b
	}
	for i, row := range rows {
		if b, ok := borders[exposed{row.LotID, row.CauseID}]; ok {
			rows[i].CauseLotID, rows[i].CauseSiteID = b.BorderID, b.BorderSiteID
		}
	}
	return nil
}

// causesBehind are the lots that a manager means by one to which a lot is exposed: itself, or, where it is the lot through which causes came
// that they don't see, these.
func causesBehind(ctx context.Context, q *db.Queries, lotID, shown uuid.UUID) ([]uuid.UUID, error) {
	rows, err := q.ExposuresByLots(ctx, db.ExposuresByLotsParams{LotIds: []uuid.UUID{lotID}, Size: maxLots})
	if err != nil {
		return nil, err
	}
	actual := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		actual[i] = row.CauseLotID
	}
	if err := showBorders(ctx, q, rows); err != nil {
		return nil, err
	}
	causes := []uuid.UUID{shown}
	for i, row := range rows {
		if row.CauseLotID == shown && actual[i] != shown {
			causes = append(causes, actual[i])
		}
	}
	return causes, nil
}
