package transformation

import (
	"context"
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/site"
)

// tellExpired tells of lots that are used, or leave, past the day that they are best before, or to be used by. That is an alert and no refusal: which of the
// two a date is nobody has said, and what was frozen or cooked in time has a new one. Of one lot it is told once, and of each shipment.
func (b *booking) tellExpired(ctx context.Context) error {
	var expired []alert.New
	for _, e := range b.entries {
		if anyTime(e.Kind) {
			continue
		}
		for _, d := range e.draws {
			attributes, err := d.use.Attributes()
			if err != nil {
				return err
			}
			if attributes.BestBefore == nil {
				continue
			}
			date, end, err := (&site.Site{Site: b.site}).LastDay(*attributes.BestBefore)
			if err != nil {
				return err
			}
			if e.at.Before(end) {
				continue
			}
			a := alert.New{
				Site: b.site.ID, Kind: db.AlertKindRULEBROKEN, Severity: db.AlertSeverityWARNING, Lot: &d.use.ID, Run: e.runKey(), Subject: "expired: " + d.use.ID.String(), Since: end,
				Message: fmt.Sprintf("%s, best before or use by %s, went into a %s at %s: look at what was made of it, and hold it where it isn't good",
					d.use.Code, date.Format(time.DateOnly), e.Kind, e.at.Format(timeLayout)),
			}
			if e.Kind == db.TransformationKindSHIP {
				a.Severity, a.Subject = db.AlertSeverityCRITICAL, "" // each that it goes to is to be called
				a.Message = fmt.Sprintf("%s, best before or use by %s, was shipped at %s: call whom it went to, and hold it where it isn't good", d.use.Code, date.Format(time.DateOnly), e.at.Format(timeLayout))
			}
			expired = append(expired, a)
		}
	}
	_, err := alert.Raise(ctx, b.tx, expired...)
	return err
}
