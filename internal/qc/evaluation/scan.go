package evaluation

import (
	"strings"

	"flowviz/internal/gs1"
)

// matches reports whether a scanned code is the one wanted: the same text, or GS1 keys of which the scanned one says all that
// the wanted one says. A label that adds its lot to the product's GTIN is of the product; a bare GTIN is no lot of it.
func matches(scanned, want string) bool {
	if strings.TrimSpace(scanned) == strings.TrimSpace(want) {
		return true
	}
	w, ok := key(want)
	if !ok {
		return false
	}
	s, ok := key(scanned)
	return ok && s.GTIN == w.GTIN && s.SSCC == w.SSCC && s.GLN == w.GLN && s.PartyGLN == w.PartyGLN &&
		names(s.Lot, w.Lot) && names(s.Serial, w.Serial) && names(s.Extension, w.Extension)
}

// keptFor reports whether a container's label says that it is kept for a species: the label ends with it, as TUB-7-BEEF.
func keptFor(label, species string) bool {
	label = strings.TrimSpace(label)
	return strings.EqualFold(label[strings.LastIndexByte(label, '-')+1:], strings.TrimSpace(species))
}

// names reports whether a part of a key is the one wanted, where one is.
func names(part, want string) bool { return want == "" || part == want }

// key reads a GS1 key in any spelling, and the bare numbers that bar codes without AIs hold: an EAN-8, UPC-A, EAN-13 or
// ITF-14, and an SSCC.
func key(code string) (gs1.Key, bool) {
	code = strings.TrimSpace(code)
	if gs1.ValidGTIN(code) == nil {
		k, err := gs1.Parse("(01)" + code)
		return k, err == nil
	}
	if gs1.ValidSSCC(code) == nil {
		return gs1.Key{SSCC: code}, true
	}
	k, err := gs1.Parse(code)
	return k, err == nil
}
