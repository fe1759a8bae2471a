package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Entry is what a command says of what it did.
type Entry struct {
	Site    int32
	Action  Action
	Subject relay.ID // what was changed
	Label   string   // what people call it: its code or name
	// Before and After are the subject's values that changed, as they are shown: an object for json.Marshal, nil where there was
	// or is nothing. Never a password, token or key.
	Before, After any
	Reason        string        // why; required where Action.NeedsReason
	Signature     *db.Signature // by which a person confirmed it, saved in the same transaction; nil for none
}

// Fields are values of a subject by name.
type Fields map[string]any

// Recorder writes the log.
type Recorder struct {
	newID func() uuid.UUID
	now   func() time.Time
}

// NewRecorder makes ids and times of events; newID gives a new UUIDv7 at each call.
func NewRecorder(newID func() uuid.UUID, now func() time.Time) *Recorder {
	return &Recorder{newID: newID, now: now}
}

// Record adds events to the logs of their sites, in the transaction of q. Call it last: it locks each site's head until the
// transaction ends, and taken last the lock leaves 0.60–0.67 of the bare statements' rate, taken first 0.30. Sites are
// taken in ascending order, so that no two transactions wait for each other.
//
// Who did it is the context's actor, or else its origin's program; from where, its origin. UNAUTHENTICATED where it has
// neither, BAD_USER_INPUT on reason where the action needs one.
func (r *Recorder) Record(ctx context.Context, q *db.Queries, entries ...Entry) error {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Site, b.Site) })
	for len(entries) > 0 {
		n := slices.IndexFunc(entries, func(e Entry) bool { return e.Site != entries[0].Site })
		if n < 0 {
			n = len(entries)
		}
		if err := r.append(ctx, q, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// append adds events to the log of one site: one statement that nobody waits for.
func (r *Recorder) append(ctx context.Context, q *db.Queries, entries []Entry) error {
	origin := db.ChainedEvent{AuditEvent: db.AuditEvent{SiteID: entries[0].Site, OccurredAt: r.now().UTC().Truncate(time.Microsecond)}}
	if err := signed(ctx, &origin.AuditEvent); err != nil {
		return err
	}
	p := db.AppendAuditEventsParams{
		SiteID: origin.SiteID, OccurredAt: origin.OccurredAt, UserID: origin.UserID, TokenID: origin.TokenID, Program: origin.Program,
		Address: origin.Address, RequestID: origin.RequestID,
	}
	grow(&p, len(entries))
	var c chain
	digests := make([]byte, 0, sha256.Size*len(entries))
	for i, entry := range entries {
		e := origin
		if err := r.fill(&e, entry); err != nil {
			return err
		}
		p.Ids, p.Actions, p.SubjectKinds = append(p.Ids, e.ID), append(p.Actions, e.Action), append(p.SubjectKinds, e.SubjectKind)
		p.SubjectIds, p.SubjectLabels = append(p.SubjectIds, e.SubjectID), append(p.SubjectLabels, e.SubjectLabel)
		p.Befores, p.Afters = append(p.Befores, string(e.Before)), append(p.Afters, string(e.After))
		p.Reasons, p.SignatureIds = append(p.Reasons, db.OrZero(e.Reason)), append(p.SignatureIds, db.OrZero(e.SignatureID))
		digest := c.digest(&e)
		digests = append(digests, digest[:]...)
		p.Digests = append(p.Digests, digests[i*sha256.Size:])
	}
	if err := db.Later(q).AppendAuditEvents(ctx, p); err != nil {
		return fmt.Errorf("record %s: %w", entries[0].Action, err)
	}
	return nil
}

// grow makes room for so many events.
func grow(p *db.AppendAuditEventsParams, n int) {
	p.Ids, p.SubjectIds, p.SignatureIds = make([]uuid.UUID, 0, n), make([]uuid.UUID, 0, n), make([]uuid.UUID, 0, n)
	p.Actions, p.SubjectKinds, p.SubjectLabels = make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	p.Befores, p.Afters, p.Reasons, p.Digests = make([]string, 0, n), make([]string, 0, n), make([]string, 0, n), make([][]byte, 0, n)
}

// fill is what an entry says of an event.
func (r *Recorder) fill(e *db.ChainedEvent, entry Entry) (err error) {
	reason := strings.TrimSpace(entry.Reason)
	if reason == "" && entry.Action.NeedsReason() {
		return fault.BadInput("reason", "say why: the audit log keeps it")
	}
	if e.Before, err = encode(entry.Before); err != nil {
		return err
	}
	if e.After, err = encode(entry.After); err != nil {
		return err
	}
	e.ID, e.Action, e.Reason = r.newID(), string(entry.Action), text(reason)
	if e.Signature = entry.Signature; e.Signature != nil {
		e.SignatureID = &e.Signature.ID
	}
	e.SubjectKind, e.SubjectID, e.SubjectLabel = entry.Subject.Kind.String(), entry.Subject.UUID, entry.Label
	return nil
}

// signed says who and from where.
func signed(ctx context.Context, row *db.AuditEvent) error {
	origin := identity.OriginFrom(ctx)
	row.Program, row.Address, row.RequestID = text(origin.Program), text(origin.Address), text(origin.RequestID)
	if actor := identity.ActorFrom(ctx); actor != nil {
		row.UserID, row.TokenID = key(actor.UserID), key(actor.Token)
	}
	if row.UserID == nil && row.TokenID == nil && row.Program == nil {
		return fault.New(fault.Unauthenticated, "", "sign in first: nothing is changed by nobody")
	}
	return nil
}

var errNoObject = errors.New("audit: Before and After are objects")

// encode writes an object; of nil, nothing.
func encode(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode an audit event: %w", err)
	}
	if raw[0] != '{' {
		return nil, errNoObject
	}
	return raw, nil
}

// text is nil for "".
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// key is nil for the zero UUID.
func key(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
