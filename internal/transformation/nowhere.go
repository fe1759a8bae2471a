package transformation

import (
	"context"
	"fmt"
	"strings"

	"flowviz/db"
	"flowviz/internal/alert"
)

// tellFromNowhere tells of lots that the scenario makes of others, and that came from nothing and nobody: their trace ends before its time. That is an
// alert and no refusal, since ALLOWED_INPUTS says what goes into a lot type and not that a plant never has it otherwise: bought from a
// partner, who is named then, or there before the system was. Of one type one alert is open at most.
func (b *booking) tellFromNowhere(ctx context.Context) error {
	var broken []alert.New
	for _, e := range b.entries {
		if e.Kind != db.TransformationKindRECEIVE || e.PartnerID != nil {
			continue
		}
		for i, t := range e.types {
			of := t.version.Definition.AllowedInputs(t.Code)
			if len(of) == 0 || e.Outputs[i].SupplierID != nil {
				continue
			}
			broken = append(broken, alert.New{
				Site: b.site.ID, Kind: db.AlertKindRULEBROKEN, Severity: db.AlertSeverityWARNING, Lot: &e.made[i], Run: e.runKey(),
				Subject: "from nowhere: " + t.Code,
				Message: fmt.Sprintf("%s was received from nobody, and %s is made of %s: name what it was made of, or who it came from", e.codes[i], t.Code, strings.Join(of, ", ")),
			})
		}
	}
	_, err := alert.Raise(ctx, b.tx, broken...)
	return err
}
