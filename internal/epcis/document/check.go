package document

import (
	"regexp"
	"strings"
	"time"

	"flowviz/internal/fault"
	"flowviz/internal/gs1"
	"flowviz/internal/quantity"
)

// maxIdentifier bounds the bytes of an identifier. The longest GS1 Digital Link of a lot has about 150; a PostgreSQL index takes 2,704.
const maxIdentifier = 1000

// mostQuantity is the largest that numeric(12,3) holds, in kilograms as in any unit: a million tonnes.
var mostQuantity = quantity.MustParse("999999999.999")

// identifier is a field that names something; "" where it is absent.
func (o object) identifier(name string) string {
	id := o.text(name)
	if len(id) > maxIdentifier {
		o.faultAt(name, "the identifier has %d bytes, and %d is the most", len(id), maxIdentifier)
		return ""
	}
	return id
}

// requiredIdentifier is a field that names something and must be there.
func (o object) requiredIdentifier(name, want string) string {
	if o.required(name, want) == "" {
		return ""
	}
	return o.identifier(name)
}

// checkEPC reports whether an element of a list names something.
func checkEPC(l leaf, faults *faults) bool {
	switch {
	case strings.TrimSpace(l.text) == "":
		faults.add(l.line, l.path, "empty: want an identifier, such as an EPC URN or a GS1 Digital Link")
	case len(l.text) > maxIdentifier:
		faults.add(l.line, l.path, "the identifier has %d bytes, and %d is the most", len(l.text), maxIdentifier)
	default:
		return true
	}
	return false
}

// isInstance reports whether an EPC names one single thing. Its key decides where it is one of GS1's, even a wrong one, such as an SSCC
// of 15 digits: they are found in real documents. For other identifiers, such as GDST's URNs, the list decides that they stand in: a list
// of EPCs holds instances, a list of quantities classes.
func isInstance(epc string, inEPCList bool) bool {
	if key, err := gs1.Parse(epc); err == nil && (key.GTIN != "" || key.SSCC != "") {
		return key.Serial != "" || key.SSCC != ""
	}
	lower := strings.ToLower(epc)
	switch {
	case strings.HasPrefix(lower, "urn:epc:id:"):
		return true
	case strings.HasPrefix(lower, "urn:epc:class:"), strings.HasPrefix(lower, "urn:epc:idpat:"):
		return false
	}
	return inEPCList
}

// measure reads the quantity and unit of an element of a quantity list; nil and "" where they are absent or wrong.
func (o object) measure() (v *quantity.Decimal, unit string) {
	unit = o.text("uom")
	if n := o.node.field("quantity"); n != nil {
		v = o.number(n)
	}
	amount := quantity.Decimal{}
	if v != nil {
		amount = *v
	}
	kg, _, err := quantity.Kilograms(amount, unit)
	switch {
	case err != nil:
		o.faultAt("uom", "%s", message(err))
		return v, ""
	case kg.Cmp(mostQuantity) > 0:
		o.faultAt("quantity", "%s %s is %s kg, and 999,999,999.999 is the most", amount, unit, kg)
		return nil, unit
	}
	return v, unit
}

// number reads the quantity n; nil, and said why, where it isn't one.
func (o object) number(n *node) *quantity.Decimal {
	if n.shape == shapeText {
		o.faultAt("quantity", "want a number, not the text %s", quote(n.text))
		return nil
	}
	if n.shape != shapeNumber {
		o.faultAt("quantity", "want a number, not %s", n.shape)
		return nil
	}
	v, err := quantity.ParseJSONNumber(n.text)
	switch {
	case err != nil:
		o.faultAt("quantity", "%s", message(err))
		return nil
	case v.Sign() < 0:
		o.faultAt("quantity", "%s is negative: a quantity is 0 or more, and the event says what became of it", v)
		return nil
	case v.Round(3).Cmp(mostQuantity) > 0:
		o.faultAt("quantity", "%s is too much: 999,999,999.999 is the most", v)
		return nil
	}
	return &v
}

// message is what a fault of another package says, without its field: the document's own path stands there.
func message(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Message
	}
	return err.Error()
}

// time is a point in time, in UTC; zero where it is absent.
func (o object) time(name string) time.Time {
	if o.text(name) == "" {
		return time.Time{}
	}
	return parseTime(o.node.field(name), join(o.path, name), o.faults)
}

func (o object) requiredTime(name string) time.Time {
	if o.required(name, "a time such as 2026-04-17T09:26:42.000-04:00") == "" {
		return time.Time{}
	}
	return o.time(name)
}

// parseTime reads a time of RFC 3339, which is what EPCIS takes from XML Schema without its local times: a time that doesn't say where
// its clock stood is no point in time.
func parseTime(n *node, path string, faults *faults) time.Time {
	text := strings.TrimSpace(n.text)
	var t time.Time
	if err := t.UnmarshalText([]byte(text)); err != nil {
		if err := t.UnmarshalText([]byte(text + "Z")); err == nil {
			faults.add(int(n.line), path, "%s has no offset from UTC: write it like 2026-04-17T09:26:42.000-04:00, or with Z for UTC", quote(text))
		} else {
			faults.add(int(n.line), path, "%s is not a point in time: write it like 2026-04-17T09:26:42.000-04:00", quote(text))
		}
		return time.Time{}
	}
	return t.UTC()
}

// offsets is what EPCIS allows for eventTimeZoneOffset: the pattern of GS1's JSON schema of EPCIS 2.0.
var offsets = regexp.MustCompile(`^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$`)

func (o object) offset() string {
	const name = "eventTimeZoneOffset"
	text := o.required(name, "how far the local clock was from UTC, such as +02:00 or -05:00")
	if text != "" && !offsets.MatchString(text) {
		o.faultAt(name, "%s is not an offset from UTC: write it like +02:00 or -05:00", quote(text))
	}
	return text
}
