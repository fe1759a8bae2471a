package audit

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/google/uuid"

	"flowviz/db"
)

// contentVersion begins each content. Another order or set of fields takes another one, or another use of it: 3 goes into the chain as its own hash.
const contentVersion = "flowviz audit event 3"

// appendContent writes all of an event but its place in the chain. Each field carries its length, and one that is null is no
// empty one, so that no two events give the same bytes: without lengths, action "AB" with subject "C" would read as "A" with
// "BC". Times count as the database keeps them, in microseconds; JSON as its very bytes.
func appendContent(b []byte, e *db.ChainedEvent) []byte {
	b = appendText(b, contentVersion)
	b = appendInt(b, int64(e.SiteID))
	b = appendBytes(b, e.ID[:])
	b = appendInt(b, e.OccurredAt.UnixMicro())
	b = appendUUID(b, e.UserID)
	b = appendUUID(b, e.TokenID)
	b = appendOptional(b, e.Program)
	b = appendOptional(b, e.Address)
	b = appendOptional(b, e.RequestID)
	b = appendText(b, e.Action)
	b = appendText(b, e.SubjectKind)
	b = appendBytes(b, e.SubjectID[:])
	b = appendText(b, e.SubjectLabel)
	b = appendBytes(b, e.Before)
	b = appendBytes(b, e.After)
	b = appendOptional(b, e.Reason)
	b = appendUUID(b, e.SignatureID)
	return appendSignature(b, e.Signature)
}

// appendSignature writes who signed, what it means, what was signed and when: in a table of its own, which the chain would not cover.
func appendSignature(b []byte, s *db.Signature) []byte {
	if s == nil {
		return append(b, 0)
	}
	b = appendBytes(b, s.UserID[:])
	b = appendText(b, s.Meaning)
	b = appendBytes(b, s.ContentHash)
	return appendInt(b, s.SignedAt.UnixMicro())
}

// appendBytes writes 1, the length in 4 bytes, and the bytes; of nil, 0 alone.
func appendBytes(b, field []byte) []byte {
	if field == nil {
		return append(b, 0)
	}
	b = binary.BigEndian.AppendUint32(append(b, 1), uint32(len(field)))
	return append(b, field...)
}

func appendText(b []byte, field string) []byte {
	b = binary.BigEndian.AppendUint32(append(b, 1), uint32(len(field)))
	return append(b, field...)
}

func appendOptional(b []byte, field *string) []byte {
	if field == nil {
		return append(b, 0)
	}
	return appendText(b, *field)
}

func appendUUID(b []byte, field *uuid.UUID) []byte {
	if field == nil {
		return append(b, 0)
	}
	return appendBytes(b, field[:])
}

func appendInt(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(append(b, 1), 8), uint64(n))
}

// chain computes hashes, keeping its buffer: a million events give no garbage.
type chain struct{ buffer []byte }

// digest is the hash of an event's content: what is sent to be chained, since 32 bytes are a tenth of most contents.
func (c *chain) digest(e *db.ChainedEvent) [sha256.Size]byte {
	c.buffer = appendContent(c.buffer[:0], e)
	return sha256.Sum256(c.buffer)
}

// hash is an event's: of the hash before it, its number in 8 bytes and its content's hash. AppendAuditEvents computes the same in SQL.
func (c *chain) hash(prev []byte, e *db.ChainedEvent) [sha256.Size]byte {
	digest := c.digest(e)
	c.buffer = append(c.buffer[:0], prev...)
	c.buffer = binary.BigEndian.AppendUint64(c.buffer, uint64(e.Sequence))
	return sha256.Sum256(append(c.buffer, digest[:]...))
}

// Hash is an event's, for who keeps no buffer.
func Hash(prev []byte, e *db.ChainedEvent) []byte {
	hash := new(chain).hash(prev, e)
	return hash[:]
}

// genesis stands for the hash before the first event.
var genesis [sha256.Size]byte
