package demo

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// decision is PASS, HOLD or FAIL at a gate, for a lot or for the line.
type decision struct {
	id            uuid.UUID
	line          *line
	gate          definition.Gate
	run           *run
	lot           *lot // nil for the line
	outcome       db.QcOutcome
	equipment     string
	readings      []reading
	answers       []answer
	notes, action string
	cause         string // why a HOLD or FAIL happened, as was found later
	at            time.Time
	by            *user
	supersedes    *decision
	deviation     *deviation // nil for a PASS
}

// answer is one item of a checklist.
type answer struct {
	Code  string `json:"code"`
	Value any    `json:"value"`
}

// finding is what a check found beside what is usual. The zero finding is a PASS.
type finding struct {
	outcome       db.QcOutcome
	values        map[string]int64 // readings by parameter, in the last decimal of its aim
	answers       map[string]any
	notes, action string
	cause         string
	equipment     string
	by            *user
	supersedes    *decision
}

func (l *line) gate(number string) definition.Gate {
	g, ok := l.def.Gate(quantity.MustParse(number))
	if !ok {
		panic("demo: " + l.def.Key + " has no gate " + number)
	}
	return g
}

// pass decides PASS about a lot a few minutes after it was registered.
func (l *line) pass(of *lot, gate string) *decision {
	return l.decide(of, gate, of.registered.Add(l.minutes(5, 3)), finding{})
}

// decide records what a check of a lot found.
func (l *line) decide(of *lot, gate string, at time.Time, f finding) *decision {
	d := l.decided(l.gate(gate), of.run, at, f)
	d.lot = of
	d.readings, d.answers = l.readings(d, of, f.values), l.answers(d, scan{of: of, sku: of.SKU}, f.answers)
	of.decisions[gate] = append(of.decisions[gate], d)
	if of.temperature == nil {
		of.temperature = temperature(d.readings)
	}
	l.follow(d)
	return d
}

// check records what a check of the line found while it ran one SKU.
func (l *line) check(r *run, gate, sku string, at time.Time, f finding) *decision {
	d := l.decided(l.gate(gate), r, at, f)
	d.readings, d.answers = l.readings(d, nil, f.values), l.answers(d, scan{sku: sku}, f.answers)
	r.checks[gate] = append(r.checks[gate], d)
	l.follow(d)
	return d
}

func (l *line) decided(g definition.Gate, r *run, at time.Time, f finding) *decision {
	d := &decision{
		line: l, gate: g, run: r, outcome: f.outcome, equipment: f.equipment, notes: f.notes, action: f.action, cause: f.cause, at: at, by: f.by, supersedes: f.supersedes,
	}
	if d.outcome == "" {
		d.outcome = db.QcOutcomePASS
	}
	if d.by == nil {
		d.by = l.h.users.operator
	}
	l.h.decisions = append(l.h.decisions, d)
	return d
}

// follow is what a HOLD or FAIL leads to: an alert, a deviation, and a hold on the lot.
func (l *line) follow(d *decision) {
	if d.outcome == db.QcOutcomePASS {
		return
	}
	kind, severity := db.AlertKindQCHOLD, db.AlertSeverityWARNING
	if d.outcome == db.QcOutcomeFAIL {
		kind, severity = db.AlertKindQCFAIL, db.AlertSeverityCRITICAL
	}
	l.alarm(kind, severity, d.run, d.lot, d.at, "%s at gate %s, %s: %s", d.outcome, d.gate.Number, d.gate.Name.En, d.notes)
	d.deviation = l.deviate(deviation{gate: &d.gate, run: d.run, description: d.notes, cause: d.cause, action: d.action, opened: d.at, by: d.by})
	if d.lot != nil {
		l.hold(d.lot, d.at, d.by, fmt.Sprintf("Gate %s, %s: %s", d.gate.Number, d.gate.Name.En, d.notes), d.deviation, d)
	}
}

// scan is what a scanner meets.
type scan struct {
	of  *lot
	sku string
}

func (l *line) answers(d *decision, s scan, given map[string]any) []answer {
	answers := []answer{}
	for _, item := range d.gate.Checklist {
		value, ok := given[item.Code]
		if !ok {
			value = l.usual(d, item, s)
		}
		if value != nil {
			answers = append(answers, answer{item.Code, value})
		}
	}
	return answers
}

// usual is the answer that lets a check pass; nil for what nobody answers.
func (l *line) usual(d *decision, item definition.ChecklistItem, s scan) any {
	switch item.Type {
	case definition.AnswerBool:
		return true
	case definition.AnswerNumber:
		return l.Int64N(4)
	case definition.AnswerText:
		if d.equipment != "" {
			return d.equipment
		}
		return s.of.SupplierLotCode
	case definition.AnswerScanMatch:
		return l.scanned(item.Expect, s)
	default: // a photo that nobody took
		return nil
	}
}

func (l *line) scanned(expect definition.Expect, s scan) string {
	switch expect {
	case definition.ExpectSSCC:
		return s.of.sscc
	case definition.ExpectContainerSpecies:
		return "TUB-" + s.of.Species
	case definition.ExpectProductGTIN:
		return l.products[s.sku].gtin
	default:
		return s.of.recipe
	}
}

// usable is the first time from a moment on at which a lot may be used: when it is registered, has every PASS and nothing
// stops it. Samples and waste may always be taken.
func (l *lot) usable(kind db.TransformationKind, from time.Time) time.Time {
	from = later(from, l.registered.Add(time.Minute))
	if kind == db.TransformationKindSAMPLE || kind == db.TransformationKindWASTE {
		return from
	}
	for _, g := range l.line.def.GatesOf(l.kind.Code) {
		if g.Mode != definition.ModeBlocking {
			continue
		}
		at, ok := l.passed(g, nil)
		if !ok {
			panic(fmt.Sprintf("demo: a %s of %s is used without a PASS at gate %s", l.kind.Code, l.line.def.Key, g.Number))
		}
		from = later(from, at.Add(30*time.Second))
	}
	for _, s := range l.stops {
		if s.stops(from) {
			if s.ended.IsZero() || s.outcome == db.HoldOutcomeREJECTED {
				panic(fmt.Sprintf("demo: a %s of %s is used though it is held or exposed for good", l.kind.Code, l.line.def.Key))
			}
			from = s.ended.Add(time.Minute)
		}
	}
	return from
}

// movesOn reports whether a lot may be used inside before the result of a gate is there, which comes later.
func (l *lot) movesOn(g definition.Gate) bool {
	if !g.PositiveRelease || last(l.decisions[g.Number.String()], nil) != nil {
		return false
	}
	if g.PerLot || l.run == nil {
		return g.PerLot
	}
	var before *decision
	for _, d := range standing(l.run.checks[g.Number.String()], nil) {
		if d.checked().After(l.occurred) {
			return false
		}
		before = d
	}
	return before != nil && before.outcome == db.QcOutcomePASS
}

// passed tells when a lot has its PASS at a gate, as far as known decides.
//
// A check of a lot counts as it was decided last. A check of the line counts for the lots between it and the one that
// follows: both must be a PASS, since a periodic check says nothing about what comes after it.
func (l *lot) passed(g definition.Gate, known func(*decision) bool) (at time.Time, ok bool) {
	if own := last(l.decisions[g.Number.String()], known); own != nil {
		return own.at, own.outcome == db.QcOutcomePASS
	}
	if g.PerLot || l.run == nil {
		return time.Time{}, false
	}
	var before, after *decision
	for _, d := range standing(l.run.checks[g.Number.String()], known) {
		if d.checked().After(l.occurred) {
			after = d
			break
		}
		before = d
	}
	if before == nil || after == nil || before.outcome != db.QcOutcomePASS || after.outcome != db.QcOutcomePASS {
		return time.Time{}, false
	}
	return after.at, true
}

func last(decisions []*decision, known func(*decision) bool) *decision {
	for i := len(decisions) - 1; i >= 0; i-- {
		if known == nil || known(decisions[i]) {
			return decisions[i]
		}
	}
	return nil
}

// standing are the checks that no later one supersedes, each in the place of the one that it supersedes.
func standing(checks []*decision, known func(*decision) bool) []*decision {
	var out []*decision
	for _, d := range checks {
		if known != nil && !known(d) {
			continue
		}
		placed := false
		for i := range out {
			if out[i] == d.supersedes {
				out[i], placed = d, true
			}
		}
		if !placed {
			out = append(out, d)
		}
	}
	return out
}

// checked is when the line was checked: a decision that supersedes another is about the same check.
func (d *decision) checked() time.Time {
	for d.supersedes != nil {
		d = d.supersedes
	}
	return d.at
}

// patrol makes the checks of a line when they are due: before its first lot, within each hour, at each change of the SKU
// and after its last lot.
type patrol struct {
	line      *line
	run       *run
	gate      string
	equipment string
	sku       string
	last      time.Time
	miss      bool // the next check within the hour is forgotten
}

func (l *line) patrol(r *run, gate, equipment string) *patrol {
	return &patrol{line: l, run: r, gate: gate, equipment: equipment}
}

// before makes what is due before a lot passes at a time. The lot passes at the time that it returns: later where the line
// had to stop for a check.
func (p *patrol) before(at time.Time, sku string) time.Time {
	switch {
	case p.last.IsZero():
		p.sku = sku
		p.check(at.Add(-p.line.minutes(6, 2)))
	case p.sku != sku:
		p.after(at) // what ran is proven first
		p.sku = sku
		p.check(p.last.Add(p.line.minutes(4, 1)))
	default:
		p.hourly(at)
	}
	return later(at, p.last.Add(time.Minute))
}

// after makes the check that follows the last lot.
func (p *patrol) after(at time.Time) {
	p.hourly(at)
	p.check(later(at, p.last).Add(p.line.minutes(4, 1)))
}

func (p *patrol) hourly(at time.Time) {
	every := time.Duration(p.line.gate(p.gate).Frequency.EveryMin) * time.Minute
	for every > 0 && at.Add(8*time.Minute).Sub(p.last) > every {
		due := p.last.Add(every - p.line.minutes(5, 3))
		if p.miss {
			p.miss = false
			late := p.last.Add(every + p.line.minutes(20, 5))
			p.line.alarm(db.AlertKindCHECKMISSED, db.AlertSeverityWARNING, p.run, nil, p.last.Add(every+time.Minute),
				"Check missed at gate %s, %s: due every %d minutes, the last one was %d minutes ago",
				p.line.gate(p.gate).Number, p.line.gate(p.gate).Name.En, int(every.Minutes()), int(every.Minutes())+1)
			due = late
		}
		p.check(due)
	}
}

func (p *patrol) check(at time.Time) {
	p.line.check(p.run, p.gate, p.sku, at, finding{equipment: p.equipment})
	p.last = at
}
