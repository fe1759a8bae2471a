package epcis

import (
	"strings"

	"flowviz/internal/epcis/document"
	"flowviz/internal/gs1"
)

// products finds the master data of what a lot is of.
type products struct {
	byID   map[string]*document.Element
	byGTIN map[string]*document.Element
}

func newProducts(v document.Vocabulary) products {
	p := products{byID: make(map[string]*document.Element, len(v.Products)), byGTIN: map[string]*document.Element{}}
	for i := range v.Products {
		e := &v.Products[i]
		p.byID[e.ID] = e
		if key, err := gs1.Parse(e.ID); err == nil && key.GTIN != "" && key.Lot == "" && key.Serial == "" {
			p.byGTIN[key.GTIN] = e
		}
	}
	return p
}

// of finds the master data of a lot itself, or of its GTIN, or of its class as GDST's URNs name it:
// urn:gdst:DOMAIN:product:lot:class:COMPANY.ITEM.LOT is a lot of urn:gdst:DOMAIN:product:class:COMPANY.ITEM. It is nil where the document
// has none.
func (p products) of(code string) *document.Element {
	if len(p.byID) == 0 {
		return nil
	}
	if e, ok := p.byID[code]; ok {
		return e
	}
	if key, err := gs1.Parse(code); err == nil {
		return p.byGTIN[key.GTIN]
	}
	domain, name, ok := strings.Cut(code, ":product:lot:class:")
	if !ok {
		return nil
	}
	// A lot's number may hold points as well: the longest class that its name starts with is meant.
	for at := strings.LastIndexByte(name, '.'); at > 0; at = strings.LastIndexByte(name[:at], '.') {
		if e, ok := p.byID[domain+":product:class:"+name[:at]]; ok {
			return e
		}
	}
	return nil
}
