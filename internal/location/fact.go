package location

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
)

// Lock locks locations of a site until the transaction ends, as ByCode does: after the lots that lie there, of which something else is to be said.
func Lock(ctx context.Context, tx *command.Tx, site int32, ids ...uuid.UUID) ([]db.Location, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return tx.LocationsByIDsForChange(ctx, db.LocationsByIDsForChangeParams{Ids: ids, SiteID: site})
}

// Accept takes what is so for what it is: it raises an alert for each location, locked, that shouldn't have lots as they are now. To refuse it would
// keep the truth out of the books: somebody has counted them, or a thermometer has shown it, or a correction says that they are there.
func Accept(ctx context.Context, tx *command.Tx, placings ...Placing) error {
	var alerts []alert.New
	for _, p := range placings {
		faults, err := Admit(ctx, tx, p)
		if err != nil {
			return err
		}
		if len(faults) == 0 {
			continue
		}
		why := make([]string, len(faults))
		for i, f := range faults {
			why[i] = f.Message
		}
		a := alert.New{
			Site: p.At.SiteID, Kind: db.AlertKindLIMITEXCEEDED, Severity: db.AlertSeverityWARNING, Subject: p.At.ID.String(),
			Message: p.At.Code + ": " + strings.Join(why, "; "),
		}
		if len(p.Lots) == 1 {
			a.Lot = &p.Lots[0].ID
			a.Subject += " " + a.Lot.String()
		}
		alerts = append(alerts, a)
	}
	_, err := alert.Raise(ctx, tx, alerts...)
	return err
}
