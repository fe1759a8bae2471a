// Package epcis takes in EPCIS documents: what others tell of goods becomes lots, transformations, genealogy and containment
// of a site.
//
// Each event is stored as it was told, with what it says about each lot, and the rest follows from all events in force: in
// whatever order documents come, however they are cut, and whether an error is declared before or after the event that it
// concerns, the same events end in the same lots, links and amounts. An event is taken in once.
//
// An import records what others did. What breaks a rule of production (more used of a lot than there was, a weight out of
// bounds, a lot made of itself) raises an alert and is no refusal; a document that can't be understood, or that contradicts
// what is there, is refused whole. What the site's own people recorded about their lots stays as it is: such a lot is linked
// to what others made of it, and its amounts are left alone.
//
// How EPCIS maps: a lot is born by an ObjectEvent ADD (a PROCESS without inputs: it came from nobody) or as the output of
// a TransformationEvent (a PROCESS), or else with what the first event that saw it says. shipping and receiving are SHIP and
// RECEIVE, an ObjectEvent DELETE is a WASTE, or a SHIP where it was sold. AggregationEvents are containment.
package epcis

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/internal/audit"
)

// Service imports documents.
type Service struct {
	pool  *pgxpool.Pool
	log   *audit.Recorder
	newID func() uuid.UUID
	now   func() time.Time
}

// NewService writes through pool, and what it did into log; newID gives a new UUIDv7 at each call.
func NewService(pool *pgxpool.Pool, log *audit.Recorder, newID func() uuid.UUID, now func() time.Time) *Service {
	return &Service{pool: pool, log: log, newID: newID, now: now}
}

// Report says what an import did.
type Report struct {
	File            string
	Events          int // taken in
	Known           int // there already, or told before in the same document
	Lots            int // registered
	Transformations int // recorded
	Links           int // pairs of parent and child, one for each transformation that ties them
	Voided          int // events that were declared wrong
	Alerts          int // raised
}

// String is the report as one line.
func (r Report) String() string {
	return fmt.Sprintf("%s: %s taken in, %d known already; %s, %s, %s; %d declared wrong; %s", r.File,
		count(r.Events, "event"), r.Known, count(r.Lots, "new lot"), count(r.Transformations, "transformation"), count(r.Links, "link"),
		r.Voided, count(r.Alerts, "alert"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
