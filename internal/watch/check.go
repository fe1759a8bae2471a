package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

// recently is how long after a run's end its last checks are asked for.
const recently = 24 * time.Hour

// lineCheck is what a gate asks of a run's line. A check of each lot has no time at which it is due: its lot waits for it, or its run tells
// of it when it leaves the phase.
type lineCheck struct {
	run  db.Run
	gate *scenario.GateOf
	at   int  // number of the phase that the run is in
	over bool // the run has ended
}

// missedChecks finds the checks of lines that were due by the frequency of their gate and weren't made. What a gate for information asks
// is never missed. That a line changes to another product its lots tell: one is of another product or SKU than the one before it.
func (w *Watcher) missedChecks(ctx context.Context, tx *command.Tx, site int32, runs []db.RunsToWatchRow) ([]alert.New, error) {
	var due []lineCheck
	p := db.LineChecksParams{SiteID: site}
	for _, r := range runs {
		version, err := w.library.Version(ctx, tx.Queries, r.Run.ScenarioID)
		if err != nil {
			return nil, err
		}
		for _, g := range version.Gates {
			if c := (lineCheck{r.Run, g, version.PhaseByID(r.Run.PhaseID).Number, r.Run.Status != db.RunStatusRUNNING}); c.asks() {
				due = append(due, c)
				p.RunIds, p.GateIds = append(p.RunIds, r.Run.ID), append(p.GateIds, g.ID)
			}
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	made, err := tx.LineChecks(ctx, p)
	if err != nil {
		return nil, err
	}
	changed, err := changeovers(ctx, tx, site, due)
	if err != nil {
		return nil, err
	}
	var missed []alert.New
	for i, c := range due {
		what, since := c.missed(made[i], tx.At)
		if at, ok := changed[pair{c.run.ID, c.gate.ID}]; what == "" && ok {
			what, since = "no check when the line changed to another product", at
		}
		if what != "" {
			missed = append(missed, c.alert(what, since))
		}
	}
	return missed, nil
}

// pair is a run and a gate.
type pair struct{ run, gate uuid.UUID }

// changeovers finds since when a check is missing that is due when a line changes to another product, while the run is in the gate's phase.
func changeovers(ctx context.Context, tx *command.Tx, site int32, due []lineCheck) (map[pair]time.Time, error) {
	p := db.ChangeoversParams{SiteID: site}
	for _, c := range due {
		if c.gate.Frequency.AtChangeover && c.atWork() {
			p.RunIds, p.GateIds = append(p.RunIds, c.run.ID), append(p.GateIds, c.gate.ID)
		}
	}
	changed := map[pair]time.Time{}
	if len(p.RunIds) == 0 {
		return changed, nil
	}
	rows, err := tx.Changeovers(ctx, p)
	for _, row := range rows {
		changed[pair{row.RunID, row.GateID}] = row.ChangedAt
	}
	return changed, err
}

// atWork reports whether the run is in the gate's phase.
func (c lineCheck) atWork() bool { return c.gate.At.Number == c.at && !c.over }

// asks reports whether a check may be due now: at the phase that the run is in, or at its end when it has left the phase.
func (c lineCheck) asks() bool {
	f := c.gate.Frequency
	switch {
	case c.gate.PerLot || c.gate.Mode == definition.ModeInfo || c.gate.At.Number > c.at:
		return false
	case c.atWork():
		return f.AtStart || f.EveryMin > 0 || f.AtChangeover
	}
	return f.AtEnd
}

// missed says which check wasn't made, and since when one is missing; "" where none is. One due again and again is missing anew each time.
func (c lineCheck) missed(made db.LineChecksRow, now time.Time) (what string, since time.Time) {
	f := c.gate.Frequency
	if !c.atWork() {
		if made.LastLot != nil && (made.LastCheck == nil || made.LastCheck.Before(*made.LastLot)) {
			return "no check after the last lot", *made.LastLot
		}
		return "", time.Time{}
	}
	if f.EveryMin > 0 {
		last := latest(c.run.StartedAt, c.run.PhaseSince, c.run.RunningSince, made.LastCheck)
		if since, ok := overdue(last, time.Duration(f.EveryMin)*time.Minute, now); ok {
			return fmt.Sprintf("no check for %s, one is due each %d min", minutes(now.Sub(last)), f.EveryMin), since
		}
	}
	if f.AtStart && made.LastCheck == nil && made.FirstLot != nil {
		return "no check before the first lot", *made.FirstLot
	}
	return "", time.Time{}
}

func (c lineCheck) alert(what string, since time.Time) alert.New {
	severity := db.AlertSeverityWARNING
	if c.gate.Kind == definition.KindCCP {
		severity = db.AlertSeverityCRITICAL
	}
	return alert.New{
		Site: c.run.SiteID, Kind: db.AlertKindCHECKMISSED, Severity: severity, Run: &c.run.ID, Since: since,
		Subject: c.run.ID.String() + " " + c.gate.ID.String(),
		Message: fmt.Sprintf("%s, gate %s %s: %s", c.run.Code, c.gate.Number, c.gate.Name.En, what),
	}
}
