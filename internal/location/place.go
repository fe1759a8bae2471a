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
	Code         string            // "" for a lot that is yet to be made
	LotType      string            // a code
	Kg           *quantity.Decimal // what remains of it; nil for a counted lot, and for one not weighed yet
	TemperatureC *quantity.Decimal // as last measured; nil where nobody did
}

// ByCode finds a location of a site, and locks it until the transaction ends: after the lots that are to lie there. NOT_FOUND on
// field where there is none, FAILED_PRECONDITION where it has ended.
func ByCode(ctx context.Context, tx *command.Tx, site int32, code, field string) (db.Location, error) {
	found, faults, err := ByCodes(ctx, tx, site, []Named{{code, field}})
	if err == nil {
		err = faults.Err()
	}
	return found[code], err
}

// Named is a location as the caller names it.
type Named struct{ Code, Field string }

// ByCodes is ByCode of many in one statement, by their codes: each that isn't there or has ended is a fault, on each field that names it.
func ByCodes(ctx context.Context, tx *command.Tx, site int32, named []Named) (map[string]db.Location, fault.List, error) {
	codes := make([]string, len(named))
	for i, n := range named {
		codes[i] = n.Code
	}
	rows, err := tx.LocationsByCodesForChange(ctx, db.LocationsByCodesForChangeParams{Codes: codes, SiteID: site})
	if err != nil {
		return nil, nil, err
	}
	found := make(map[string]db.Location, len(rows))
	for _, row := range rows {
		found[row.Code] = row
	}
	var faults fault.List
	for _, n := range named {
		row, ok := found[n.Code]
		if !ok {
			faults = append(faults, fault.New(fault.NotFound, n.Field, "the site has no location %q", clip(n.Code)))
		} else if err := ended(row, n.Field); err != nil {
			faults = append(faults, fault.Of(err))
		}
	}
	return found, faults, nil
}

// Placing is lots that are to lie at one location, which the caller names in a field.
type Placing struct {
	At    db.Location
	Field string
	Lots  []Candidate
}

// Admit says all that keeps lots from lying at locations, each of which the transaction holds locked (ByCode) and is named once: types
// that a buffer doesn't take, temperatures outside its band, on each lot's own field; and on the placing's field that there would be
// more kilograms than it holds. Lots among them that lie there already are counted once. What isn't known, a weight or a temperature,
// keeps no lot out.
func Admit(ctx context.Context, tx *command.Tx, placings ...Placing) (fault.List, error) {
	placings = slices.DeleteFunc(slices.Clone(placings), func(p Placing) bool { return p.At.Kind != db.LocationKindBUFFER || len(p.Lots) == 0 })
	if len(placings) == 0 {
		return nil, nil
	}
	var at, lots []uuid.UUID
	for _, p := range placings {
		at = append(at, p.At.ID)
		for _, l := range p.Lots {
			lots = append(lots, l.ID)
		}
	}
	rows, err := tx.KgAtLocations(ctx, db.KgAtLocationsParams{LocationIds: at, But: lots})
	if err != nil {
		return nil, err
	}
	there := make(map[uuid.UUID]quantity.Decimal, len(rows))
	for _, row := range rows {
		there[row.LocationID] = row.Kg
	}
	var faults fault.List
	for _, p := range placings {
		for _, l := range p.Lots {
			faults = append(faults, suits(p.At, l)...)
		}
		over, err := p.overfills(there[p.At.ID])
		if err != nil {
			return nil, err
		}
		faults = append(faults, over...)
	}
	return faults, nil
}

// overfills says that a buffer would hold more than it can, where so many kilograms lie there.
func (p Placing) overfills(there quantity.Decimal) (fault.List, error) {
	kg := quantity.Grams(0)
	for _, l := range p.Lots {
		if l.Kg == nil || l.Kg.Sign() <= 0 {
			continue // of an import more may have been used than it made
		}
		var err error
		if kg, err = kg.Add(*l.Kg); err != nil {
			return nil, err
		}
	}
	all, err := there.Add(kg)
	if err != nil {
		return nil, err
	}
	over, err := all.Sub(*p.At.CapacityKg)
	if err != nil || over.Sign() <= 0 || kg.Sign() <= 0 {
		return nil, err
	}
	return fault.List{fault.New(fault.FailedPrecondition, p.Field, "%s holds %s kg, and %s kg lie there: %s kg more are %s kg too many",
		p.At.Code, p.At.CapacityKg, there.Round(3), kg.Round(3), over.Round(3))}, nil
}

// suits says what of one lot a buffer doesn't take.
func suits(at db.Location, l Candidate) (faults fault.List) {
	what := "lot " + l.Code
	if l.Code == "" {
		what = "the new lot"
	}
	if !slices.Contains(at.LotTypes, l.LotType) {
		faults = append(faults, fault.New(fault.FailedPrecondition, l.Field, "%s is of type %s, which %s doesn't take", what, l.LotType, at.Code))
	}
	if c := l.TemperatureC; c != nil && (c.Cmp(*at.TemperatureMinC) < 0 || c.Cmp(*at.TemperatureMaxC) > 0) {
		faults = append(faults, fault.New(fault.FailedPrecondition, l.Field, "%s has %s °C, and %s takes %s to %s °C",
			what, c.Round(2), at.Code, at.TemperatureMinC.Round(2), at.TemperatureMaxC.Round(2)))
	}
	return faults
}

// clip keeps a quoted input short in a message.
func clip(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
