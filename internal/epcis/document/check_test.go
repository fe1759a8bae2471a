package document

import (
	"strings"
	"testing"
)

// replaceOnce replaces a part that must be there once, so that no test compares a text with itself.
func replaceOnce(s, old, replacement string) string {
	if strings.Count(s, old) != 1 {
		panic("not once: " + old)
	}
	return strings.Replace(s, old, replacement, 1)
}

func TestIsInstance(t *testing.T) {
	t.Parallel()
	const byList = "by the list"
	for epc, want := range map[string]string{
		"urn:epc:id:sgtin:9520000.012345.1001":                   "instance",
		"urn:epc:id:sscc:9520000.0123456789":                     "instance",
		"urn:epc:id:sscc:9520000.0123":                           "instance", // too short for an SSCC, and found in real documents
		"urn:epc:id:grai:9520000.12345.400":                      "instance",
		"https://id.gs1.org/01/09520000123451/21/7":              "instance",
		"https://id.gs1.org/01/09520000123451/10/F-3/21/7":       "instance",
		"https://id.gs1.org/00/395200001234567893":               byList, // a wrong check digit
		"https://trace.example.com/01/09520000123451/10/F-3":     "class",
		"urn:epc:class:lgtin:9520000.012345.L-17":                "class",
		"urn:epc:class:lgtin:9520000.L-17":                       "class", // malformed
		"urn:epc:idpat:sgtin:9520000.012345.*":                   "class",
		"https://id.gs1.org/01/09520000123451":                   "class",
		"https://id.gs1.org/01/09520000123451/10/F-3":            "class",
		"urn:gdst:example.org:product:lot:class:processor.2.v1":  byList,
		"urn:gdst:example.org:product:serial:obj:processor.2.v1": byList,
		"https://ns.example.com/lots/17":                         byList,
		"urn:uuid:5f2c7a10-0000-4000-8000-000000000001":          byList,
		"https://id.gs1.org/8004/9520000401":                     byList,
		"https://id.gs1.org/414/9520000000011":                   byList,
	} {
		got := byList
		switch inEPCs, inQuantities := isInstance(epc, true), isInstance(epc, false); {
		case inEPCs && inQuantities:
			got = "instance"
		case !inEPCs && !inQuantities:
			got = "class"
		case inQuantities:
			got = "the wrong way round"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", epc, got, want)
		}
	}
}

func TestBare(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"shipping":                                 "shipping",
		"urn:epcglobal:cbv:bizstep:shipping":       "shipping",
		"https://ref.gs1.org/cbv/BizStep-shipping": "shipping",
		"cbv:BizStep-shipping":                     "shipping",
		"urn:epcglobal:cbv:bizstep:":               "urn:epcglobal:cbv:bizstep:",
		"urn:epcglobal:cbv:disp:active":            "urn:epcglobal:cbv:disp:active",
		"urn:gdst:bizStep:fishingEvent":            "urn:gdst:bizStep:fishingEvent",
		"":                                         "",
	} {
		if got := bare(s, "bizstep", "BizStep"); got != want {
			t.Errorf("bare(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestLocalName(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"lotNumber":                         "lotNumber",
		"cbvmda:lotNumber":                  "lotNumber",
		"urn:epcglobal:cbv:mda#lotNumber":   "lotNumber",
		"https://ref.gs1.org/voc/lotNumber": "lotNumber",
		"odd:":                              "odd:",
	} {
		if got := localName(s); got != want {
			t.Errorf("localName(%q) = %q, want %q", s, got, want)
		}
	}
}

// TestXMLNumber: XML Schema spells numbers in ways that JSON doesn't have.
func TestXMLNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"5": "5", "+5": "5", "005": "5", "0": "0", "000": "0", ".5": "0.5", "-.5": "-0.5", "5.": "5", "12.340": "12.340", "1E3": "1e3", "1.5e+2": "1.5e+2",
		"": "null", "NaN": "NaN", "INF": "INF", "1,5": "1,5", "0x10": "0x10", ".": ".", "1 000": "1 000", "٣": "٣",
	} {
		n := number(&xmlElement{children: []xmlElement{{text: text}}})
		if n.shape == shapeNull {
			n.text = "null"
		}
		if n.text != want {
			t.Errorf("number(%q) = %s %q, want %q", text, n.shape, n.text, want)
		}
	}
}
