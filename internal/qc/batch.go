package qc

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/deviation"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

// batch is readings while they are recorded.
type batch struct {
	Batch
	tx      *command.Tx
	library *scenario.Library
	alone   bool // the site is the command's own

	site   int32
	lots   map[uuid.UUID]*lot.Use
	about  map[about]*subject
	of     []*subject          // of each reading
	found  map[about]uuid.UUID // the deviations that the readings open, by gate and run
	ids    []uuid.UUID
	fresh  map[uuid.UUID]bool // of ids, those that are new
	result Measured
}

// about is what readings have in common.
type about struct{ gate, lot, run uuid.UUID }

// subject is that with what is known about it.
type subject struct {
	check
	facts evaluation.Facts
}

// find locks the site and the lots, and checks each reading.
func (b *batch) find(ctx context.Context) error {
	if err := b.lock(ctx); err != nil {
		return err
	}
	b.about = map[about]*subject{}
	var faults fault.List
	for i, t := range b.Measurements {
		s, err := b.subject(ctx, t)
		if f := fault.Of(err); f != nil {
			faults = append(faults, fault.New(f.Code, at(i)+f.Field, "%s", f.Message))
			continue
		} else if err != nil {
			return err
		}
		b.of = append(b.of, s)
		faults = append(faults, b.flaws(i, s, t)...)
	}
	return faults.Err()
}

// flaws are what is wrong with a reading by itself.
func (b *batch) flaws(i int, s *subject, t *Taken) fault.List {
	var faults fault.List
	for _, f := range evaluation.Check(s.definition(), []evaluation.Measurement{t.measurement()}) {
		faults = append(faults, fault.New(f.Code, strings.Replace(f.Field, at(0), at(i), 1), "%s", f.Message))
	}
	return append(faults, notYet(i, t.At, b.tx.At)...)
}

// definition is the gate's; an empty one where no gate asks.
func (s *subject) definition() definition.Gate {
	if s.gate == nil {
		return definition.Gate{}
	}
	return s.gate.Gate
}

// lock takes the site of the first reading, and all lots: those of other sites are not there.
func (b *batch) lock(ctx context.Context) error {
	var ids []relay.ID
	var fields []string
	var faults fault.List
	for i, t := range b.Measurements {
		if (t.LotID == nil) == (t.RunID == nil) {
			faults = append(faults, fault.BadInput(strings.TrimSuffix(at(i), "."), "give lotId for a reading of a lot, or runId for one of the line"))
		}
		if t.LotID != nil {
			ids, fields = append(ids, *t.LotID), append(fields, at(i)+"lotId")
		}
	}
	if err := faults.Err(); err != nil {
		return err
	}
	first, kind, field := b.Measurements[0].LotID, relay.Lot, at(0)+"lotId"
	if first == nil {
		first, kind, field = b.Measurements[0].RunID, relay.Run, at(0)+"runId"
	}
	if err := first.Require(kind, field); err != nil {
		return err
	}
	site, err := b.tx.SiteOf(ctx, *first, field, identity.Operate)
	if err != nil {
		return err
	}
	b.site = site.ID
	take := b.tx.Share
	if b.alone {
		take = b.tx.ExcludeBelow
	}
	if err := take(ctx, b.site); err != nil {
		return err
	}
	b.lots, err = lot.Lock(ctx, b.tx, b.site, ids, func(i int) string { return fields[i] })
	return err
}

// subject finds what a reading is about, once for all readings about it.
func (b *batch) subject(ctx context.Context, t *Taken) (*subject, error) {
	var key about
	s := &subject{check: check{tx: b.tx, library: b.library, site: b.site, at: b.tx.At}}
	s.LotID, s.RunID = t.LotID, t.RunID
	if t.GateID != nil {
		if err := t.GateID.Require(relay.QcGate, "gateId"); err != nil {
			return nil, err
		}
		s.GateID, key.gate = *t.GateID, t.GateID.UUID
	}
	if t.LotID != nil {
		key.lot = t.LotID.UUID
	} else {
		if err := t.RunID.Require(relay.Run, "runId"); err != nil {
			return nil, err
		}
		key.run = t.RunID.UUID
	}
	if known := b.about[key]; known != nil {
		return known, nil
	}
	if err := s.look(ctx, b.lots[key.lot], key.run); err != nil {
		return nil, err
	}
	b.about[key] = s
	return s, nil
}

// look reads what is known about the subject.
func (s *subject) look(ctx context.Context, use *lot.Use, run uuid.UUID) error {
	s.lot = use
	runID := &run
	if use != nil {
		runID = use.RunID
	}
	if err := s.findRun(ctx, runID); err != nil {
		return err
	}
	if err := s.writable(); err != nil {
		return err
	}
	if s.GateID.UUID == uuid.Nil {
		return nil
	}
	if err := s.findGate(ctx); err != nil {
		return err
	}
	f := facts{check: &s.check}
	var err error
	s.facts, err = f.find(ctx)
	return err
}

// save writes the readings, and an event of the log for each subject.
func (b *batch) save(ctx context.Context) error {
	p := db.InsertMeasurementsParams{SiteID: b.site, RecordedAt: b.tx.At, RecordedBy: b.tx.Actor.UserID}
	for i, t := range b.Measurements {
		s, m := b.of[i], t.measurement()
		b.ids = append(b.ids, b.tx.NewID())
		p.GateIds = append(p.GateIds, s.GateID.UUID)
		var lotID, runID uuid.UUID
		if s.lot != nil {
			lotID = s.lot.ID
		}
		if s.run != nil {
			runID = s.run.ID
		}
		p.LotIds, p.RunIds = append(p.LotIds, lotID), append(p.RunIds, runID)
		p.Parameters, p.Values, p.Units = append(p.Parameters, m.Parameter), append(p.Values, m.Value), append(p.Units, m.Unit)
		p.Probes, p.Ats = append(p.Probes, m.Probe), append(p.Ats, m.At)
	}
	p.Ids = b.ids
	inserted, err := b.tx.InsertMeasurements(ctx, p)
	if err != nil {
		return err
	}
	b.fresh = make(map[uuid.UUID]bool, len(inserted))
	for _, id := range inserted {
		b.fresh[id] = true
	}
	b.result.Count = int32(len(inserted))
	b.log()
	return nil
}

// log says how many readings each subject got, and tells that there are some: the readings themselves are kept for ever beside it.
func (b *batch) log() {
	counts := map[*subject]int{}
	var order []*subject
	for i, s := range b.of {
		if !b.fresh[b.ids[i]] {
			continue
		}
		if counts[s]++; counts[s] == 1 {
			order = append(order, s)
		}
	}
	for _, s := range order {
		after := audit.Fields{"measurements": counts[s]}
		if s.gate != nil {
			after["gate"] = s.gate.Number
		}
		b.tx.Audit(audit.Entry{Site: b.site, Action: audit.RecordMeasurement, Subject: s.id(), Label: s.label(), After: after})
		if s.lot != nil {
			b.tx.Tell(event.Event{Type: event.LotChanged, Site: b.site, Subject: s.id(), Run: s.lot.RunID})
		} else {
			b.tx.Tell(event.Event{Type: event.LineMeasured, Site: b.site, Subject: s.id(), Run: &s.RunID.UUID})
		}
	}
}

func (s *subject) id() relay.ID {
	if s.lot != nil {
		return s.lot.GlobalID()
	}
	return *s.RunID
}

// follow does what readings outside a limit lead to, once a subject however many they are.
func (b *batch) follow(ctx context.Context) error {
	done := map[*subject]bool{}
	for i, s := range b.of {
		if done[s] || s.gate == nil || !b.fresh[b.ids[i]] {
			continue
		}
		found := evaluation.Violated(s.gate.Gate, s.facts, b.Measurements[i].measurement())
		done[s] = len(found) > 0
		if err := b.heed(ctx, s, found); err != nil {
			return err
		}
	}
	return b.followCurves(ctx, done)
}

// heed does what findings about a subject lead to: at a gate for information all are remarks, and at others none is.
func (b *batch) heed(ctx context.Context, s *subject, found []evaluation.Finding) error {
	switch {
	case len(found) == 0:
		return nil
	case found[0].Effect == definition.EffectNote:
		_, err := alert.Raise(ctx, b.tx, s.remark(found[0].Message))
		return err
	case !b.alone:
		return errViolated
	}
	return b.stop(ctx, s, found[0].Message)
}

func (b *batch) stop(ctx context.Context, s *subject, why string) error {
	a := alert.New{
		Site: b.site, Kind: db.AlertKindLIMITEXCEEDED, Severity: db.AlertSeverityCRITICAL,
		Message: fmt.Sprintf("%s at gate %s, %s: %s", s.label(), s.gate.Number, s.gate.Name.En, why),
	}
	if s.run != nil {
		a.Run = &s.run.ID
	}
	if s.lot != nil {
		a.Lot = &s.lot.ID
		if err := b.hold(ctx, s, a.Message); err != nil {
			return err
		}
	}
	b.tx.Tell(event.Event{Type: event.MeasurementViolated, Site: b.site, Subject: s.id(), Run: a.Run, Data: map[string]any{"gate": s.gate.Number, "message": why}})
	_, err := alert.Raise(ctx, b.tx, a)
	return err
}

// hold holds a lot once for each gate: a probe sends the same every few seconds. Held for another reason, it gets a hold of this gate's too, since
// what lets it go there may ask for less. Bad again, it must be good again later than that.
func (b *batch) hold(ctx context.Context, s *subject, why string) error {
	open, err := b.tx.OpenHolds(ctx, db.OpenHoldsParams{LotID: s.lot.ID, SiteID: b.site})
	if err != nil {
		return err
	}
	var already []uuid.UUID
	for _, h := range open {
		if h.FoundAt != nil && *h.FoundAt == s.gate.ID && h.Hold.RecallID == nil {
			already = append(already, h.Hold.ID)
		}
	}
	if len(already) > 0 {
		return b.tx.ViolateHolds(ctx, db.ViolateHoldsParams{ViolatedAt: b.tx.At, Ids: already, SiteID: b.site})
	}
	found, err := b.deviation(ctx, s, why)
	if err != nil {
		return err
	}
	if _, err := hold.Open(ctx, b.tx, b.site, hold.Opening{Lots: []*lot.Use{s.lot}, Reason: why, Deviation: found, Gate: &s.gate.ID}); err != nil {
		return err
	}
	s.lot.Held = true
	b.result.Held = append(b.result.Held, s.lot.ID)
	return nil
}

// deviation is the one that holds what a batch shows to be bad at a gate in a run: a cold room that fails is one, whatever lies in it. A reading of
// the line opens none: it holds nothing, and the check that it calls for decides.
func (b *batch) deviation(ctx context.Context, s *subject, why string) (uuid.UUID, error) {
	n, key := deviation.New{Site: b.site, Gate: s.gate, Description: why}, about{gate: s.gate.ID}
	if s.run != nil {
		n.Run, key.run = &s.run.ID, s.run.ID
	}
	if id, ok := b.found[key]; ok {
		return id, nil
	}
	id, err := deviation.Open(ctx, b.tx, n)
	if b.found == nil {
		b.found = map[about]uuid.UUID{}
	}
	b.found[key] = id
	return id, err
}
