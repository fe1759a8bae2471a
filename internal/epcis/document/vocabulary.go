package document

import (
	"strings"

	"flowviz/internal/gs1"
)

// vocabulary reads the master data of a document's header.
func vocabulary(lists []object) Vocabulary {
	var v Vocabulary
	for _, l := range lists {
		into := v.of(l.text("type"))
		if into == nil {
			continue // of something that no event here is read for, such as an error reason
		}
		for _, e := range l.list("vocabularyElementList") {
			if e.required("id", "the identifier of what the master data is about") != "" {
				*into = append(*into, element(e))
			}
		}
	}
	return v
}

// of is the list that elements of this vocabulary type belong to; nil for types that are not kept. Real documents spell EPCClass with and
// without capitals.
func (v *Vocabulary) of(vocabularyType string) *[]Element {
	switch strings.ToLower(localName(vocabularyType)) {
	case "epcclass":
		return &v.Products
	case "readpoint", "businesslocation", "location":
		return &v.Locations
	case "party", "sourcedest":
		return &v.Parties
	}
	return nil
}

// element reads the master data of one identifier.
func element(o object) Element {
	e := Element{Line: int(o.node.line), ID: o.identifier("id")}
	e.GLN = gln(e.ID)
	for _, a := range o.list("attributes") {
		name := a.text("id")
		if n := a.node.field("attribute"); n != nil && name != "" {
			if value, ok := simple(n); ok {
				e.Attributes = append(e.Attributes, Field{Name: localName(name), Value: strings.TrimSpace(value)})
			}
		}
	}
	e.Name = e.first("name", "productName", "descriptionShort", "tradeItemDescription")
	e.Species = e.first("speciesForFisheryStatisticsPurposesName")
	e.Address = Address{
		Street:     e.street(),
		City:       e.first("city"),
		State:      e.first("state"),
		PostalCode: e.first("postalCode"),
		Country:    e.first("countryCode"),
	}
	return e
}

// first is the value of the first of these attributes that isn't empty.
func (e *Element) first(names ...string) string {
	for _, name := range names {
		for _, a := range e.Attributes {
			if a.Name == name && a.Value != "" {
				return a.Value
			}
		}
	}
	return ""
}

// street joins the lines of a street address, which the CBV numbers in words.
func (e *Element) street() string {
	var lines []string
	for _, name := range []string{"streetAddressOne", "streetAddressTwo", "streetAddressThree"} {
		if line := e.first(name); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ", ")
}

// gln is the GLN of a location or party that is named by it; "" for other identifiers.
func gln(id string) string {
	key, err := gs1.Parse(id)
	if err != nil {
		return ""
	}
	return key.GLN + key.PartyGLN // at most one of them is set
}
