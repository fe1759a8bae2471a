package qc

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// Reading is what a probe or a scale read, of a lot or of a run's line.
type Reading struct{ db.Measurement }

// ProbeName is nil where there is only one probe.
func (r *Reading) ProbeName() *string {
	if r.Probe == "" {
		return nil
	}
	return &r.Probe
}

// ReadingKey is a reading's place in lists.
func ReadingKey(r *Reading) uuid.UUID { return r.ID }

// ReadingFilter says which readings; nil fields ask for nothing, and all that are given must hold.
type ReadingFilter struct {
	Gate      *quantity.Decimal // its number
	Parameter *string
	At        *relay.TimeRange
}

// ReadingsByLots reads one page of the readings of each lot, in the order in which they were recorded.
func (f *Finder) ReadingsByLots(ctx context.Context, lotIDs []uuid.UUID, filter *ReadingFilter, page relay.Page) ([]*Reading, error) {
	p := db.MeasurementsPageByLotsParams{
		LotIds: lotIDs, After: page.AfterKey(), Before: page.BeforeKey(), Backward: page.Backward, Size: page.Fetch(),
	}
	if filter != nil {
		p.GateNumber, p.Parameter = filter.Gate, filter.Parameter
		p.TakenFrom, p.TakenBefore = filter.At.Bounds()
	}
	rows, err := f.adhoc.MeasurementsPageByLots(ctx, p)
	return readings(rows), err
}

// CountReadingsByLots counts the readings of each lot that match; lots without are left out.
func (f *Finder) CountReadingsByLots(ctx context.Context, lotIDs []uuid.UUID, filter *ReadingFilter) (map[uuid.UUID]int64, error) {
	p := db.CountMeasurementsByLotsParams{LotIds: lotIDs}
	if filter != nil {
		p.GateNumber, p.Parameter = filter.Gate, filter.Parameter
		p.TakenFrom, p.TakenBefore = filter.At.Bounds()
	}
	rows, err := f.adhoc.CountMeasurementsByLots(ctx, p)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.LotID] = row.Count
	}
	return counts, err
}

// ReadingsByLines reads one page of the readings of each run's line, in the order in which they were recorded.
func (f *Finder) ReadingsByLines(ctx context.Context, runIDs []uuid.UUID, filter *ReadingFilter, page relay.Page) ([]*Reading, error) {
	p := db.MeasurementsPageByLinesParams{
		RunIds: runIDs, After: page.AfterKey(), Before: page.BeforeKey(), Backward: page.Backward, Size: page.Fetch(),
	}
	if filter != nil {
		p.GateNumber, p.Parameter = filter.Gate, filter.Parameter
		p.TakenFrom, p.TakenBefore = filter.At.Bounds()
	}
	rows, err := f.adhoc.MeasurementsPageByLines(ctx, p)
	return readings(rows), err
}

// CountReadingsByLines counts the readings of each run's line that match; runs without are left out.
func (f *Finder) CountReadingsByLines(ctx context.Context, runIDs []uuid.UUID, filter *ReadingFilter) (map[uuid.UUID]int64, error) {
	p := db.CountMeasurementsByLinesParams{RunIds: runIDs}
	if filter != nil {
		p.GateNumber, p.Parameter = filter.Gate, filter.Parameter
		p.TakenFrom, p.TakenBefore = filter.At.Bounds()
	}
	rows, err := f.adhoc.CountMeasurementsByLines(ctx, p)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.RunID] = row.Count
	}
	return counts, err
}

func readings(rows []db.Measurement) []*Reading {
	out := make([]*Reading, len(rows))
	for i, row := range rows {
		out[i] = &Reading{row}
	}
	return out
}
