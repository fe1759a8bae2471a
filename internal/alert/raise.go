package alert

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/event"
)

// New is an alert to be raised.
type New struct {
	Site     int32
	Kind     db.AlertKind
	Severity db.AlertSeverity
	Message  string     // a sentence for a person: what is so, with the numbers
	Lot, Run *uuid.UUID // at Site; nil for none
	// Subject is what it is about, in one word: of one kind about one subject, one alert at a site is open at most. "" for an
	// alert that stands for itself, such as that of one decision.
	Subject string
	// Since is when it became so: what was told since then isn't told again, though somebody has acknowledged it. The zero time, and
	// what is still so is told again as soon as it is acknowledged.
	Since time.Time
}

// Raise raises alerts, however many, in one statement of a command, and tells those who listen. It returns those that are
// new: one of the same kind about the same subject that nobody has acknowledged yet stands for them all, also where another
// command raises it at this moment.
func Raise(ctx context.Context, tx *command.Tx, alerts ...New) ([]*Alert, error) {
	if len(alerts) == 0 {
		return nil, nil
	}
	p := db.RaiseAlertsParams{RaisedAt: tx.At}
	for _, a := range alerts {
		p.Ids = append(p.Ids, tx.NewID())
		p.SiteIds = append(p.SiteIds, a.Site)
		p.Kinds = append(p.Kinds, string(a.Kind))
		p.Severities = append(p.Severities, string(a.Severity))
		p.Messages = append(p.Messages, a.Message)
		p.LotIds = append(p.LotIds, db.OrZero(a.Lot))
		p.RunIds = append(p.RunIds, db.OrZero(a.Run))
		p.Subjects = append(p.Subjects, a.Subject)
		since := a.Since
		if since.IsZero() {
			since = tx.At.Add(time.Microsecond) // nothing was told after now
		}
		p.Since = append(p.Since, since)
	}
	rows, err := tx.RaiseAlerts(ctx, p)
	if err != nil {
		return nil, err
	}
	raised := wrap(rows)
	for _, a := range raised {
		tx.Tell(event.Event{Type: event.AlertRaised, Site: a.SiteID, Subject: a.GlobalID(), Run: a.RunID})
	}
	return raised, nil
}
