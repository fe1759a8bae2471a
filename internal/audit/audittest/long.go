// Package audittest gives a test an audit log that is long: to record a million events takes minutes, to copy them seconds.
package audittest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/audit"
)

// Long fills the log of a site that has none with n events, as a Recorder would have.
func Long(t testing.TB, owner *pgxpool.Pool, site int32, n int) {
	t.Helper()
	columns := []string{
		"id", "site_id", "sequence", "occurred_at", "user_id", "address", "request_id", "action", "subject_kind", "subject_id",
		"subject_label", "before", "after", "reason", "prev_hash", "hash",
	}
	person, noon := newID(), time.Date(2026, 10, 14, 12, 0, 0, 0, time.UTC)
	last, i := make([]byte, 32), 0
	next := func() ([]any, error) {
		if i == n {
			return nil, nil
		}
		i++
		e := &db.ChainedEvent{AuditEvent: db.AuditEvent{
			ID: newID(), SiteID: site, Sequence: int64(i), OccurredAt: noon, UserID: &person, Address: new("192.0.2.7"), RequestID: new(newID().String()),
			Action: string(audit.MeasureLot), SubjectKind: "Lot", SubjectID: newID(), SubjectLabel: fmt.Sprintf("RAW-20261014-DUNA-%04d", i),
			Before: []byte(`{"weightKg":null,"temperatureC":null}`), After: []byte(`{"weightKg":"12.340","temperatureC":"3.50"}`), Reason: new("weighed"),
		}}
		e.PrevHash, e.Hash = last, audit.Hash(last, e)
		last = e.Hash
		return []any{
			e.ID, e.SiteID, e.Sequence, e.OccurredAt, e.UserID, e.Address, e.RequestID, e.Action, e.SubjectKind, e.SubjectID, e.SubjectLabel,
			e.Before, e.After, e.Reason, e.PrevHash, e.Hash,
		}, nil
	}
	copied, err := owner.CopyFrom(t.Context(), pgx.Identifier{"audit_event"}, columns, pgx.CopyFromFunc(next))
	if err != nil || copied != int64(n) {
		t.Fatalf("%d events were copied: %v", copied, err)
	}
	if _, err := owner.Exec(t.Context(), "UPDATE site_head SET audit_sequence = $2, audit_hash = $3 WHERE site_id = $1", site, n, last); err != nil {
		t.Fatal(err)
	}
}

// Rewrite changes an event as one who owns the database can, unseen but for checkpoints: it and all after it get the hashes that they
// should have, and so does the log's head.
func Rewrite(t testing.TB, owner *pgxpool.Pool, site int32, from int) {
	t.Helper()
	batch, last := &pgx.Batch{}, make([]byte, 32)
	for e, err := range db.AuditChain(t.Context(), owner, site) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Sequence == int64(from) {
			e.After = []byte(`{"weightKg":"12.350"}`)
		}
		if e.Sequence >= int64(from) {
			e.PrevHash, e.Hash = last, audit.Hash(last, e)
			batch.Queue("UPDATE audit_event SET after = $2, prev_hash = $3, hash = $4 WHERE id = $1", e.ID, string(e.After), e.PrevHash, e.Hash)
		}
		last = e.Hash
	}
	if err := owner.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	head(t, owner, site)
}

// Cut takes an event and all after it away, and leaves a log that ends before them.
func Cut(t testing.TB, owner *pgxpool.Pool, site int32, from int) {
	t.Helper()
	if _, err := owner.Exec(t.Context(), "DELETE FROM audit_event WHERE site_id = $1 AND sequence >= $2", site, from); err != nil {
		t.Fatal(err)
	}
	head(t, owner, site)
}

func head(t testing.TB, owner *pgxpool.Pool, site int32) {
	t.Helper()
	_, err := owner.Exec(t.Context(), `UPDATE site_head h SET audit_sequence = a.sequence, audit_hash = a.hash
		FROM (SELECT * FROM audit_event WHERE site_id = $1 ORDER BY sequence DESC LIMIT 1) a WHERE h.site_id = $1`, site)
	if err != nil {
		t.Fatal(err)
	}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
