package location

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

// Candidate is a lot that is to lie at a location.
type Candidate struct {
	Field        string // what the caller calls it: lotIds[3]
	ID           uuid.UUID
	Code         string
	LotType      string            // a code
	Kg           *quantity.Decimal // what remains of it; nil for a counted lot, and for one not weighed yet
	TemperatureC *quantity.Decimal // as last measured; nil where nobody did
}

// ByCode finds a location of a site, and locks it until the transaction ends: after the lots that are to lie there. NOT_FOUND on
// field where there is none, FAILED_PRECONDITION where it has ended.
func ByCode(ctx context.Context, tx *command.Tx, site int32, code, field string) (db.Location, error) {
	row, err := tx.LocationByCodeForChange(ctx, db.LocationByCodeForChangeParams{Code: code, SiteID: site})
	if db.NoRows(err) {
		return row, fault.New(fault.NotFound, field, "the site has no location %q", clip(code))
	} else if err != nil {
		return row, err
	}
	return row, ended(row, field)
}

// Admit says all that keeps lots from lying at a location, which the transaction holds locked (ByCode): types that a buffer doesn't
// take, temperatures outside its band, on each lot's own field; and on field that there would be more kilograms than it holds. Lots
// among them that lie there already are counted once. What isn't known, a weight or a temperature, keeps no lot out.
func Admit(ctx context.Context, tx *command.Tx, at db.Location, field string, lots []Candidate) (fault.List, error) {
	if at.Kind != db.LocationKindBUFFER || len(lots) == 0 {
		return nil, nil
	}
	var faults fault.List
	kg, ids := quantity.Grams(0), make([]uuid.UUID, len(lots))
	for i, l := range lots {
		faults = append(faults, suits(at, l)...)
		ids[i] = l.ID
		if l.Kg == nil || l.Kg.Sign() <= 0 {
			continue // of an import more may have been used than it made
		}
		var err error
		if kg, err = kg.Add(*l.Kg); err != nil {
			return nil, err
		}
	}
	there, err := tx.KgAtLocation(ctx, db.KgAtLocationParams{LocationID: at.ID, But: ids})
	if err != nil {
		return nil, err
	}
	all, err := there.Add(kg)
	if err != nil {
		return nil, err
	}
	if over, err := all.Sub(*at.CapacityKg); err != nil {
		return nil, err
	} else if over.Sign() > 0 && kg.Sign() > 0 {
		faults = append(faults, fault.New(fault.FailedPrecondition, field, "%s holds %s kg, and %s kg lie there: %s kg more are %s kg too many",
			at.Code, at.CapacityKg, there.Round(3), kg.Round(3), over.Round(3)))
	}
	return faults, nil
}

// suits says what of one lot a buffer doesn't take.
func suits(at db.Location, l Candidate) (faults fault.List) {
	if !slices.Contains(at.LotTypes, l.LotType) {
		faults = append(faults, fault.New(fault.FailedPrecondition, l.Field, "lot %s is of type %s, which %s doesn't take", l.Code, l.LotType, at.Code))
	}
	if c := l.TemperatureC; c != nil && (c.Cmp(*at.TemperatureMinC) < 0 || c.Cmp(*at.TemperatureMaxC) > 0) {
		faults = append(faults, fault.New(fault.FailedPrecondition, l.Field, "lot %s has %s °C, and %s takes %s to %s °C",
			l.Code, c.Round(2), at.Code, at.TemperatureMinC.Round(2), at.TemperatureMaxC.Round(2)))
	}
	return faults
}

// Place puts lots that exist at a location, which the transaction holds locked, as it does the lots. It refuses with all that
// Admit says.
func Place(ctx context.Context, tx *command.Tx, at db.Location, field string, lots []Candidate) error {
	if faults, err := Admit(ctx, tx, at, field, lots); err != nil || len(faults) > 0 {
		return faults.After(err)
	}
	ids := make([]uuid.UUID, len(lots))
	for i, l := range lots {
		ids[i] = l.ID
	}
	return tx.PlaceLots(ctx, db.PlaceLotsParams{LocationID: at.ID, Ids: ids, SiteID: at.SiteID})
}

// clip keeps a quoted input short in a message.
func clip(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
