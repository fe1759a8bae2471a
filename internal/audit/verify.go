package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"flowviz/db"
)

// Problem is what is wrong with a log.
type Problem string

// The problems.
const (
	Changed   Problem = "CHANGED"   // an event's content, or its signature, isn't what its hash says
	Missing   Problem = "MISSING"   // a number is left out
	Repeated  Problem = "REPEATED"  // a number is there twice
	Replaced  Problem = "REPLACED"  // an event isn't the one after which the next was written
	Cut       Problem = "CUT"       // the log goes on, by its head or a checkpoint, and events are not there
	Added     Problem = "ADDED"     // an event stands after the log's head
	Rewritten Problem = "REWRITTEN" // a chain in itself, but another than at a checkpoint
	Unsigned  Problem = "UNSIGNED"  // no trusted key signed a checkpoint
	Unknown   Problem = "UNKNOWN"   // there are checkpoints of a site that the database doesn't have
)

// Flaw is the first thing that is wrong with a log.
type Flaw struct {
	Sequence int64 // the event's number
	Problem  Problem
	Message  string // for a person
}

// Number is Sequence, as the API shows it.
func (f *Flaw) Number() int32 { return int32(f.Sequence) }

// Report is what a verification found.
type Report struct {
	Site        string // its code
	SiteID      int32  // 0 where the database has no such site
	Events      int64  // that were checked
	Checkpoints int32  // that were compared
	Covered     int64  // the number up to which checkpoints vouch for the log; later events by the chain alone
	Flaw        *Flaw  // nil where nothing is wrong
}

// Intact reports whether nothing is wrong.
func (r *Report) Intact() bool { return r.Flaw == nil }

// Total is Events, as the API shows it.
func (r *Report) Total() int32 { return int32(r.Events) }

// CoveredNumber is Covered, as the API shows it.
func (r *Report) CoveredNumber() int32 { return int32(r.Covered) }

// walk is one verification under way.
type walk struct {
	report      *Report
	chain       chain
	keys        *Keys
	checkpoints []*Checkpoint // still ahead, by sequence
	last        int64         // the number of the event before
	prev        []byte        // its hash
}

// verify walks a site's log from end to end, in the one snapshot of tx. checkpoints were read before tx saw its first row:
// a later one could tell of events that the snapshot doesn't have.
func verify(ctx context.Context, tx db.DBTX, head db.AuditHeadsRow, checkpoints []*Checkpoint, keys *Keys) (*Report, error) {
	w := &walk{report: &Report{Site: head.Code, SiteID: head.SiteID}, keys: keys, checkpoints: checkpoints, prev: slices.Clone(genesis[:])}
	if flaw := w.unsigned(); flaw != nil {
		w.report.Flaw = flaw
		return w.report, nil
	}
	for event, err := range db.AuditChain(ctx, tx, head.SiteID) {
		if err != nil {
			return nil, err
		}
		if w.report.Flaw = w.check(event, head); w.report.Flaw != nil {
			return w.report, nil
		}
		w.report.Events++
	}
	w.report.Flaw = w.end(head)
	return w.report, nil
}

func flaw(sequence int64, problem Problem, format string, args ...any) *Flaw {
	return &Flaw{Sequence: sequence, Problem: problem, Message: fmt.Sprintf(format, args...)}
}

// unsigned finds a checkpoint that nobody trusted has signed, before its word is taken.
func (w *walk) unsigned() *Flaw {
	for _, c := range w.checkpoints {
		if !w.keys.signed(c) || c.Site != w.report.Site || c.Sequence < 1 {
			return flaw(c.Sequence, Unsigned, "the checkpoint of %s at event %d isn't signed by a trusted key", stamp(c), c.Sequence)
		}
	}
	return nil
}

// check is nil for an event that is the next of the chain.
func (w *walk) check(e *db.ChainedEvent, head db.AuditHeadsRow) *Flaw {
	want := w.last + 1
	switch {
	case e.Sequence == w.last:
		return flaw(e.Sequence, Repeated, "event %d is there more than once", e.Sequence)
	case e.Sequence > head.AuditSequence:
		return flaw(e.Sequence, Added, "event %d stands after the log's head, which is event %d", e.Sequence, head.AuditSequence)
	case e.Sequence != want:
		return flaw(want, Missing, "event %d is missing: after event %d comes event %d", want, w.last, e.Sequence)
	}
	if hash := w.chain.hash(e.PrevHash, e); !bytes.Equal(hash[:], e.Hash) {
		return flaw(e.Sequence, Changed, "event %d (%s %s %s) was changed: its content, or what was signed with it, isn't what its hash says", e.Sequence, e.Action, e.SubjectKind, e.SubjectLabel)
	}
	switch {
	case bytes.Equal(e.PrevHash, w.prev):
	case w.last == 0:
		return flaw(e.Sequence, Replaced, "event %d was not written as the first one of the log: it was replaced or moved", e.Sequence)
	default:
		// The event itself is whole, and says after which one it was written: not after the one that stands there.
		return flaw(w.last, Replaced, "event %d isn't the one after which event %d was written: it was replaced, added or moved", w.last, e.Sequence)
	}
	w.last, w.prev = e.Sequence, append(w.prev[:0], e.Hash...)
	return w.compare()
}

// compare is nil where the chain is, at this event, what its checkpoints say.
func (w *walk) compare() *Flaw {
	for len(w.checkpoints) > 0 && w.checkpoints[0].Sequence == w.last {
		c := w.checkpoints[0]
		if !bytes.Equal(c.Hash, w.prev) {
			return flaw(w.last, Rewritten, "event %d isn't the one that the checkpoint of %s saw: the log was rewritten after event %d or later, up to here",
				w.last, stamp(c), w.report.Covered)
		}
		w.checkpoints = w.checkpoints[1:]
		w.report.Checkpoints++
		w.report.Covered = w.last
	}
	return nil
}

// end is nil where the log ends as its head and checkpoints say.
func (w *walk) end(head db.AuditHeadsRow) *Flaw {
	next := w.last + 1
	switch {
	case len(w.checkpoints) > 0:
		c := w.checkpoints[len(w.checkpoints)-1]
		return flaw(next, Cut, "event %d and those after it are missing: the checkpoint of %s saw %d events", next, stamp(c), c.Sequence)
	case head.AuditSequence > w.last:
		return flaw(next, Cut, "event %d and those after it are missing: the log's head is event %d", next, head.AuditSequence)
	case !bytes.Equal(head.AuditHash, w.prev):
		return flaw(max(w.last, 1), Replaced, "event %d isn't the one that the log's head names", w.last)
	}
	return nil
}

func stamp(c *Checkpoint) string { return c.At.UTC().Format("2006-01-02 15:04:05 MST") }
