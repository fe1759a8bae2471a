// Package relay is what GraphQL's Relay conventions need: global ids, cursors and connections.
//
// Ids and cursors are opaque to clients: what they hold may change, what they mean may not.
package relay

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"flowviz/internal/fault"
)

// Kind says which type a global id is of. Numbers are never used again for another type.
type Kind byte

// The kinds of nodes.
const (
	Site           Kind = 1
	User           Kind = 2
	Partner        Kind = 3
	Scenario       Kind = 4
	Phase          Kind = 5
	QcGate         Kind = 6
	Run            Kind = 7
	Lot            Kind = 8
	Transformation Kind = 9
	QcDecision     Kind = 10
	Alert          Kind = 11
	APIToken       Kind = 12
	AuditEvent     Kind = 13
	Product        Kind = 20
	Location       Kind = 21
	Equipment      Kind = 22
	Deviation      Kind = 23
	Recall         Kind = 24
	Measurement    Kind = 25 // listed, and found by no query
	Event          Kind = 30 // told, and found by no query
)

// kindNames has holes where numbers are left out.
var kindNames = [...]string{
	Site: "Site", User: "User", Partner: "Partner", Scenario: "Scenario", Phase: "Phase", QcGate: "QcGate", Run: "Run",
	Lot: "Lot", Transformation: "Transformation", QcDecision: "QcDecision", Alert: "Alert",
	APIToken: "ApiToken", AuditEvent: "AuditEvent", Product: "Product", Location: "Location", Equipment: "Equipment",
	Deviation: "Deviation", Recall: "Recall", Measurement: "Measurement", Event: "Event",
}

// KindOf finds a kind by its GraphQL type's name.
func KindOf(name string) (kind Kind, ok bool) {
	i := slices.Index(kindNames[:], name)
	return Kind(max(i, 0)), i > 0
}

// known reports whether it is the kind of anything.
func (k Kind) known() bool { return int(k) < len(kindNames) && kindNames[k] != "" }

// String returns the GraphQL type's name.
func (k Kind) String() string {
	if !k.known() {
		return fmt.Sprintf("Kind(%d)", byte(k))
	}
	return kindNames[k]
}

// ID is a global id: what it is of, the site that it belongs to (0 where none does), and its key within. A site is its
// own number and has no UUID.
type ID struct {
	Kind Kind
	Site int32
	UUID uuid.UUID
}

const (
	idSize = 1 + 4 + 16 // kind, site, UUID: 21 bytes, which are 28 characters of base64 without padding
	// IDLen is the length of an id as text.
	IDLen = idSize / 3 * 4
)

// AppendText appends the id as clients see it.
func (id ID) AppendText(b []byte) ([]byte, error) {
	var raw [idSize]byte
	raw[0] = byte(id.Kind)
	binary.BigEndian.PutUint32(raw[1:], uint32(id.Site))
	copy(raw[5:], id.UUID[:])
	return base64.RawURLEncoding.AppendEncode(b, raw[:]), nil
}

func (id ID) String() string {
	b, _ := id.AppendText(make([]byte, 0, IDLen)) // never fails
	return string(b)
}

// ParseID reads an id that a client gives back.
func ParseID(s string) (ID, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	// The length of the text too: the decoder passes over line breaks.
	if err != nil || len(s) != IDLen || len(raw) != idSize || !Kind(raw[0]).known() {
		return ID{}, fault.BadInput("", "%q is no id of this API: pass an id as a query returned it", clip(s))
	}
	id := ID{Kind: Kind(raw[0]), Site: int32(binary.BigEndian.Uint32(raw[1:]))}
	copy(id.UUID[:], raw[5:])
	return id, nil
}

// Require refuses an id of another kind, given in a field. BAD_USER_INPUT says which kind it is.
func (id ID) Require(kind Kind, field string) error {
	if id.Kind == kind {
		return nil
	}
	return fault.BadInput(field, "this is the id of a %s: give one of a %s", id.Kind, kind)
}

// MarshalGQL writes the id as a GraphQL ID.
func (id ID) MarshalGQL(w io.Writer) {
	b := make([]byte, 0, IDLen+2)
	b = append(b, '"')
	b, _ = id.AppendText(b)        // never fails
	_, _ = w.Write(append(b, '"')) // a response that can't be written has no reader
}

// UnmarshalGQL reads a GraphQL ID.
func (id *ID) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fault.BadInput("", "%q is no id of this API: pass an id as a query returned it", clip(fmt.Sprint(v)))
	}
	parsed, err := ParseID(s)
	*id = parsed
	return err
}

// clip keeps a quoted input short in a message.
func clip(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
