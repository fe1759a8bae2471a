package watch

import (
	"context"
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
)

const (
	// rateTime is over which time decisions are counted.
	rateTime = time.Hour
	// oneIn: more than one in so many that fails is too many.
	oneIn = 10
)

// failRate finds that of the last hour's decisions more than a tenth failed. Told once an hour.
func failRate(ctx context.Context, tx *command.Tx, site int32) ([]alert.New, error) {
	since := tx.At.Add(-rateTime)
	d, err := tx.DecisionsAfter(ctx, db.DecisionsAfterParams{SiteID: site, After: since})
	if err != nil || d.Failed*oneIn <= d.Made {
		return nil, err
	}
	return []alert.New{{
		Site: site, Kind: db.AlertKindFAILRATE, Severity: db.AlertSeverityWARNING, Subject: "site", Since: since,
		Message: fmt.Sprintf("%d of the last hour's %d decisions failed, more than a tenth", d.Failed, d.Made),
	}}, nil
}
