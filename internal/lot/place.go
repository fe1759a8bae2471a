package lot

import (
	"context"

	"flowviz/internal/command"
	"flowviz/internal/location"
)

// placing is where the lot lies, locked, with nothing said of it yet but its type; nil where that is nowhere.
func (u *Use) placing(ctx context.Context, tx *command.Tx) (*location.Placing, error) {
	if u.LocationID == nil {
		return nil, nil //nolint:nilnil // nowhere is an answer here
	}
	at, err := location.Lock(ctx, tx, u.SiteID, *u.LocationID)
	if err != nil || len(at) == 0 {
		return nil, err
	}
	return &location.Placing{At: at[0], Lots: []location.Candidate{{ID: u.ID, Code: u.Code, LotType: u.Type}}}, nil
}

// stays refuses what its buffer wouldn't have taken had it been said when the lot came there: a first weight, a first temperature. It has to go
// elsewhere before. A later temperature is a fact, which must be told rather than refused: it raises an alert.
func (m Measurement) stays(ctx context.Context, tx *command.Tx, use *Use) error {
	p, err := use.placing(ctx, tx)
	if err != nil || p == nil {
		return err
	}
	first, later := *p, *p
	first.Field, first.Lots = "weightKg", []location.Candidate{p.Lots[0]}
	first.Lots[0].Field, first.Lots[0].Kg = "temperatureC", m.WeightKg
	if use.TemperatureC == nil {
		first.Lots[0].TemperatureC = m.TemperatureC
	}
	refused, err := location.Admit(ctx, tx, first)
	if err != nil {
		return err
	}
	if err := refused.Err(); err != nil || use.TemperatureC == nil || m.TemperatureC == nil {
		return err
	}
	later.Lots[0].TemperatureC = m.TemperatureC
	return location.Accept(ctx, tx, later)
}

// stays raises an alert where more is found of the lot than its buffer holds: what somebody has counted lies there, whatever may.
func (t Stocktake) stays(ctx context.Context, tx *command.Tx, use *Use) error {
	if t.RemainingKg == nil || use.RemainingKg == nil || t.RemainingKg.Cmp(*use.RemainingKg) <= 0 {
		return nil
	}
	p, err := use.placing(ctx, tx)
	if err != nil || p == nil {
		return err
	}
	p.Lots[0].Kg = t.RemainingKg
	return location.Accept(ctx, tx, *p)
}
