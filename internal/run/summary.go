package run

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/quantity"
)

// Summary is what a run came to, so far: rule 14 of the domain. It is worked out anew each time, for what is corrected after the run's end is to show
// in it: a void of a wrong weight changes its yield. What it was at its end stands in the log, with the run's completion.
type Summary struct {
	*Run
	LotTypes       []LotTypeCount
	InKg, OutKg    quantity.Decimal // raw materials and other runs' lots taken into production; finished goods made
	Decisions      DecisionCounts   // standing ones
	AlertCount     int32
	DeviationCount int32
	Phases         []Stay // those that it entered, in their order
}

// Stay is the time that a run spent in a phase.
type Stay struct {
	db.RunPhase
	LeftAt *time.Time // nil while it is there
}

// DecisionCounts are decisions by outcome.
type DecisionCounts struct{ Pass, Hold, Fail int32 }

// DurationSeconds is the time from start to end; nil while the run goes on.
func (s *Summary) DurationSeconds() *int32 {
	if s.StartedAt == nil || s.EndedAt == nil {
		return nil
	}
	seconds := int32(s.EndedAt.Sub(*s.StartedAt).Seconds())
	return &seconds
}

// LotTypeCount is how many lots of one type a run has, and their weight.
type LotTypeCount struct {
	LotTypeID uuid.UUID
	Count     int32
	WeightKg  quantity.Decimal
}

// YieldPercent is OutKg over InKg in per cent, with one decimal; nil where nothing came in.
func (s *Summary) YieldPercent() (*quantity.Decimal, error) {
	if s.InKg.Sign() <= 0 {
		return nil, nil //nolint:nilnil // no yield without an input
	}
	y, err := s.OutKg.MulQuo(quantity.MustParse("100"), s.InKg, 1)
	return &y, err
}

// figures are the summary as the log keeps it.
func (s *Summary) figures() (audit.Fields, error) {
	yield, err := s.YieldPercent()
	return audit.Fields{
		"durationSeconds": s.DurationSeconds(), "inKg": s.InKg, "outKg": s.OutKg, "yieldPercent": yield,
		"pass": s.Decisions.Pass, "hold": s.Decisions.Hold, "fail": s.Decisions.Fail, "alerts": s.AlertCount, "deviations": s.DeviationCount,
	}, err
}

// Summaries counts what each run came to.
func (f *Finder) Summaries(ctx context.Context, runs []*Run) (map[uuid.UUID]*Summary, error) {
	sums := make(map[uuid.UUID]*Summary, len(runs))
	ids := make([]uuid.UUID, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
		sums[r.ID] = &Summary{Run: r}
	}
	lots, err := f.q.RunLotCounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range lots {
		s := sums[row.RunID]
		s.LotTypes = append(s.LotTypes, LotTypeCount{LotTypeID: row.LotTypeID, Count: int32(row.Lots), WeightKg: row.Kg})
	}
	mass, err := f.q.RunMass(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range mass {
		sums[row.RunID].InKg, sums[row.RunID].OutKg = row.InKg, row.OutKg
	}
	decisions, err := f.q.RunDecisionCounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range decisions {
		sums[row.RunID].Decisions = DecisionCounts{Pass: int32(row.Pass), Hold: int32(row.Hold), Fail: int32(row.Fail)}
	}
	counts, err := f.q.RunAlertAndDeviationCounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range counts {
		sums[row.RunID].AlertCount, sums[row.RunID].DeviationCount = int32(row.Alerts), int32(row.Deviations)
	}
	return sums, f.stays(ctx, ids, sums)
}

// stays finds when each run entered and left its phases: it leaves one for the next, and the last at its end.
func (f *Finder) stays(ctx context.Context, ids []uuid.UUID, sums map[uuid.UUID]*Summary) error {
	rows, err := f.q.RunPhases(ctx, ids)
	for _, row := range rows {
		s := sums[row.RunID]
		if n := len(s.Phases); n > 0 {
			s.Phases[n-1].LeftAt = &row.EnteredAt
		}
		s.Phases = append(s.Phases, Stay{RunPhase: row, LeftAt: s.EndedAt})
	}
	return err
}
