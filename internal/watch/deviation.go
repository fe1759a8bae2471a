package watch

import (
	"context"
	"fmt"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
)

// overdueDeviations finds the deviations that were to be closed by now. Each is told once, and again when another date was set and has passed.
func overdueDeviations(ctx context.Context, tx *command.Tx, site int32) ([]alert.New, error) {
	rows, err := tx.OverdueDeviations(ctx, db.OverdueDeviationsParams{SiteID: site, Now: tx.At})
	found := make([]alert.New, len(rows))
	for i, d := range rows {
		found[i] = alert.New{
			Site: site, Kind: db.AlertKindDEVIATIONOVERDUE, Severity: urgency(d.Severity), Run: d.RunID, Subject: d.ID.String(), Since: d.DueAt,
			Message: fmt.Sprintf("%s was due on %s and isn't closed: %s", d.Code, d.DueAt.UTC().Format("2006-01-02 15:04 MST"), d.Description),
		}
	}
	return found, err
}

// urgency is how urgent what is overdue is.
func urgency(s db.DeviationSeverity) db.AlertSeverity {
	switch s {
	case db.DeviationSeverityCRITICAL:
		return db.AlertSeverityCRITICAL
	case db.DeviationSeverityMINOR:
		return db.AlertSeverityINFO
	case db.DeviationSeverityMAJOR:
	}
	return db.AlertSeverityWARNING
}
