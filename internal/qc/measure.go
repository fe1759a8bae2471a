package qc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

const maxBatch = 1_000

// Taken is one reading of one probe: of a lot, or of the line of a run.
type Taken struct {
	GateID       *relay.ID // nil where none asks for it
	LotID, RunID *relay.ID // one of them
	Parameter    string
	Value        quantity.Decimal
	Unit         string
	At           time.Time
	Probe        *string
}

func (t *Taken) measurement() evaluation.Measurement {
	m := evaluation.Measurement{Parameter: t.Parameter, Value: t.Value, Unit: t.Unit, At: t.At.UTC().Truncate(time.Microsecond)}
	if t.Probe != nil {
		m.Probe = *t.Probe
	}
	return m
}

// Batch is readings at one site.
type Batch struct {
	Measurements []*Taken

	IdempotencyKey *string
}

// Measured is what became of a batch.
type Measured struct {
	Count int32       // how many were new
	Held  []uuid.UUID // lots that are held because of them
}

// errViolated says that lots must be held, for which the command needs the site for itself.
var errViolated = errors.New("a reading is outside a limit")

// RecordMeasurements records what probes and scales read; it takes an OPERATOR. What was recorded of a lot at a gate, since it was bad there, counts in the
// decisions there. A reading that alone shows a limit not to be met holds its lot, unless it is held already, and raises an alert; at a gate
// for information it raises an alert alone. So do all readings of a lot together that show a curve not to be met, such as a cooling that took too long.
func (s *Service) RecordMeasurements(ctx context.Context, in Batch) (Measured, error) {
	if n := len(in.Measurements); n < 1 || n > maxBatch {
		return Measured{}, fault.Bounded("measurements", n, maxBatch, "give 1 to %d", maxBatch)
	}
	// Nearly all readings are good: they don't keep others waiting. Where one isn't, all that was done is undone, and done again alone.
	got, err := s.measure(ctx, in, false)
	if errors.Is(err, errViolated) {
		return s.measure(ctx, in, true)
	}
	return got, err
}

func (s *Service) measure(ctx context.Context, in Batch, alone bool) (Measured, error) {
	return command.Do(ctx, s.commands, command.Call{Mutation: "recordMeasurements", Key: in.IdempotencyKey, Input: in}, func(tx *command.Tx) (Measured, error) {
		b := &batch{Batch: in, tx: tx, library: s.library, alone: alone}
		if err := b.find(ctx); err != nil {
			return Measured{}, err
		}
		if err := b.save(ctx); err != nil {
			return Measured{}, err
		}
		return b.result, b.follow(ctx)
	})
}

// notYet finds a reading from after now.
func notYet(i int, read, now time.Time) fault.List {
	if !read.After(now) {
		return nil
	}
	return fault.List{fault.BadInput(at(i)+"at", "it is in the future")}
}

func at(i int) string { return fmt.Sprintf("measurements[%d].", i) }
