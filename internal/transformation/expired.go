package transformation

import (
	"context"
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/site"
)

// goodFor is how long goods are good that are best before a day, from its midnight on.
const goodFor = 24 * time.Hour

// tellExpired tells of lots that are used, or leave, though they are past their date. That is an alert and no refusal: what is best before a
// day isn't unsafe behind it, and freezing or cooking in time begins a new shelf life. Of one lot one alert is open at most.
func (b *booking) tellExpired(ctx context.Context) error {
	var expired []alert.New
	for _, e := range b.entries {
		if e.Kind == db.TransformationKindSAMPLE || e.Kind == db.TransformationKindWASTE {
			continue
		}
		for _, d := range e.draws {
			attributes, err := d.use.Attributes()
			if err != nil {
				return err
			}
			if attributes.BestBefore == nil || e.at.Before(attributes.BestBefore.Add(goodFor)) {
				continue
			}
			today, err := (&site.Site{Site: b.site}).ProductionDay(e.at)
			if err != nil {
				return err
			}
			expired = append(expired, alert.New{
				Site: b.site.ID, Kind: db.AlertKindRULEBROKEN, Severity: db.AlertSeverityWARNING, Lot: &d.use.ID, Run: e.runKey(),
				Subject: "expired: " + d.use.ID.String(),
				Message: fmt.Sprintf("%s was best before %s, and went into a %s at %s: look at what was made of it, and hold it where it isn't good",
					d.use.Code, attributes.BestBefore.In(today.Location()).Format(time.DateOnly), e.Kind, e.at.Format(timeLayout)),
			})
		}
	}
	_, err := alert.Raise(ctx, b.tx, expired...)
	return err
}
