package transformation

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/internal/location"
)

// place refuses locations that the site doesn't have or that don't take the new lots. What goes in has been drawn by then: a buffer has
// room for what is made of its own lots.
func (b *booking) place(ctx context.Context) error {
	if err := b.stayThere(ctx); err != nil {
		return err
	}
	placings := map[string]*location.Placing{} // by code; each names the first field that it stands in
	var named []location.Named
	for _, e := range b.entries {
		e.places = make([]*uuid.UUID, len(e.Outputs))
		for i, o := range e.Outputs {
			if o.Location == nil {
				continue
			}
			field := e.path + e.outputPath(i) + "location"
			named = append(named, location.Named{Code: *o.Location, Field: field})
			if placings[*o.Location] == nil {
				placings[*o.Location] = &location.Placing{Field: field}
			}
			p := placings[*o.Location]
			made := location.Candidate{Field: field, LotType: e.types[i].Code, Kg: o.WeightKg, TemperatureC: o.TemperatureC}
			if was := e.announced[i]; was != nil {
				made.ID, made.Code = was.ID, was.Code
			}
			p.Lots = append(p.Lots, made)
		}
	}
	if len(named) == 0 {
		return nil
	}
	found, faults, err := location.ByCodes(ctx, b.tx, b.site.ID, named)
	if err != nil {
		return err
	}
	there := make([]location.Placing, 0, len(found))
	for code, row := range found {
		placings[code].At = row
		there = append(there, *placings[code])
	}
	slices.SortFunc(there, func(a, b location.Placing) int { return slices.Compare(a.At.ID[:], b.At.ID[:]) }) // faults in one order
	refused, err := location.Admit(ctx, b.tx, there...)
	if err != nil {
		return err
	}
	for _, e := range b.entries {
		for i, o := range e.Outputs {
			if o.Location != nil {
				e.places[i] = &placings[*o.Location].At.ID
			}
		}
	}
	return append(faults, refused...).Err()
}

// stayThere names where announced lots lie already, for those of which nobody says otherwise: what is known of them now decides whether they may.
func (b *booking) stayThere(ctx context.Context) error {
	var ids []uuid.UUID
	for _, e := range b.entries {
		for i, was := range e.announced {
			if was != nil && was.LocationID != nil && e.Outputs[i].Location == nil {
				ids = append(ids, *was.LocationID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := b.tx.LocationsByIDs(ctx, ids)
	if err != nil {
		return err
	}
	codes := make(map[uuid.UUID]string, len(rows))
	for _, row := range rows {
		codes[row.ID] = row.Code
	}
	for _, e := range b.entries {
		for i, was := range e.announced {
			if was != nil && was.LocationID != nil && e.Outputs[i].Location == nil {
				e.Outputs[i].Location = new(codes[*was.LocationID])
			}
		}
	}
	return nil
}
