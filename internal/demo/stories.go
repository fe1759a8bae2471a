package demo

import (
	"time"

	"flowviz/db"
)

// The days of the stories.
const (
	exerciseOf   day = 5  // a delivery comes of which all leaves
	misread      day = 5  // a thermometer is misread
	warmCups     day = 6  // cups are not cold enough after the tunnel
	softDay      day = 7  // two rods are not frozen through
	typingError  day = 8  // a weight is typed with the point in the wrong place
	forgottenTub day = 9  // nobody checks a tub
	warmDelivery day = 12 // a delivery of poultry is too warm
	stoppedDay   day = 13 // a blast chiller stops, and with it a run
	metalDay     day = 15 // a check of the metal detector turns out not to have been passed
	poorYield    day = 16 // there is more bone than meat in a delivery
	listeriaDay  day = 19 // ready meals are made that the laboratory finds listeria in
	warmMix      day = 20 // a mix comes out of the tumbler too warm
	wrongScan    day = 21 // the wrong delivery is scanned
	lateCheck    day = 22 // a check of the line is late
	recallDay    day = 27 // beef is received that a foreign body is in …
	soldDay      day = 28 // … and its rods are shipped, but for one pallet …
	callDay      day = 30 // … before the supplier phones
	exerciseDay  day = 29 // the auditor asks where the delivery of exerciseOf went
)

// story is what the README tells about: a lot that is held after all that was made of it has left.
type story struct {
	raw    *lot
	pallet *lot // a pallet that is farthest from it
}

// retried: a lot that fails a check is held, treated and checked again after a while; a second person releases it.
func (l *line) retried(of *lot, gate string, at time.Time, bad finding, after time.Duration, why string) (released time.Time) {
	bad.outcome = db.QcOutcomeHOLD
	first := l.decide(of, gate, at, bad)
	again := l.decide(of, gate, first.at.Add(after), finding{equipment: bad.equipment, notes: "Checked again after this: " + bad.action})
	released = again.at.Add(l.minutes(18, 5))
	of.held().release(released, l.h.users.manager, why)
	return released
}

// tooWarm: poultry above 4 °C is cooled, measured again and evaluated.
func (p *doner) tooWarm(raw *lot) {
	p.retried(raw, "1", raw.registered.Add(6*time.Minute), finding{
		values: map[string]int64{"surface_temp": 58}, notes: "Surface 5.8 °C, at most 4 °C allowed for poultry",
		action: "Moved to the chiller at 0 °C, supplier informed",
		cause:  "The lorry's cooling unit was switched off while it waited at the gate",
	}, 125*time.Minute, "The lorry's logger shows less than 40 minutes above 4 °C; below 4 °C at three points now, smell and look fresh")
}

// warmMix: a mix above 4 °C is cooled with snow of carbon dioxide.
func (p *doner) warmMix(mix *lot) {
	p.retried(mix, "5", mix.registered.Add(4*time.Minute), finding{
		values: map[string]int64{"mix_temp": 46}, notes: "Mix at 4.6 °C, at most 4 °C allowed", action: "Tumbled for ten minutes more with dry ice snow",
		cause: "The tumbler's jacket was not cold yet when the mix went in",
	}, 17*time.Minute, "Below 4 °C again within half an hour, mixed evenly")
}

// notFrozenYet: rods that are not frozen through go back into the freezer.
func (p *doner) notFrozenYet(frz *lot, f finding) {
	f.values = map[string]int64{"core_temp": -164}
	f.notes, f.action = "Core -16.4 °C, at most -18 °C allowed: not frozen through", "Back into the freezer for three hours"
	f.cause = "The freezer was loaded two racks too full"
	p.retried(frz, "7", frz.registered.Add(p.minutes(5, 2)), f, 3*time.Hour+p.minutes(8, 5), "Frozen again, all three probes below -18 °C; no thawing at the surface")
}

// warmCups: cups that are not cold enough stay in the tunnel.
func (p *yoghurt) warmCups(fg *lot, at time.Time) (released time.Time) {
	return p.retried(fg, "9", at, finding{
		values: map[string]int64{"core_temp": 71}, equipment: "BC1", notes: "Core 7.1 °C, at most 6 °C allowed", action: "An hour more in the tunnel",
		cause: "The tunnel's door stood open while pallets were changed",
	}, 70*time.Minute, "Core below 6 °C four hours after filling, pH as usual")
}

// misread: what was entered was not what the thermometer showed; the right decision supersedes the wrong one.
func (p *doner) misread(raw *lot) {
	wrong := p.pass(raw, "1")
	raw.temperature = nil
	p.decide(raw, "1", wrong.at.Add(p.minutes(14, 4)), finding{
		values: map[string]int64{"surface_temp": 36}, supersedes: wrong, notes: "Corrected: the reading of another pallet had been entered",
	})
}

// forgotten: a tub that nobody checked.
func (p *readyMeal) forgotten(wip *lot) {
	wip.celsius(p.around(270, 40))
	p.alarm(db.AlertKindCHECKMISSED, db.AlertSeverityWARNING, wip.run, wip, wip.registered.Add(time.Hour),
		"Check missed at gate 6, WIP release: nobody checked the tub within an hour")
}

// leftLoose is how many rods are not on a pallet yet when the failure of the metal detector comes to light.
const leftLoose = 3

// detectorFailed: a review of the detector's own log shows that the last check of a run was no PASS. All that passed since
// the one before is held, on pallets, shipped or not; what can be checked again is, and the run is given up for the rod
// that had metal in it.
func (p *doner) detectorFailed(r *run, goods []*lot) {
	checks := r.checks["8.5"]
	wrong, before := checks[len(checks)-1], checks[len(checks)-2]
	failed := p.check(r, "8.5", "CHICKEN-15", p.about(metalDay, 15, 30), finding{
		outcome: db.QcOutcomeFAIL, values: map[string]int64{"fe_sphere": 35}, supersedes: wrong, equipment: "MD1", by: p.h.users.admin,
		notes:  "The detector's log shows that the last check of the shift rejected the 3.5 mm sphere only, not the one of 2.5 mm",
		action: "Detector set right; all rods since the last passed check are held",
		cause:  "The detector's sensitivity had been turned down after false alarms, and nobody had tried the smallest sphere",
	})
	var loose, stored, shipped []*lot
	for _, fg := range goods {
		if fg.occurred.Before(before.checked()) || fg.occurred.After(wrong.at) {
			continue
		}
		p.hold(fg, failed.at, failed.by, "Gate 8.5, Metal detection: passed after the last good check of MD1", failed.deviation, failed)
		switch {
		case fg.left > 0:
			loose = append(loose, fg)
		case fg.children[0].left > 0:
			stored = append(stored, fg)
		default:
			shipped = append(shipped, fg)
		}
	}
	p.metalFound(loose[0], p.at(16, 9, 40))
	p.rescreen(loose[1:], p.at(16, 9, 10), "MD1", "Run through the detector again in both directions")
	p.rescreen(stored, p.at(16, 10, 20), "MD1", "Pallet opened, rod run through the detector again")
	p.rescreen(shipped, p.at(19, 10, 5), "X-ray of the depot", "Kept apart at the customer's depot and X-rayed there")

	pal := p.pallet(r, 9, p.at(16, 11, 10), all(loose[1:]...))
	p.pass(pal, "9")
	p.waiting = append(p.waiting, kept{pal, metalDay.next()})
	r.abort(p.at(19, 14, 20), "Metal detector failed unnoticed: one rod with a metal splinter was rejected and destroyed, "+
		"all others were screened again and released")
}

// rescreen gives each lot a PASS of its own, and releases it.
func (p *doner) rescreen(lots []*lot, at time.Time, equipment, how string) {
	for _, fg := range lots {
		d := p.decide(fg, "8.5", at, finding{equipment: equipment, notes: how})
		fg.held().release(d.at.Add(p.minutes(25, 8)), p.h.users.manager, how+": no metal found; evaluated together with the detector's log")
		at = at.Add(p.seconds(100, 200))
	}
}

func (p *doner) metalFound(fg *lot, at time.Time) {
	fg.held().reject(at, p.h.users.manager, "Metal splinter of 4 mm found near the skewer: not fit for food")
	p.waste(fg.run, 8, at.Add(35*time.Minute), all(fg))
}

// typedWrong: the weight of the container was typed ten times too small; the record is voided and replaced.
func (p *doner) typedWrong(right *move) {
	wrong := p.replaced(right, "Typing error: the container weighed ten times as much as was entered")
	wrong.in[0].amount /= 10
}

// scannedWrong: the label of another delivery was scanned; the record is voided and replaced.
func (p *doner) scannedWrong(raw *lot, right *move) {
	other := raw.made.out[1].lot
	wrong := p.replaced(right, "Wrong label scanned: the meat came from the delivery beside it")
	wrong.in[0] = draw{other, min(right.in[0].amount, other.amount)}
}

// replaced puts a voided record before a move, which takes its place some minutes later.
func (l *line) replaced(right *move, reason string) (wrong *move) {
	twin := *right
	twin.in = append([]draw{}, right.in...)
	right.recorded = right.recorded.Add(l.minutes(7, 2))
	twin.voided, twin.voidReason, twin.replacedBy = right.recorded, reason, right
	l.h.moves = append(l.h.moves, &twin)
	return &twin
}

// notWeighedYet: the run entered the mixing phase with auto-registration; nobody has weighed the mix yet.
func (p *doner) notWeighedYet(r *run, m meat, at time.Time) {
	r.announces = true
	mix := p.lotOf("MIX", 0)
	mix.unknown, mix.source, mix.by = true, db.LotSourceAUTO, nil
	mix.Species, mix.State = m.species, "CHILLED"
	mix.run, mix.phase, mix.occurred, mix.registered = r, 4, at, at.Add(time.Second)
	p.h.lots = append(p.h.lots, mix)
}

// foreignBody: the supplier phones about a lot of beef that was used up days ago. The hold stays open.
func (p *doner) foreignBody() {
	var raw *lot
	for _, l := range p.h.lots {
		if l.line == p.line && l.kind.Code == "RAW" && l.run.day == recallDay && l.State == "CHILLED" {
			raw = l
			break
		}
	}
	at := p.at(callDay, 10, 20)
	const why = "The supplier phoned: pieces of a broken plastic crate may be in this lot"
	h := p.hold(raw, at, p.h.users.operator, why, p.deviate(deviation{run: raw.run, description: why, opened: at, by: p.h.users.operator}), nil)
	p.alarm(db.AlertKindQCHOLD, db.AlertSeverityCRITICAL, nil, raw, at, "Held: %s", h.reason).acknowledged = time.Time{}
	p.h.story.raw = raw
}

// listeria: the laboratory finds listeria in one pack. The whole day's production is held, rejected and destroyed, and the
// run is given up; nothing of it had left.
func (p *readyMeal) listeria(d day, m *meals, at time.Time) {
	r := m.run
	p.decide(m.packs[0], "10", at, finding{
		outcome: db.QcOutcomeFAIL, answers: map[string]any{"LIST": false, "TVC": true},
		notes:  "Laboratory report: Listeria monocytogenes detected in 25 g",
		action: "All packs of the day held, line closed for cleaning and swabs",
		cause:  "Water stood below the depositor: its drain was blocked",
	})
	const why = "Made on the same line on the same day as packs with listeria"
	others := p.deviate(deviation{
		run: r, description: why, opened: at.Add(6 * time.Minute), by: p.h.users.operator,
		cause: "The depositor that all of them went through was not clean", action: "Depositor taken apart, cleaned and swabbed; drain opened each day",
	})
	for _, pack := range m.packs[1:] {
		p.decide(pack, "10", at.Add(p.minutes(3, 1)), finding{})
		p.hold(pack, others.opened, others.by, why, others, nil)
	}
	for i, pack := range m.packs {
		decided := at.Add(time.Duration(190+4*i) * time.Minute)
		pack.held().reject(decided, p.h.users.manager, "Swabs of the depositor are positive: nothing of this day is fit for food")
		p.waste(r, 10, decided.Add(p.minutes(40, 8)), all(pack))
	}
	r.abort(p.about(d, 19, 10), "Listeria monocytogenes in one lot: all packs of the run were rejected and destroyed, none had left the plant")
	m.gone = true
}

// tell finds the pallet that has the longest way back to the held meat.
func (h *history) tell() {
	depth := map[*lot]int{}
	next := []*lot{h.story.raw}
	for level := 0; len(next) > 0; level++ {
		var further []*lot
		for _, l := range next {
			if _, seen := depth[l]; !seen {
				depth[l] = level
				further = append(further, l.children...)
			}
		}
		next = further
	}
	for _, l := range h.lots {
		if l.kind.Code == "PAL" && depth[l] > 0 && (h.story.pallet == nil || depth[l] > depth[h.story.pallet]) {
			h.story.pallet = l
		}
	}
}
