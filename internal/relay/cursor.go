package relay

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"math"
	"strings"

	"github.com/google/uuid"

	"flowviz/internal/fault"
)

// Cursor is a place in a list, opaque to clients.
type Cursor string

// MarshalGQL writes the cursor.
func (c Cursor) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, `"`+string(c)+`"`) // a response that can't be written has no reader
}

// UnmarshalGQL reads a cursor; what it holds is read where the list is known.
func (c *Cursor) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fault.BadInput("", "a cursor is a string that an earlier page returned")
	}
	*c = Cursor(s)
	return nil
}

// Cursors begin with a letter that says which kind of list they are of, so that one of another list is refused and never
// read as a wrong place.
const (
	keyCursor   = 'i' // lists ordered by id
	kinCursor   = 'k' // kin, ordered by depth and id
	eventCursor = 'e' // places in event streams
)

// KeyCursor is a place in a list of one kind of things, ordered by id.
func KeyCursor(kind Kind, id uuid.UUID) Cursor {
	return encodeCursor(keyCursor, append([]byte{byte(kind)}, id[:]...))
}

// Key reads a KeyCursor of a kind.
func (c Cursor) Key(kind Kind) (uuid.UUID, error) {
	raw, err := c.decode(keyCursor)
	if err != nil || len(raw) != 17 || Kind(raw[0]) != kind {
		return uuid.UUID{}, c.malformed()
	}
	return uuid.UUID(raw[1:]), nil
}

// KinCursor is a place among ancestors or descendants, nearest first: depth, then id.
func KinCursor(depth int32, id uuid.UUID) Cursor {
	return encodeCursor(kinCursor, append(binary.BigEndian.AppendUint32(nil, uint32(depth)), id[:]...))
}

// Kin reads a KinCursor.
func (c Cursor) Kin() (depth int32, id uuid.UUID, err error) {
	raw, err := c.decode(kinCursor)
	if err != nil || len(raw) != 20 || raw[0] > 127 {
		return 0, uuid.UUID{}, c.malformed()
	}
	return int32(binary.BigEndian.Uint32(raw)), uuid.UUID(raw[4:]), nil
}

// EventPlace is how far a site's event stream has come.
type EventPlace struct {
	Site     int32
	Sequence int64
}

// EventCursor holds a place in the stream of each of several sites.
func EventCursor(places []EventPlace) Cursor {
	var raw []byte
	for _, p := range places {
		raw = binary.AppendUvarint(raw, uint64(p.Site))
		raw = binary.AppendUvarint(raw, uint64(p.Sequence))
	}
	return encodeCursor(eventCursor, raw)
}

// Events reads an EventCursor.
func (c Cursor) Events() ([]EventPlace, error) {
	raw, err := c.decode(eventCursor)
	if err != nil {
		return nil, c.malformed()
	}
	var places []EventPlace
	for len(raw) > 0 {
		site, n := binary.Uvarint(raw)
		sequence, m := binary.Uvarint(raw[max(n, 0):])
		if n <= 0 || m <= 0 || site > math.MaxInt32 || sequence > math.MaxInt64 {
			return nil, c.malformed()
		}
		places, raw = append(places, EventPlace{Site: int32(site), Sequence: int64(sequence)}), raw[n+m:]
	}
	return places, nil
}

func encodeCursor(kind byte, raw []byte) Cursor {
	return Cursor(string(kind) + base64.RawURLEncoding.EncodeToString(raw))
}

func (c Cursor) decode(kind byte) ([]byte, error) {
	rest, ok := strings.CutPrefix(string(c), string(kind))
	if !ok || strings.ContainsAny(rest, "\r\n") { // which the decoder passes over
		return nil, c.malformed()
	}
	return base64.RawURLEncoding.Strict().DecodeString(rest)
}

func (c Cursor) malformed() error {
	return fault.BadInput("", "%q is no cursor of this list: pass an endCursor or startCursor that this same list returned", clip(string(c)))
}
