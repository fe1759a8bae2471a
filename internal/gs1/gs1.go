// Package gs1 understands the GS1 keys that labels and EPCIS documents write, so that every spelling of one thing is one key.
//
// A lot on a label is GTIN and batch number; a document may write it as an EPC URN, as a GS1 Digital Link of any host, or
// as the element string that a scanner reads. Parse turns each into the same Key, and Key.Canonical into the same text.
// A Key holds only what is well formed: lengths, characters and check digits are right.
//
// Sources: GS1 General Specifications (application identifiers, AI for short, and check digits), EPC Tag Data Standard
// (URNs), GS1 Digital Link Standard: URI Syntax.
package gs1

import (
	"errors"
	"strings"
)

// Key identifies one kind of trade item, one lot or one piece of it, one logistic unit, one place or one party. Exactly one of
// GTIN, SSCC, GLN and PartyGLN is set. Keys are comparable: equal keys name the same thing.
type Key struct {
	GTIN      string // trade item, AI (01), 14 digits
	Lot       string // batch or lot of the GTIN, AI (10), 1–20 characters; "" where none is named
	Serial    string // one piece of the GTIN, AI (21), 1–20 characters; "" where none is named
	SSCC      string // logistic unit such as a pallet, AI (00), 18 digits
	GLN       string // physical location, AI (414), 13 digits
	Extension string // a place inside the location, AI (254), 1–20 characters; "" where none is named
	PartyGLN  string // party such as a supplier, AI (417), 13 digits
}

// ErrNotGS1 says that a text is no GS1 key of an item, lot, logistic unit, location or party: an identifier of another kind,
// or one that names no single such thing. What has the form of such a key and is wrong gives a BAD_USER_INPUT instead.
var ErrNotGS1 = errors.New("not a GS1 key: expected an EPC URN such as urn:epc:class:lgtin:0614141.712345.ABC, " +
	"a GS1 Digital Link such as https://id.gs1.org/01/70614141123451/10/ABC, or an element string such as (01)70614141123451(10)ABC")

// Parse reads a GS1 key in any of these spellings:
//
//   - EPC URN: urn:epc:class:lgtin:, urn:epc:id: with sgtin, sscc, sgln or pgln, urn:epc:idpat:sgtin:…* (all pieces: the GTIN)
//   - GS1 Digital Link of any host, with or without a path before the key: /01/GTIN[/22/VARIANT][/10/LOT][/21/SERIAL],
//     /00/SSCC, /414/GLN[/254/EXTENSION], /417/GLN; query and fragment say nothing about identity and are ignored
//   - element string with brackets, (01)09506000134352(10)ABC, or as scanned, with a group separator (0x1D) after a value
//     of variable length; further AIs, such as a best-before date, are ignored
//
// The error is ErrNotGS1 where s is nothing of the kind, and else a BAD_USER_INPUT that says what is wrong with the key,
// with the check digit that it should have.
func Parse(s string) (Key, error) {
	switch {
	case hasPrefixFold(s, "urn:"):
		return parseURN(s)
	case hasPrefixFold(s, "https://"), hasPrefixFold(s, "http://"):
		return parseDigitalLink(s)
	case strings.HasPrefix(s, "("):
		return parseBracketed(s)
	}
	return parseScanned(s)
}

// Canonical is the one spelling of a key for looking things up, and whether s is a GS1 key at all; see Key.Canonical.
func Canonical(s string) (key string, ok bool) {
	k, err := Parse(s)
	if err != nil {
		return "", false
	}
	return k.Canonical(), true
}

// Canonical is the one spelling of a key: "01/09506000134352/10/ABC", with "/21/" and the serial where one is named;
// "01/09506000134352"; "00/395060001343521238"; "414/9506000134376", with "/254/" and the extension where one is named;
// "417/9506000134376". Other characters than A–Z a–z 0–9 - . _ ~ are percent-encoded, so no lot can look like a further
// part. It is "" for the zero Key.
func (k Key) Canonical() string {
	switch {
	case k.GTIN != "":
		return "01/" + k.GTIN + qualifier("10", k.Lot) + qualifier("21", k.Serial)
	case k.SSCC != "":
		return "00/" + k.SSCC
	case k.GLN != "":
		return "414/" + k.GLN + qualifier("254", k.Extension)
	case k.PartyGLN != "":
		return "417/" + k.PartyGLN
	}
	return ""
}

// DigitalLink is the key as a GS1 Digital Link URI at GS1's own host: "https://id.gs1.org/01/09506000134352/10/ABC".
// Parse reads it back.
func (k Key) DigitalLink() string {
	return "https://" + gs1Host + "/" + k.Canonical()
}

func qualifier(ai, value string) string {
	if value == "" {
		return ""
	}
	return "/" + ai + "/" + percentEncode(value)
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
