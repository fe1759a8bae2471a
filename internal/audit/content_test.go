package audit

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"flowviz/db"
)

// parts reads what appendContent writes: a nil for each null. That it can be read back is why no two events share it.
func parts(b []byte) ([][]byte, error) {
	var out [][]byte
	for len(b) > 0 {
		if b[0] == 0 {
			out, b = append(out, nil), b[1:]
			continue
		}
		if b[0] != 1 || len(b) < 5 {
			return nil, errors.New("neither null nor a length")
		}
		n := int(binary.BigEndian.Uint32(b[1:]))
		if b = b[5:]; len(b) < n {
			return nil, errors.New("cut short")
		}
		out, b = append(out, append([]byte{}, b[:n]...)), b[n:]
	}
	return out, nil
}

// fields are an event's in the order of its content, by another way than appendContent.
func fields(e *db.ChainedEvent) [][]byte {
	number := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	text := func(s *string) []byte {
		if s == nil {
			return nil
		}
		return append([]byte{}, *s...)
	}
	id := func(u *uuid.UUID) []byte {
		if u == nil {
			return nil
		}
		return u[:]
	}
	all := [][]byte{
		[]byte(contentVersion), number(int64(e.SiteID)), e.ID[:], number(e.OccurredAt.UnixMicro()), id(e.UserID), id(e.TokenID),
		text(e.Program), text(e.Address), text(e.RequestID), text(&e.Action), text(&e.SubjectKind), e.SubjectID[:], text(&e.SubjectLabel),
		e.Before, e.After, text(e.Reason), id(e.SignatureID),
	}
	if s := e.Signature; s != nil {
		return append(all, s.UserID[:], text(&s.Meaning), s.ContentHash, number(s.SignedAt.UnixMicro()))
	}
	return append(all, nil)
}

// anyEvent draws events from few values, so that neighbouring fields often hold what would run together.
func anyEvent(t *rapid.T, name string) *db.ChainedEvent {
	word := rapid.SampledFrom([]string{"", "A", "B", "AB", "A\x00", "\x01\x00\x00\x00\x01A", "ű", "a longer text"})
	words := func(field string) string { return word.Draw(t, name+field) }
	maybe := func(field string) *string {
		if rapid.Bool().Draw(t, name+field+"?") {
			return new(words(field))
		}
		return nil
	}
	raw := func(field string) []byte {
		if s := maybe(field); s != nil {
			return []byte(*s)
		}
		return nil
	}
	id := func(field string) *uuid.UUID {
		if rapid.Bool().Draw(t, name+field+"?") {
			return &uuid.UUID{rapid.Byte().Draw(t, name+field)}
		}
		return nil
	}
	var signature *db.Signature
	if rapid.Bool().Draw(t, name+"signed?") {
		signature = &db.Signature{
			UserID: uuid.UUID{rapid.Byte().Draw(t, name+"signer")}, Meaning: words("meaning"), ContentHash: []byte(words("signed")),
			SignedAt: time.UnixMicro(rapid.Int64Range(0, 3).Draw(t, name+"signedAt")),
		}
	}
	return &db.ChainedEvent{Signature: signature, AuditEvent: db.AuditEvent{
		ID: uuid.UUID{rapid.Byte().Draw(t, name+"id")}, SiteID: rapid.Int32Range(1, 2).Draw(t, name+"site"),
		OccurredAt: time.UnixMicro(rapid.Int64Range(0, 3).Draw(t, name+"time")), UserID: id("user"), TokenID: id("token"), Program: maybe("program"),
		Address: maybe("address"), RequestID: maybe("request"), Action: words("action"), SubjectKind: words("kind"),
		SubjectID: uuid.UUID{rapid.Byte().Draw(t, name+"subject")}, SubjectLabel: words("label"), Before: raw("before"), After: raw("after"),
		Reason: maybe("reason"), SignatureID: id("signature"),
	}}
}

// TestContentIsInjective: what is written can be read back to exactly the event's fields, and so two events that differ have
// other contents.
func TestContentIsInjective(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyEvent(t, "a."), anyEvent(t, "b.")
		contentA, contentB := appendContent(nil, a), appendContent(nil, b)
		read, err := parts(contentA)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fields(a), read); diff != "" {
			t.Fatalf("read back (-fields +read):\n%s", diff)
		}
		if same := cmp.Equal(fields(a), fields(b)); same != bytes.Equal(contentA, contentB) {
			t.Fatalf("same fields: %v, same content: %v", same, !same)
		}
	})
}

// FuzzContent moves the borders between four texts.
func FuzzContent(f *testing.F) {
	f.Add("AB", "C", "", "D", "A", "BC", "D", "")
	f.Add("", "", "", "", "\x01", "\x00", "\x00\x00", "\x00")
	f.Fuzz(func(t *testing.T, a1, a2, a3, a4, b1, b2, b3, b4 string) {
		event := func(action, kind, label, reason string) *db.ChainedEvent {
			return &db.ChainedEvent{AuditEvent: db.AuditEvent{Action: action, SubjectKind: kind, SubjectLabel: label, Reason: &reason}}
		}
		a, b := appendContent(nil, event(a1, a2, a3, a4)), appendContent(nil, event(b1, b2, b3, b4))
		if same := a1 == b1 && a2 == b2 && a3 == b3 && a4 == b4; same != bytes.Equal(a, b) {
			t.Errorf("same fields: %v, same content: %v", same, !same)
		}
	})
}

// FuzzCheckpoint: what is read as a checkpoint is written and read as the same one again.
func FuzzCheckpoint(f *testing.F) {
	f.Add(`{"site":"DUNA","sequence":1,"hash":"00","at":"2026-10-14T12:00:00Z","key":"k","signature":"AA=="}`)
	f.Add(`{"hash":"0"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var first, second Checkpoint
		if json.Unmarshal([]byte(text), &first) != nil {
			return
		}
		written, err := json.Marshal(&first)
		if err != nil {
			return // a year that JSON can't write
		}
		if err := json.Unmarshal(written, &second); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}
