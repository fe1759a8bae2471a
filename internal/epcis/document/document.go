// Package document reads EPCIS documents. It knows no database.
//
// EPCIS is GS1's standard for telling others what happened to goods: a document is a list of events, and each says what (items), when,
// where and why. The same event is written in three ways (XML of EPCIS 1.x, XML and JSON-LD of EPCIS 2.0); here they become one list
// of normalised events, and whoever imports them need not know which way it was.
//
// A document is understood whole, or refused whole with every fault in it: half of a genealogy is worse than none, because nobody sees
// which half is missing. Nothing is invented: a quantity that a document doesn't give stays nil.
package document

import (
	"time"

	"flowviz/internal/quantity"
)

// Document is what one file holds.
type Document struct {
	SchemaVersion string    // of EPCIS, such as "1.2" or "2.0"; "" where the document doesn't say
	Created       time.Time // UTC; zero where the document doesn't say
	Events        []Event   // in the document's order
	Vocabulary    Vocabulary
}

// Kind is the type of an event, spelled as EPCIS does.
type Kind string

// The five event types of EPCIS 2.0. The first four are those of EPCIS 1.1 and 1.2.
const (
	Object         Kind = "ObjectEvent"         // something happened to these items
	Aggregation    Kind = "AggregationEvent"    // items were put into a container, or taken out of it
	Transaction    Kind = "TransactionEvent"    // items were tied to an order, an invoice and the like
	Transformation Kind = "TransformationEvent" // inputs became outputs
	Association    Kind = "AssociationEvent"    // items were fixed to something, such as a sensor to a crate
)

// Action says where in the life of the items, or of the tie between them, the event stands. Transformation events have none.
type Action string

// The three actions of EPCIS.
const (
	Add     Action = "ADD"     // it begins: the items come to be, the children enter the parent
	Observe Action = "OBSERVE" // it goes on
	Delete  Action = "DELETE"  // it ends
)

// Event is one event, whichever way it was written.
type Event struct {
	Line int // where it starts in the file; the first line is 1

	ID     string // eventID; "" where the document has none, and Digest identifies the event then
	Kind   Kind
	Action Action    // "" for a Transformation
	Time   time.Time // when it happened; UTC
	Offset string    // the clock of the place where it happened, such as "+02:00"; it need not be the offset that the time was written with

	RecordTime time.Time // when a repository took it in; UTC; zero where absent

	BizStep     string // the bare CBV name, such as "shipping"; what isn't of the CBV as the document has it; "" where absent
	Disposition string // the same, such as "in_transit"
	ReadPoint   string // where it happened
	BizLocation string // where the items are afterwards

	Items   []Item // of Object and Transaction events: epcList, then quantityList
	Inputs  []Item // of a Transformation
	Outputs []Item // of a Transformation

	TransformationID string // ties together the events of one Transformation that is told in several

	Parent   string // the container of an Aggregation or Association; may be "" for OBSERVE
	Children []Item // what it holds

	Sources         []Reference // Type is owning_party, possessing_party or location; another one as the document has it
	Destinations    []Reference
	BizTransactions []Reference // Type is the bare CBV name, such as "po" or "desadv"; "" where absent

	ILMD []Field // master data of the new lots: simple fields only, in the document's order

	ErrorDeclaration *ErrorDeclaration // nil for nearly all: this event says that an earlier one is wrong

	Content []byte // the event's own text, verbatim; a part of what Parse was given. Its namespace prefixes may be declared outside it
	Digest  string // SHA-256, in hex, of a canonical form of the event without recordTime: white space, the order of JSON keys and the names of XML prefixes don't count
}

// Item is an instance (one pallet, one crate with its serial number) or an amount of a class (a lot, or a product without its lot).
type Item struct {
	EPC      string            // exactly as the document has it
	Instance bool              // one single thing; Quantity is nil and Unit is "" then
	Quantity *quantity.Decimal // in Unit, 0 or more; nil where the document gives none
	Unit     string            // as the document has it, a known one; "" where absent: a count
}

// Reference is an identifier and what it is for.
type Reference struct {
	Type string
	ID   string
}

// Field is a name without its namespace and a value: lotNumber and "L-17".
type Field struct {
	Name  string
	Value string
}

// ErrorDeclaration says that an event is wrong. The event that carries it repeats the wrong one.
type ErrorDeclaration struct {
	Time               time.Time // UTC
	Reason             string    // the bare CBV name: did_not_occur or incorrect_data; "" where absent
	CorrectiveEventIDs []string
	Digest             string // the Digest of the event that is declared wrong: this event's, had it no declaration
}

// Vocabulary is the master data that a document carries about what its events name.
type Vocabulary struct {
	Products  []Element // EPC classes
	Locations []Element // read points, business locations and locations
	Parties   []Element
}

// Element is the master data of one identifier. Its fields are "" where the document has no such attribute.
type Element struct {
	Line    int
	ID      string
	Name    string // of a product its short description, where it has no name
	Species string // of a product: the scientific name
	GLN     string // of a location or party: 13 digits
	Address Address

	Attributes []Field // all of them, in the document's order; a name may occur more than once
}

// Address is where a location or party is.
type Address struct {
	Street     string
	City       string
	State      string
	PostalCode string
	Country    string // ISO 3166-1 alpha-2
}
