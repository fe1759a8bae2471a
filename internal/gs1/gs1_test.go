package gs1_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
	"flowviz/internal/gs1"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		in   string
		want gs1.Key
	}{
		// The EPC Tag Data Standard's own pairs of URN and element string, section 7.
		{"sgtin", "urn:epc:id:sgtin:0614141.712345.32a%2Fb", gs1.Key{GTIN: "70614141123451", Serial: "32a/b"}},
		{"sgtin as element string", "(01)70614141123451(21)32a/b", gs1.Key{GTIN: "70614141123451", Serial: "32a/b"}},
		{"sscc", "urn:epc:id:sscc:0614141.1234567890", gs1.Key{SSCC: "106141412345678908"}},
		{"sscc as element string", "(00)106141412345678908", gs1.Key{SSCC: "106141412345678908"}},
		{"sgln", "urn:epc:id:sgln:0614141.12345.32a%2Fb", gs1.Key{GLN: "0614141123452", Extension: "32a/b"}},
		{"sgln as element string", "(414)0614141123452(254)32a/b", gs1.Key{GLN: "0614141123452", Extension: "32a/b"}},
		{"sgln without extension", "urn:epc:id:sgln:0614141.12345.0", gs1.Key{GLN: "0614141123452"}},
		{"pgln", "urn:epc:id:pgln:0614141.12345", gs1.Key{PartyGLN: "0614141123452"}},
		{"lgtin", "urn:epc:class:lgtin:0614141.712345.998877", gs1.Key{GTIN: "70614141123451", Lot: "998877"}},
		{"lgtin as Digital Link", "https://id.gs1.org/01/70614141123451/10/998877", gs1.Key{GTIN: "70614141123451", Lot: "998877"}},

		{"item pattern", "urn:epc:idpat:sgtin:4012345.066666.*", gs1.Key{GTIN: "04012345666663"}},
		{"scheme in capitals", "URN:EPC:id:sgtin:0614141.712345.1", gs1.Key{GTIN: "70614141123451", Serial: "1"}},
		{"lot with points", "urn:epc:class:lgtin:4012345.099988.2014.02.10", gs1.Key{GTIN: "04012345999884", Lot: "2014.02.10"}},
		{"company prefix of 6 digits", "urn:epc:class:lgtin:061414.0112345.A", gs1.Key{GTIN: "00614141123452", Lot: "A"}},
		{"company prefix of 12 digits", "urn:epc:class:lgtin:061414112345.0.A", gs1.Key{GTIN: "00614141123452", Lot: "A"}},
		{"location in a prefix of 12 digits", "urn:epc:id:sgln:061414112345..0", gs1.Key{GLN: "0614141123452"}},
		{"party in a prefix of 12 digits", "urn:epc:id:pgln:061414112345.", gs1.Key{PartyGLN: "0614141123452"}},

		{"Digital Link of an item", "https://id.gs1.org/01/09506000134352", gs1.Key{GTIN: "09506000134352"}},
		{"of a lot and a piece of it", "https://id.gs1.org/01/09506000134352/10/ABC/21/9", gs1.Key{GTIN: "09506000134352", Lot: "ABC", Serial: "9"}},
		{"of a variant's lot", "https://id.gs1.org/01/09506000134352/22/2A/10/ABC", gs1.Key{GTIN: "09506000134352", Lot: "ABC"}},
		{"of a brand's host and path", "http://shop.example:8080/fish/en/01/9506000134352/10/ABC/?17=261231#top", gs1.Key{GTIN: "09506000134352", Lot: "ABC"}},
		{"GTIN-13", "https://id.gs1.org/01/9506000134352", gs1.Key{GTIN: "09506000134352"}},
		{"GTIN-12", "https://id.gs1.org/01/614141123452", gs1.Key{GTIN: "00614141123452"}},
		{"GTIN-8", "https://id.gs1.org/01/95012346", gs1.Key{GTIN: "00000095012346"}},
		{"escapes", "https://id.gs1.org/01/09506000134352/10/A%2F%25%2d", gs1.Key{GTIN: "09506000134352", Lot: "A/%-"}},
		{"a lot called 01", "https://id.gs1.org/01/09506000134352/10/01", gs1.Key{GTIN: "09506000134352", Lot: "01"}},
		{"pallet", "https://id.gs1.org/00/376104250021234569", gs1.Key{SSCC: "376104250021234569"}},
		{"location", "HTTPS://ID.GS1.ORG/414/9506000134376/254/dock-2", gs1.Key{GLN: "9506000134376", Extension: "dock-2"}},
		{"location without extension", "https://id.gs1.org/414/9506000134376/254/0", gs1.Key{GLN: "9506000134376"}},
		{"party", "https://id.gs1.org/417/9506000134376", gs1.Key{PartyGLN: "9506000134376"}},

		{"brackets", "(01)09506000134352(10)ABC", gs1.Key{GTIN: "09506000134352", Lot: "ABC"}},
		{"further AIs and spaces", "(01) 09506000134352 (17) 261231 (3103) 001250 (10) ABC", gs1.Key{GTIN: "09506000134352", Lot: "ABC"}},
		{"bracket in a lot", `(01)09506000134352(10)A\(1)`, gs1.Key{GTIN: "09506000134352", Lot: "A(1)"}},
		{"pallet label with contents", "(00)376104250021234569(02)09506000134352(37)20(10)ABC", gs1.Key{SSCC: "376104250021234569"}},
		{"scanned", "0109506000134352" + "17261231" + "3103001250" + "10ABC", gs1.Key{GTIN: "09506000134352", Lot: "ABC"}},
		{"scanned with separator", "010950600013435210ABC\x1d17261231", gs1.Key{GTIN: "09506000134352", Lot: "ABC"}},
		{"scanned DataMatrix", "]d2010950600013435210ABC\x1d219", gs1.Key{GTIN: "09506000134352", Lot: "ABC", Serial: "9"}},
		{"scanned GS1-128", "]C100376104250021234569", gs1.Key{SSCC: "376104250021234569"}},
		{
			"scanned with all kinds of AIs", "]C1" + "02" + "09506000134352" + "37" + "20\x1d" + "20" + "01" + "240" + "X1\x1d" + "3922" + "1250\x1d" + "00" + "376104250021234569",
			gs1.Key{SSCC: "376104250021234569"},
		},
		{"scanned location", "4149506000134376254dock-2", gs1.Key{GLN: "9506000134376", Extension: "dock-2"}},
		{"said twice and the same", "(01)09506000134352(10)ABC(10)ABC", gs1.Key{GTIN: "09506000134352", Lot: "ABC"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := gs1.Parse(test.in)
			if err != nil {
				t.Fatalf("Parse(%q): %v", test.in, err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Parse(%q):\n%s", test.in, diff)
			}
		})
	}
}

func TestParseOfMalformedKeys(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"urn:epc:id:sscc:08600031303.0003":                         "15 digits in company prefix and reference; the SSCC of an EPC URN takes 17",
		"urn:epc:id:sscc:0614141":                                  "takes 17",
		"urn:epc:id:sgln:0614141.123456.0":                         "13 digits",
		"urn:epc:id:sgln:0614141.12345":                            "three parts",
		"urn:epc:id:sgln:0614141.12345.a b":                        "GLN extension",
		"urn:epc:id:pgln:0614141.1234":                             "the GLN of an EPC URN takes 12",
		"urn:epc:id:sgtin:06141.11123451.1":                        "company prefix \"06141\" does not have 6 to 12 digits",
		"urn:epc:id:sgtin:0614141123451..1":                        "does not have 6 to 12 digits",
		"urn:epc:id:sgtin:0614141.7x2345.1":                        "only digits",
		"urn:epc:id:sgtin:0614141.712345":                          "three parts",
		"urn:epc:id:sgtin:0614141.712345.":                         "serial number is empty",
		"urn:epc:class:lgtin:0614141.712345.":                      "lot is empty",
		"urn:epc:class:lgtin:0614141.712345.123456789012345678901": "21 characters; GS1 allows 20",
		"urn:epc:class:lgtin:0614141.712345.A%2":                   "two hexadecimal digits",
		"urn:epc:class:lgtin:0614141.712345.%C3%A9":                "'é'",
		"urn:epc:class:lgtin:0614141.712345.%FF":                   "GS1 does not allow",
		"urn:epc:idpat:sgtin:0614141.712345.1":                     "urn:epc:id:sgtin:",
		"https://id.gs1.org/01/09506000134353/10/ABC":              "ends in 3, but the check digit of its other digits is 2",
		"https://id.gs1.org/01/0950600013435/10/ABC":               "ends in 5, but the check digit",
		"https://id.gs1.org/01/0950600/10/ABC":                     "7 digits; a GTIN has 8, 12, 13 or 14",
		"https://id.gs1.org/01/ABC":                                "not all digits",
		"https://id.gs1.org/00/37610425002123456":                  "where only the check digit is missing, that is 9",
		"https://id.gs1.org/00/376104250021234568":                 "the check digit of its other digits is 9",
		"https://id.gs1.org/414/950600013437":                      "where only the check digit is missing, that is 6",
		"https://id.gs1.org/417/9506000134375":                     "is 6",
		"https://id.gs1.org/01/09506000134352/10//21/1":            "lot is empty",
		"https://id.gs1.org/01/09506000134352/10/a%20b":            "holds ' '",
		"https://id.gs1.org/01/09506000134352/235/X":               "AI (235)",
		"https://id.gs1.org/01/09506000134352/254/X":               "AI (254) after AI (01)",
		"https://id.gs1.org/01/09506000134352/99/X":                "AI (99) after AI (01)",
		"https://id.gs1.org/00/376104250021234569/10/X":            "AI (10) after AI (00)",
		"https://id.gs1.org/01/09506000134352/10/A/10/B":           "given twice",
		"https://shop.example/01/09506000134353":                   "check digit",
		"(01)09506000134353(10)ABC":                                "check digit",
		"(01)09506000134352(10)A(1)":                               `write \(`,
		"(01)09506000134352(10)ABC(":                               `write \(`,
		"(01)09506000134352(10)":                                   "lot is empty",
		"(01)09506000134352(10)A(10)B":                             "given twice",
		"(01)09506000134352(21)":                                   "serial number is empty",
		"urn:epc:idpat:sgtin:0614141.712345":                       "three parts",
		"urn:epc:id:sgln:0614141.12345.%":                          "two hexadecimal digits",
		"]d20109506000134352\x1d10A\x1d10B":                        "given twice",
		"https://shop.example/00/376104250021234568":               "check digit",
		"https://shop.example/414/9506000134375":                   "check digit",
		"(414)9506000134375":                                       "check digit",
		"]d20109506000134353":                                      "check digit",
		"]d2010950600013435":                                       "ends inside a value",
		"010950600013435210ABC\x1d88":                              "none that GS1 has",
	} {
		_, err := gs1.Parse(in)
		if errors.Is(err, gs1.ErrNotGS1) || !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v; want BAD_USER_INPUT with %q", in, err, want)
		}
		if key, ok := gs1.Canonical(in); ok {
			t.Errorf("Canonical(%q) = %q", in, key)
		}
	}
	_, err := gs1.Parse("urn:epc:class:lgtin:0614141.712345." + strings.Repeat("A", 1e6))
	if err == nil || len(err.Error()) > 300 {
		t.Error("a long text gives a long error, or none")
	}
}

func TestParseOfOtherThings(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"",
		"SHK-20260101-DUNA-0001",
		"urn:gdst:example.org:product:lot:class:processor.2.v1-0122-2022",
		"urn:epcglobal:cbv:bizstep:shipping",
		"urn:epc:id:gdti:4012345.55555.1234", // a document
		"urn:epc:id:giai:0614141.12345400",   // an asset
		"urn:epc:tag:sgtin-96:3.0614141.812345.6789",
		"urn:epc:idpat:sgtin:0614141.*.*",
		"urn:epc:idpat:sgtin:*.*.*",
		"urn:epc:id:sgtin",
		"urn:uuid:a1e3a0f4-5bd3-4b2b-93c9-1b8f9a9c6c1b",
		"09506000134352", // digits alone do not say which key they are
		"https://example.org/",
		"https://example.org/products/123",
		"https://news.example/2022/01/15",
		"https://example.org/01/7",
		"https://id.gs1.org/",
		"https://id.gs1.org/01",
		"https://id.gs1.org/01/09506000134352/10/",
		"https://id.gs1.org/8004/9506000134352", // an asset
		"https://id.gs1.org/01/09506000134352/info/ABC",
		"https://id.gs1.org/01/%zz",
		"(a remark)",
		"(",
		"(10)ABC", // a lot of nothing
		"(17)261231",
		"0109506000134353",   // the check digit is wrong: somebody's own number
		"010950600013435210", // a lot without characters
		"0109506000134352 10ABC",
		"01095060001343521012345678901234567890X",
		"0042",
		"]d217261231", // scanned, and names nothing
	} {
		if k, err := gs1.Parse(in); !errors.Is(err, gs1.ErrNotGS1) {
			t.Errorf("Parse(%q) = %+v, %v; want ErrNotGS1", in, k, err)
		}
	}
}

// TestCanonical: both spellings of one lot are one key, and different things never are.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"01/00614141777778/10/987":            {"urn:epc:class:lgtin:0614141.077777.987", "https://id.gs1.org/01/00614141777778/10/987", "https://shop.example/01/614141777778/10/987?17=261231", "(01)00614141777778(10)987"},
		"01/70614141123451/21/32a%2Fb":        {"urn:epc:id:sgtin:0614141.712345.32a%2Fb", "https://id.gs1.org/01/70614141123451/21/32a%2fb", "]d20170614141123451" + "2132a/b"},
		"01/04012345666663":                   {"urn:epc:idpat:sgtin:4012345.066666.*", "https://id.gs1.org/01/4012345666663"},
		"00/106141412345678908":               {"urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908"},
		"414/0614141123452":                   {"urn:epc:id:sgln:0614141.12345.0", "https://id.gs1.org/414/0614141123452"},
		"414/0614141123452/254/5":             {"urn:epc:id:sgln:0614141.12345.5", "https://id.gs1.org/414/0614141123452/254/5"},
		"417/0614141123452":                   {"urn:epc:id:pgln:0614141.12345", "https://id.gs1.org/417/0614141123452"},
		"01/09506000134352/10/A/21/B":         {"(01)09506000134352(21)B(10)A"},
		"01/09506000134352/10/A%2F21%2FB":     {"(01)09506000134352(10)A/21/B"},
		"01/09506000134352/10/A%252F21%252FB": {"(01)09506000134352(10)A%2F21%2FB"},
	} {
		for _, s := range spellings {
			if got, ok := gs1.Canonical(s); !ok || got != want {
				t.Errorf("Canonical(%q) = %q, %v; want %q", s, got, ok, want)
			}
		}
	}
	if got := (gs1.Key{}).Canonical(); got != "" {
		t.Errorf("the zero key is %q", got)
	}
	want := "https://id.gs1.org/01/09506000134352/10/A%2F1"
	if got := (gs1.Key{GTIN: "09506000134352", Lot: "A/1"}).DigitalLink(); got != want {
		t.Errorf("DigitalLink = %s; want %s", got, want)
	}
}
