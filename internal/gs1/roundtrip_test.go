package gs1_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"flowviz/internal/gs1"
)

// FuzzParse: nothing panics, and every key reads back from the spellings that it writes.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"urn:epc:class:lgtin:0614141.712345.32a%2Fb", "urn:epc:id:sgln:061414112345..0", "urn:epc:id:sscc:0614141.1234567890",
		"urn:epc:idpat:sgtin:4012345.066666.*", "urn:epc:id:pgln:0614141.12345", "urn:epc:", "urn:epc:id:sscc:061414.",
		"https://id.gs1.org/01/09506000134352/22/2A/10/ABC/21/%2e%2e", "http://[::1]:80/a//00/376104250021234569?10=A",
		"https://id.gs1.org/414/9506000134376/254/dock-2", "(01)09506000134352(10)A\\(1)", "(01)", "((", "\\(", "]d2",
		"]d2010950600013435210ABC\x1d219", "4149506000134376254dock-2", "\x1d\x1d", "0109506000134352393",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := gs1.Parse(s)
		key, ok := gs1.Canonical(s)
		if err != nil {
			if ok || k != (gs1.Key{}) {
				t.Fatalf("%q is refused and gives %+v, %q", s, k, key)
			}
			return
		}
		if !ok || key == "" || key != k.Canonical() {
			t.Fatalf("%q gives %+v and %q", s, k, key)
		}
		if again, err := gs1.Parse(k.DigitalLink()); err != nil || again != k {
			t.Fatalf("%q gives %+v, whose link %s gives %+v, %v", s, k, k.DigitalLink(), again, err)
		}
	})
}

// TestRoundTrip draws keys, writes them in every spelling and reads them back.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := keys().Draw(t, "key")
		prefix := rapid.IntRange(6, 12).Draw(t, "prefix length")
		spellings := []string{k.DigitalLink(), bracketed(k), scanned(k)}
		if k.Lot == "" || k.Serial == "" { // no URN names both
			spellings = append(spellings, urn(k, prefix))
		}
		for _, s := range spellings {
			if got, err := gs1.Parse(s); err != nil || got != k {
				t.Fatalf("%q gives %+v, %v; want %+v", s, got, err, k)
			}
		}
	})
}

func keys() *rapid.Generator[gs1.Key] {
	text := rapid.StringMatching(`[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}`)
	return rapid.Custom(func(t *rapid.T) gs1.Key {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return gs1.Key{GTIN: number(t, 14)}
		case 1:
			return gs1.Key{GTIN: number(t, 14), Lot: text.Draw(t, "lot")}
		case 2:
			return gs1.Key{GTIN: number(t, 14), Serial: text.Draw(t, "serial")}
		case 3:
			return gs1.Key{GTIN: number(t, 14), Lot: text.Draw(t, "lot"), Serial: text.Draw(t, "serial")}
		case 4:
			return gs1.Key{SSCC: number(t, 18)}
		case 5:
			return gs1.Key{PartyGLN: number(t, 13)}
		}
		k := gs1.Key{GLN: number(t, 13)}
		if extension := text.Draw(t, "extension"); extension != "0" {
			k.Extension = extension
		}
		return k
	})
}

func number(t *rapid.T, length int) string {
	digits := rapid.StringMatching(`[0-9]{17}`).Draw(t, "digits")[:length-1]
	check, err := gs1.CheckDigit(digits)
	if err != nil {
		t.Fatal(err)
	}
	return digits + string(check)
}

// urn writes k as the EPC Tag Data Standard says, for a company prefix of n digits: the first digit of GTIN and SSCC goes
// behind the prefix, the check digit goes.
func urn(k gs1.Key, n int) string {
	behind := func(s string) string { return s[1:1+n] + "." + s[:1] + s[1+n:len(s)-1] }
	escape := strings.NewReplacer(`"`, "%22", "%", "%25", "&", "%26", "/", "%2F", "<", "%3C", ">", "%3E", "?", "%3F").Replace
	switch {
	case k.Lot != "":
		return "urn:epc:class:lgtin:" + behind(k.GTIN) + "." + escape(k.Lot)
	case k.Serial != "":
		return "urn:epc:id:sgtin:" + behind(k.GTIN) + "." + escape(k.Serial)
	case k.GTIN != "":
		return "urn:epc:idpat:sgtin:" + behind(k.GTIN) + ".*"
	case k.SSCC != "":
		return "urn:epc:id:sscc:" + behind(k.SSCC)
	case k.PartyGLN != "":
		return "urn:epc:id:pgln:" + k.PartyGLN[:n] + "." + k.PartyGLN[n:12]
	case k.Extension != "":
		return "urn:epc:id:sgln:" + k.GLN[:n] + "." + k.GLN[n:12] + "." + escape(k.Extension)
	}
	return "urn:epc:id:sgln:" + k.GLN[:n] + "." + k.GLN[n:12] + ".0"
}

func bracketed(k gs1.Key) string {
	return elements(k, "(", ")", strings.NewReplacer("(", `\(`).Replace, "")
}

func scanned(k gs1.Key) string {
	return "]d2" + elements(k, "", "", func(s string) string { return s }, "\x1d")
}

// elements writes k's AIs and values, with end after each value.
func elements(k gs1.Key, open, closing string, escape func(string) string, end string) string {
	var b strings.Builder
	for _, e := range []struct{ ai, value string }{
		{"01", k.GTIN}, {"10", k.Lot}, {"21", k.Serial}, {"00", k.SSCC}, {"414", k.GLN}, {"254", k.Extension}, {"417", k.PartyGLN},
	} {
		if e.value != "" {
			b.WriteString(open + e.ai + closing + escape(e.value) + end)
		}
	}
	return b.String()
}

func BenchmarkCanonical(b *testing.B) {
	for name, s := range map[string]string{
		"URN": "urn:epc:class:lgtin:0614141.077777.987", "DigitalLink": "https://id.gs1.org/01/00614141777778/10/987", "own code": "SHK-20260101-DUNA-0001",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				gs1.Canonical(s)
			}
		})
	}
}
