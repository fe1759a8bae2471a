package watch

import (
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/alert"
)

// idleTime is how long a run that runs may register no lot.
const idleTime = 2 * time.Hour

// idle finds the runs that registered no lot for two hours, and again for each two hours more.
func idle(now time.Time, runs []db.RunsToWatchRow) []alert.New {
	var found []alert.New
	for _, r := range runs {
		if r.Run.Status != db.RunStatusRUNNING {
			continue
		}
		last := latest(r.Run.StartedAt, r.Run.RunningSince, r.LastLotAt)
		if since, ok := overdue(last, idleTime, now); ok {
			found = append(found, alert.New{
				Site: r.Run.SiteID, Kind: db.AlertKindRUNIDLE, Severity: db.AlertSeverityWARNING, Run: &r.Run.ID, Subject: r.Run.ID.String(), Since: since,
				Message: fmt.Sprintf("%s has registered no lot for %s", r.Run.Code, minutes(now.Sub(last))),
			})
		}
	}
	return found
}
