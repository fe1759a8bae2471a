package epcis

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"flowviz/db"
	"flowviz/internal/epcis/document"
	"flowviz/internal/fault"
)

// maxConflicts bounds a report: who imports a document again after each event in it was changed needs no thousand lines.
const maxConflicts = 20

// intake is what a document tells that isn't there yet.
type intake struct {
	events []*event // by time, then line
	wrong  []wrong
	told   int // of the document's own events, how many are new
	known  int
}

// wrong is an event that was declared to be so.
type wrong struct {
	identity    string
	reason      string
	corrections []string // eventIDs
}

// take sorts out which events are new. An event is known by the digest of its content, or by its eventID and digest; the same
// eventID with another content is refused: whether that is a correction or another event, nobody can tell. Only a document that gives
// one eventID to several events itself (real ones do) plainly means them all: these are known by their digests alone.
func (im *importing) take(ctx context.Context, told []document.Event) (*intake, error) {
	t := &taking{im: im, intake: &intake{}, byIdentity: map[string]*event{}, byDigest: map[string]*event{}}
	facts, declarations := t.split(told)
	if err := t.lookUp(ctx, facts, declarations); err != nil {
		return nil, err
	}
	for _, e := range facts {
		t.fact(e)
	}
	for _, e := range declarations {
		t.declaration(e)
	}
	slices.SortStableFunc(t.events, func(a, b *event) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Line, b.Line))
	})
	return t.intake, t.conflicts()
}

type taking struct {
	*intake
	im        *importing
	ambiguous map[string]bool // eventIDs that the document gives to several events
	stored    map[string]db.EpcisEventsByIdentitiesRow
	faults    fault.List

	byIdentity, byDigest map[string]*event // those that are new
}

// split parts what happened from declarations that something did not, and leaves out what the document tells twice.
func (t *taking) split(told []document.Event) (facts, declarations []*document.Event) {
	digests := map[string]bool{}
	owner := map[string]string{} // of an eventID: the digest of its first event
	t.ambiguous = map[string]bool{}
	for i := range told {
		e := &told[i]
		if digests[e.Digest] {
			t.known++
			continue
		}
		digests[e.Digest] = true
		if e.ErrorDeclaration != nil {
			declarations = append(declarations, e)
			continue
		}
		facts = append(facts, e)
		if first, ok := owner[e.ID]; ok && e.ID != "" && first != e.Digest {
			t.ambiguous[e.ID] = true
		}
		owner[e.ID] = e.Digest
	}
	return facts, declarations
}

// lookUp finds what is stored under any name that an event could have.
func (t *taking) lookUp(ctx context.Context, facts, declarations []*document.Event) error {
	var names []string
	for _, e := range facts {
		names = append(names, e.Digest)
		if e.ID != "" {
			names = append(names, e.ID)
		}
	}
	for _, e := range declarations {
		names = append(names, e.Digest, e.ErrorDeclaration.Digest)
		if e.ID != "" {
			names = append(names, e.ID)
		}
	}
	rows, err := t.im.q.EpcisEventsByIdentities(ctx, db.EpcisEventsByIdentitiesParams{SiteID: t.im.site, Identities: names})
	t.stored = make(map[string]db.EpcisEventsByIdentitiesRow, len(rows))
	for _, r := range rows {
		t.stored[r.Identity] = r
	}
	return err
}

// find is the stored event of a content that has an eventID, or none.
func (t *taking) find(id, digest string) (identity string, ok bool) {
	if r, ok := t.stored[digest]; ok {
		return r.Identity, true
	}
	r, ok := t.stored[id]
	return r.Identity, ok && id != "" && r.Digest == digest
}

// identity is what a new event is known by.
func (t *taking) identity(id, digest string) string {
	if id == "" || t.ambiguous[id] {
		return digest
	}
	return id
}

func (t *taking) fact(e *document.Event) {
	if _, ok := t.find(e.ID, e.Digest); ok {
		t.known++
		return
	}
	identity := t.identity(e.ID, e.Digest)
	if r, ok := t.stored[identity]; ok {
		t.faults = append(t.faults, fault.New(fault.Conflict, fmt.Sprintf("%s:%d: eventID", t.im.file, e.Line),
			"the event %s is there already with other content, from %s:%d: what corrects an event has an eventID of its own, and an error declaration voids the old one",
			e.ID, r.File, r.Line))
		return
	}
	t.told++
	t.add(e, identity)
}

func (t *taking) add(e *document.Event, identity string) {
	added := &event{Event: e, identity: identity}
	t.events = append(t.events, added)
	t.byIdentity[identity], t.byDigest[e.Digest] = added, added
}

// declaration voids the event that it repeats. Where that isn't there yet, the declaration tells it whole: it is stored from
// there, and is known when it comes.
func (t *taking) declaration(e *document.Event) {
	if _, ok := t.stored[e.Digest]; ok {
		t.known++
		return
	}
	t.told++
	t.events = append(t.events, &event{Event: e, identity: e.Digest})
	d := e.ErrorDeclaration
	w := wrong{t.declaredWrong(e), reason(d), d.CorrectiveEventIDs}
	t.wrong = append(t.wrong, w)
	if here, ok := t.byIdentity[w.identity]; ok {
		here.wrong = true
	}
}

func (t *taking) declaredWrong(e *document.Event) (identity string) {
	digest := e.ErrorDeclaration.Digest
	if same, ok := t.byDigest[digest]; ok {
		return same.identity
	}
	if identity, ok := t.find(e.ID, digest); ok {
		return identity
	}
	// Declarations shall repeat the event exactly (EPCIS, ErrorDeclaration); those that repeat no more than its eventID are understood.
	identity = t.identity(e.ID, digest)
	if _, ok := t.byIdentity[identity]; ok {
		return identity
	}
	if _, ok := t.stored[identity]; ok {
		return identity
	}
	repeated := *e
	repeated.ErrorDeclaration, repeated.Digest = nil, digest
	t.add(&repeated, identity)
	return identity
}

func reason(d *document.ErrorDeclaration) string {
	why := d.Reason
	switch why {
	case "did_not_occur":
		why = "it did not occur"
	case "incorrect_data":
		why = "its data is incorrect"
	case "":
		why = "no reason given"
	}
	return fmt.Sprintf("declared wrong on %s: %s", d.Time.Format("2006-01-02"), why)
}

func (t *taking) conflicts() error {
	if more := len(t.faults) - maxConflicts; more > 0 {
		t.faults = append(t.faults[:maxConflicts:maxConflicts],
			fault.New(fault.Conflict, t.im.file, "%d more events are there already with other content", more))
	}
	return t.faults.Err()
}
