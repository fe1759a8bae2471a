package demo

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/scenario/definition"
)

// history is all that happened at the demo's sites, first as it is simulated, in any order, and after close as the
// database is to know it.
type history struct {
	plants     []*plant
	users      users
	runs       []*run
	lots       []*lot
	moves      []*move
	decisions  []*decision
	holds      []*hold
	deviations []*deviation
	alerts     []*alert
	exposures  []exposure // made by close
	exercise   *exercise
	story      story
}

// plant is a site.
type plant struct {
	clock
	code, name, address, approval string
	prefix                        string // GS1 company prefix
	gln                           string
	partners                      []*partner
	units                         uint64 // logistic units numbered so far
}

// partner is a supplier or customer of a plant.
type partner struct {
	id                      uuid.UUID
	key, name, gln, address string
}

// partner finds one by its key; it is a mistake of the simulation where there is none.
func (p *plant) partner(key string) *partner {
	for _, one := range p.partners {
		if one.key == key {
			return one
		}
	}
	panic(fmt.Sprintf("demo: %s has no partner %q", p.code, key))
}

// nextSSCC numbers a logistic unit.
func (p *plant) nextSSCC() string {
	p.units++
	key, err := gs1.NewSSCC('3', p.prefix, p.units)
	if err != nil {
		panic(fmt.Sprintf("demo: %v", err)) // the prefixes are constants
	}
	return key.SSCC
}

// users are who works at the plants.
type users struct{ viewer, operator, manager, auditor, admin *user }

func (u users) all() []*user { return []*user{u.viewer, u.operator, u.manager, u.auditor, u.admin} }

type user struct {
	id          uuid.UUID
	email, name string
	role        db.Role
}

// line is one scenario as one plant runs it.
type line struct {
	*plant
	noise
	h        *history
	def      *definition.Scenario
	products map[string]product // by SKU
}

// product is what a plant sells.
type product struct {
	gtin    string
	nominal int64 // grams a piece
}

// run is one execution of a line's scenario.
type run struct {
	id        uuid.UUID
	code      string
	line      *line
	day       day
	started   time.Time
	ended     time.Time // zero while it goes on
	outcome   db.RunStatus
	reason    string
	archived  time.Time
	announces bool                   // the lots that its phases will make
	checks    map[string][]*decision // checks of the line by gate, in time
}

// about is a time of day, give or take some minutes.
func (l *line) about(d day, hour, minute int) time.Time {
	return l.at(d, hour, minute).Add(l.minutes(0, 4))
}

// start begins a run.
func (l *line) start(d day, at time.Time) *run {
	r := &run{line: l, day: d, started: at, outcome: db.RunStatusCOMPLETED, checks: map[string][]*decision{}}
	l.h.runs = append(l.h.runs, r)
	return r
}

// archiveAfter is how long a completed run stays in the list of those at work.
const archiveAfter = 14 * 24 * time.Hour

func (r *run) complete(at time.Time) {
	r.ended = at
	r.archived = at.Add(archiveAfter)
}

// abort ends a run with what happened to its lots.
func (r *run) abort(at time.Time, reason string) {
	r.ended, r.outcome, r.reason = at, db.RunStatusABORTED, reason
}

// alert is something that a person must see.
type alert struct {
	id           uuid.UUID
	line         *line
	kind         db.AlertKind
	severity     db.AlertSeverity
	message      string
	lot          *lot
	run          *run
	raised       time.Time
	acknowledged time.Time // zero while nobody has
}

// alarm raises an alert; somebody acknowledges it within the hour.
func (l *line) alarm(kind db.AlertKind, severity db.AlertSeverity, r *run, of *lot, at time.Time, format string, args ...any) *alert {
	a := &alert{
		line: l, kind: kind, severity: severity, message: fmt.Sprintf(format, args...), lot: of, run: r,
		raised: at, acknowledged: at.Add(l.minutes(25, 20)),
	}
	l.h.alerts = append(l.h.alerts, a)
	return a
}
