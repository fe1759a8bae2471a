package epcis

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
)

// settle works out anew what the lots that the document tells of measure, and what remains of them. What is out of bounds since then
// becomes an alert.
func (im *importing) settle(ctx context.Context) error {
	made := make([]uuid.UUID, len(im.made))
	for i, t := range im.made {
		made[i] = t.id
	}
	if err := im.q.ComplicateLots(ctx, db.ComplicateLotsParams{TransformationIds: made, SiteID: im.site}); err != nil {
		return err
	}
	rows, err := im.q.SettleImportedLots(ctx, ids(im.touched))
	if err != nil {
		return err
	}
	for _, r := range rows {
		if above(r.WeightKg, im.heaviest) && !above(r.WeightBefore, im.heaviest) {
			im.alert(db.AlertKindOUTOFBOUNDS, r.ID, "%s weighs %s kg, and %s kg is the most that a lot should here", r.Code, r.WeightKg, im.heaviest)
		}
		if negative(r.RemainingKg) && !negative(r.RemainingBefore) {
			if err := im.alertOverdraw(r.ID, r.Code, *r.WeightKg, *r.RemainingKg, "kg"); err != nil {
				return err
			}
		}
		if negative(r.RemainingQuantity) && !negative(r.CountBefore) {
			if err := im.alertOverdraw(r.ID, r.Code, *r.Quantity, *r.RemainingQuantity, *r.Unit); err != nil {
				return err
			}
		}
	}
	return nil
}

func (im *importing) alertOverdraw(lot uuid.UUID, code string, there, remains quantity.Decimal, unit string) error {
	gone, err := there.Sub(remains)
	if err != nil {
		return err
	}
	im.alert(db.AlertKindOVERDRAW, lot, "of %s there were %s %s, and %s %s were used: %s %s too much", code, there, unit, gone, unit, remains.Neg(), unit)
	return nil
}

func above(v *quantity.Decimal, limit quantity.Decimal) bool { return v != nil && v.Cmp(limit) > 0 }

func negative(v *quantity.Decimal) bool { return v != nil && v.Sign() < 0 }

// alert notes what a person should see. None is more than a warning: it has happened, and elsewhere.
func (im *importing) alert(kind db.AlertKind, lot uuid.UUID, format string, args ...any) {
	im.alerts = append(im.alerts, db.CopyAlertsParams{
		ID: im.newID(), SiteID: im.site, Kind: kind, Severity: db.AlertSeverityWARNING, Message: fmt.Sprintf(format, args...), LotID: &lot, RaisedAt: im.now,
	})
}
