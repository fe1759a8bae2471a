package qc

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
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

// ReadingsByLots reads one page of the readings of each lot, in the order in which they were recorded.
func (f *Finder) ReadingsByLots(ctx context.Context, lotIDs []uuid.UUID, page relay.Page) ([]*Reading, error) {
	rows, err := f.adhoc.MeasurementsPageByLots(ctx, db.MeasurementsPageByLotsParams{LotIds: lotIDs, After: page.AfterKey(), Size: page.Fetch()})
	return readings(rows), err
}

// CountReadingsByLots counts the readings of each lot; lots without are left out.
func (f *Finder) CountReadingsByLots(ctx context.Context, lotIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountMeasurementsByLots(ctx, lotIDs)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.LotID] = row.Count
	}
	return counts, err
}

// ReadingsByLines reads one page of the readings of each run's line, in the order in which they were recorded.
func (f *Finder) ReadingsByLines(ctx context.Context, runIDs []uuid.UUID, page relay.Page) ([]*Reading, error) {
	rows, err := f.adhoc.MeasurementsPageByLines(ctx, db.MeasurementsPageByLinesParams{RunIds: runIDs, After: page.AfterKey(), Size: page.Fetch()})
	return readings(rows), err
}

// CountReadingsByLines counts the readings of each run's line; runs without are left out.
func (f *Finder) CountReadingsByLines(ctx context.Context, runIDs []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountMeasurementsByLines(ctx, runIDs)
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
