package document

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

// normalised compares documents by what they say, not by where and how they say it.
var normalised = cmp.Options{
	cmpopts.IgnoreFields(Event{}, "Line", "Content", "Digest"),
	cmpopts.IgnoreFields(ErrorDeclaration{}, "Digest"),
	cmpopts.IgnoreFields(Element{}, "Line"),
	cmpopts.IgnoreFields(Document{}, "SchemaVersion"),
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parseFile(t *testing.T, path string) *Document {
	t.Helper()
	return mustParse(t, filepath.Base(path), read(t, path))
}

func mustParse(t *testing.T, file string, data []byte) *Document {
	t.Helper()
	doc, err := Parse(file, data)
	if err != nil {
		t.Fatalf("Parse(%s):\n%v", file, err)
	}
	return doc
}

// kg is a quantity that cmp compares by its decimals too: a document's 120.50 stays 120.50.
func kg(s string) *quantity.Decimal {
	d := quantity.MustParse(s)
	return &d
}

// TestParseNormalises reads one plant's day in the three spellings, and wants the same of all.
func TestParseNormalises(t *testing.T) {
	t.Parallel()
	day := func(hour, minute int) time.Time { return time.Date(2026, time.March, 1, hour, minute, 0, 0, time.UTC) }
	want := &Document{
		Created: time.Date(2026, time.March, 2, 17, 0, 0, 0, time.UTC),
		Events: []Event{
			{
				ID: "urn:uuid:5f2c7a10-0000-4000-8000-000000000001", Kind: Object, Action: Add,
				Time: day(5, 30), Offset: "+01:00", RecordTime: day(6, 31),
				BizStep: "commissioning", Disposition: "active",
				ReadPoint: "urn:epc:id:sgln:9520000.00001.7", BizLocation: "urn:epc:id:sgln:9520000.00001.0",
				Items: []Item{
					{EPC: "urn:epc:class:lgtin:9520000.012345.L-17", Quantity: kg("120.50"), Unit: "KGM"},
					{EPC: "urn:example:lot:pond-4"},
				},
				ILMD: []Field{
					{"lotNumber", "L-17"},
					{"itemExpirationDate", "2026-03-20"},
					{"pond", "4"},
					{"pond", "5"},
					{"organic", "true"},
					{"checked", "2026-03-01"},
				},
			},
			{
				Kind: Transformation, Time: day(9, 0), Offset: "+01:00",
				BizStep: "https://ns.example.com/plant/filleting",
				Inputs: []Item{
					{EPC: "urn:epc:id:sgtin:9520000.012345.1001", Instance: true},
					{EPC: "urn:epc:class:lgtin:9520000.012345.L-17", Quantity: kg("100"), Unit: "KGM"},
					{EPC: "https://id.gs1.org/01/09520000123451", Quantity: kg("30")},
				},
				Outputs:          []Item{{EPC: "https://id.gs1.org/01/09520000123468/10/F-3", Quantity: kg("62.25"), Unit: "KGM"}},
				TransformationID: "urn:epc:id:gdti:9520000.55555.1234",
				ILMD:             []Field{{"bestBeforeDate", "2026-03-09"}},
			},
			{
				Kind: Aggregation, Action: Add, Time: day(10, 0), Offset: "+01:00", BizStep: "packing",
				Parent: "urn:epc:id:sscc:9520000.0123456789",
				Children: []Item{
					{EPC: "https://id.gs1.org/01/09520000123468/21/77", Instance: true},
					{EPC: "urn:example:crate:9", Instance: true},
					{EPC: "https://id.gs1.org/01/09520000123468/10/F-3", Quantity: kg("12"), Unit: "XCS"},
				},
			},
			{
				Kind: Object, Action: Observe, Time: day(11, 0), Offset: "-05:00", BizStep: "shipping", Disposition: "in_transit",
				Items: []Item{{EPC: "urn:epc:id:sscc:9520000.0123456789", Instance: true}},
				Sources: []Reference{
					{"owning_party", "urn:epc:id:pgln:9520000.00001"},
				},
				Destinations: []Reference{
					{"possessing_party", "https://id.gs1.org/417/9520000000028"},
					{"location", "https://id.gs1.org/414/9520000000028"},
					{"https://ns.example.com/plant/broker", "urn:example:party:broker"},
				},
				BizTransactions: []Reference{
					{"desadv", "urn:epcglobal:cbv:bt:9520000000011:D-1"},
					{"", "urn:epcglobal:cbv:bt:9520000000011:X-9"},
				},
			},
			{
				Kind: Transaction, Action: Observe, Time: day(12, 0), Offset: "+01:00",
				Parent: "urn:epc:id:sscc:9520000.0123456789",
				Items: []Item{
					{EPC: "urn:epc:id:sgtin:9520000.012345.1001", Instance: true},
					{EPC: "urn:epc:idpat:sgtin:9520000.012346.*", Quantity: kg("5"), Unit: "EA"},
				},
				BizTransactions: []Reference{{"inv", "urn:epcglobal:cbv:bt:9520000000011:I-1"}},
			},
			{
				Kind: Association, Action: Delete, Time: day(13, 0), Offset: "+01:00",
				Parent:   "urn:epc:id:grai:9520000.12345.400",
				Children: []Item{{EPC: "urn:epc:id:giai:9520000.401", Instance: true}},
			},
			{
				ID: "urn:uuid:5f2c7a10-0000-4000-8000-000000000007", Kind: Aggregation, Action: Observe,
				Time: day(14, 0), Offset: "+01:00",
				Children: []Item{{EPC: "urn:epc:id:sgtin:9520000.012345.1001", Instance: true}},
				ErrorDeclaration: &ErrorDeclaration{
					Time:               time.Date(2026, time.March, 2, 7, 0, 0, 0, time.UTC),
					Reason:             "incorrect_data",
					CorrectiveEventIDs: []string{"urn:uuid:5f2c7a10-0000-4000-8000-000000000008"},
				},
			},
		},
		Vocabulary: Vocabulary{
			Products: []Element{{
				ID: "urn:epc:idpat:sgtin:9520000.012345.*", Name: "Carp, whole", Species: "Cyprinus carpio",
				Attributes: []Field{
					{"descriptionShort", "Carp, whole"},
					{"speciesForFisheryStatisticsPurposesName", "Cyprinus carpio"},
				},
			}},
			Locations: []Element{{
				ID: "urn:epc:id:sgln:9520000.00001.0", Name: "Lakeside plant", GLN: "9520000000011",
				Address: Address{Street: "Example Street 1, Gate 2", City: "Sampleton", State: "EX", PostalCode: "12345", Country: "HU"},
				Attributes: []Field{
					{"name", "Lakeside plant"},
					{"streetAddressOne", "Example Street 1"},
					{"streetAddressTwo", "Gate 2"},
					{"city", "Sampleton"},
					{"state", "EX"},
					{"postalCode", "12345"},
					{"countryCode", "HU"},
				},
			}},
			Parties: []Element{{
				ID: "https://id.gs1.org/417/9520000000028", Name: "Sample Retail", GLN: "9520000000028",
				Attributes: []Field{{"name", "Sample Retail"}},
			}},
		},
	}
	for file, version := range map[string]string{"plant.jsonld": "2.0", "plant-1.2.xml": "1.2", "plant-2.0.xml": "2.0"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			got := parseFile(t, "testdata/"+file)
			if diff := cmp.Diff(want, got, normalised); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
			if got.SchemaVersion != version {
				t.Errorf("SchemaVersion = %q, want %q", got.SchemaVersion, version)
			}
		})
	}
}

// TestParseShapes gives the same event in every shape that a document can have.
func TestParseShapes(t *testing.T) {
	t.Parallel()
	const (
		jsonEvent = `{"type":"ObjectEvent","eventTime":"2026-03-01T10:00:00Z","eventTimeZoneOffset":"+00:00","action":"ADD",` +
			`"epcList":["urn:epc:id:sscc:9520000.0123456789"],"disposition":null}`
		xmlEvent = `<ObjectEvent><eventTime>2026-03-01T10:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>` +
			`<epcList><epc> urn:epc:id:sscc:9520000.0123456789 </epc></epcList><action>ADD</action></ObjectEvent>`
	)
	want := []Event{{
		Kind: Object, Action: Add, Time: time.Date(2026, time.March, 1, 10, 0, 0, 0, time.UTC), Offset: "+00:00",
		Items: []Item{{EPC: "urn:epc:id:sscc:9520000.0123456789", Instance: true}},
	}}
	for name, data := range map[string]string{
		"bare event":          jsonEvent,
		"list of events":      "[" + jsonEvent + "]",
		"byte order mark":     "\uFEFF" + jsonEvent,
		"leading white space": " \r\n\t" + jsonEvent,
		"document":            `{"type":"EPCISDocument","epcisBody":{"eventList":[` + jsonEvent + `]}}`,
		"type comes last":     `{"epcisBody":{"eventList":[` + jsonEvent + `]},"type":"EPCISDocument"}`,
		"query document":      `{"type":"EPCISQueryDocument","epcisBody":{"queryResults":{"resultsBody":{"eventList":[` + jsonEvent + `]}}}}`,
		"XML":                 `<EPCISDocument><EPCISBody><EventList>` + xmlEvent + `</EventList></EPCISBody></EPCISDocument>`,
		"XML, byte order mark": "\uFEFF" + `<?xml version="1.0" encoding="utf-8"?><EPCISDocument><EPCISBody><EventList>` + xmlEvent +
			`</EventList></EPCISBody></EPCISDocument>`,
		"XML in US-ASCII": `<?xml version="1.0" encoding="US-ASCII"?><EPCISDocument><EPCISBody><EventList>` + xmlEvent +
			`</EventList></EPCISBody></EPCISDocument>`,
		"XML, default namespace": `<EPCISDocument xmlns="urn:epcglobal:epcis:xsd:1"><EPCISBody><EventList>` + xmlEvent +
			`</EventList></EPCISBody></EPCISDocument>`,
		"XML query document": `<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:1"><EPCISBody><q:QueryResults><resultsBody><EventList>` +
			xmlEvent + `</EventList></resultsBody></q:QueryResults></EPCISBody></q:EPCISQueryDocument>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, mustParse(t, name, []byte(data)).Events, normalised); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseNoEvents(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"JSON": `{"type":"EPCISDocument","epcisBody":{"eventList":[]}}`,
		"XML":  `<EPCISDocument><EPCISBody><EventList/></EPCISBody></EPCISDocument>`,
	} {
		if doc := mustParse(t, name, []byte(data)); len(doc.Events) != 0 {
			t.Errorf("%s: %d events, want none", name, len(doc.Events))
		}
	}
}

// TestParseFaults wants the exact report that stands beside each document of testdata/faults.
func TestParseFaults(t *testing.T) {
	t.Parallel()
	reports, err := filepath.Glob("testdata/faults/*.faults")
	if err != nil || len(reports) == 0 {
		t.Fatalf("no reports in testdata/faults: %v", err)
	}
	for _, report := range reports {
		path := strings.TrimSuffix(report, ".faults")
		file := filepath.Base(path)
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			want := strings.TrimSuffix(string(read(t, report)), "\n")
			if diff := cmp.Diff(want, faultsOf(t, file, read(t, path))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// faultsOf is the report on a document that must be refused.
func faultsOf(t *testing.T, file string, data []byte) string {
	t.Helper()
	doc, err := Parse(file, data)
	if doc != nil {
		t.Errorf("a document is returned, want none beside its faults")
	}
	var list fault.List
	if !errors.As(err, &list) {
		t.Fatalf("Parse gives %v, want a fault.List", err)
	}
	for _, f := range list {
		if f.Code != fault.BadUserInput || !strings.HasPrefix(f.Field, file) {
			t.Errorf("fault %+v, want BAD_USER_INPUT in %s", f, file)
		}
	}
	return err.Error()
}

// TestParseFaultsOfBytes has the documents that are no text, or too big for a file of their own.
func TestParseFaultsOfBytes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		data string
		want string
	}{
		{"empty", "", "doc:1: the document is empty"},
		{"only a byte order mark", "\uFEFF", "doc:1: the document is empty"},
		{"UTF-16", "\xFF\xFE{\x00}\x00", "doc:1: the document is in UTF-16: save it as UTF-8"},
		{"UTF-16, big endian", "\xFE\xFF\x00{", "doc:1: the document is in UTF-16: save it as UTF-8"},
		{"Latin-1", "{\n\"type\": \"caf\xE9\"}", "doc:2: byte 0xE9 is not UTF-8: save the document as UTF-8"},
		{
			"binary", "\n\nPK\x03\x04",
			`doc:3: neither JSON nor XML: an EPCIS document starts with {, [ or <, and this one with "PK\x03\x04"`,
		},
		{
			"a form feed", "\f",
			`doc:1: neither JSON nor XML: an EPCIS document starts with {, [ or <, and this one with "\f"`,
		},
		{
			"too many bytes", strings.Repeat(" ", maxBytes+1),
			"doc:1: the document has 67108865 bytes, and 67108864 (64 MiB) is the most that is read: split it, events need not share a document",
		},
		{
			"deep JSON", strings.Repeat("[\n", maxDepth+1) + strings.Repeat("]", maxDepth+1),
			"doc:101: nested deeper than 100 levels, which no EPCIS document needs",
		},
		{
			"JSON deeper than its decoder goes", strings.Repeat("[", 1_000_000),
			"doc:1: nested deeper than 100 levels, which no EPCIS document needs",
		},
		{
			"deep XML", strings.Repeat("<a>\n", 1_000_000),
			"doc:101: nested deeper than 100 levels, which no EPCIS document needs",
		},
		{
			"a control character in XML", "<EPCISDocument>\n&#0;</EPCISDocument>",
			"doc:2: not well-formed XML: illegal character code U+0000",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := faultsOf(t, "doc", []byte(test.data)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestParseValues counts down from a few values instead of maxValues, which would take seconds.
func TestParseValues(t *testing.T) {
	t.Parallel()
	const want = "doc:3: the document has more than 2000000 values: split it, events need not share a document"
	for name, parse := range map[string]func(*faults) error{
		"JSON": func(f *faults) error {
			p := newJSONParser([]byte("[\n{\"a\":\n0}]"), f)
			p.left = 3 // the list, the object and its key
			_, err := p.value(0)
			return err
		},
		"XML": func(f *faults) error {
			p := newXMLParser([]byte("<a>\n<b c=''/>\n<d/></a>"), f)
			p.left = 3
			_, err := p.document()
			return err
		},
	} {
		f := &faults{file: "doc"}
		if err := parse(f); !errors.Is(err, errStop) {
			t.Errorf("%s: got %v, want it to stop", name, err)
		}
		if err := f.err(); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// TestParseTime has the widest things: each takes time in proportion to its size.
func TestParseTime(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]func(n int) string{
		"keys":       func(n int) string { return `[{` + numbered(n, `"k%d":0,`) + `"type":"ObjectEvent"}]` },
		"elements":   func(n int) string { return inXML("", "<ObjectEvent>"+numbered(n, "<e%d/>")+"</ObjectEvent>") },
		"attributes": func(n int) string { return inXML("", "<ObjectEvent"+numbered(n, " a%d=''")+"/>") },
		"ilmd": func(n int) string {
			return inXML("", "<ObjectEvent><ilmd>"+numbered(n, "<e%d/>")+"</ilmd></ObjectEvent>")
		},
		"same name": func(n int) string { return inXML("", "<ObjectEvent>"+strings.Repeat("<action/>", n)+"</ObjectEvent>") },
		"comments":  func(n int) string { return inXML("", "<ObjectEvent>"+strings.Repeat("x<!---->", n)+"</ObjectEvent>") },
		"wrappers":  func(n int) string { return inXML("", strings.Repeat("<extension></extension>", n)+"<ObjectEvent/>") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const few, times, tries = 1_000, 32, 20
			small, large := []byte(document(few)), []byte(document(few*times))
			quickSmall, quickLarge := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			// 32 times the document takes about 32 times as long, and up to 130 times where caches and other programs interfere; were it
			// quadratic, 1,024 times, at each try.
			for range tries {
				quickSmall, quickLarge = min(quickSmall, took(t, small)), min(quickLarge, took(t, large))
				if quickLarge <= 8*times*quickSmall {
					return
				}
			}
			t.Errorf("%d times as large took %.0f times as long (%s, %s)", times, float64(quickLarge)/float64(quickSmall), quickSmall, quickLarge)
		})
	}
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func took(t *testing.T, data []byte) time.Duration {
	t.Helper()
	start := time.Now()
	faultsOf(t, "doc", data)
	return time.Since(start)
}

// TestParseDepth: what is as deep as allowed passes, and not a level more.
func TestParseDepth(t *testing.T) {
	t.Parallel()
	const around = 4 // document, body, list and event
	document := func(levels int) []byte {
		return fmt.Appendf(nil, `{"type":"EPCISDocument","epcisBody":{"eventList":[{"type":"ObjectEvent","eventTime":"2026-03-01T10:00:00Z",`+
			`"eventTimeZoneOffset":"+00:00","action":"ADD","x:deep":%s%s}]}}`, strings.Repeat("[", levels), strings.Repeat("]", levels))
	}
	mustParse(t, "deep", document(maxDepth-around))
	if got, want := faultsOf(t, "deep", document(maxDepth-around+1)), "deep:1: "+fmt.Sprintf(tooDeep, maxDepth); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseManyFaults(t *testing.T) {
	t.Parallel()
	list := strings.Split(faultsOf(t, "doc", []byte("["+strings.Repeat("{},\n", maxFaults+4)+"{}]")), "\n")
	if len(list) != maxFaults+1 {
		t.Fatalf("%d lines, want %d faults and one that counts the rest", len(list), maxFaults)
	}
	if last, want := list[maxFaults], "doc: 5 more faults are not shown: mend these 1000 first"; last != want {
		t.Errorf("last line %q, want %q", last, want)
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	t.Run("JSON", func(t *testing.T) {
		t.Parallel()
		for _, e := range parseFile(t, "testdata/plant.jsonld").Events {
			alone := mustParse(t, "event", e.Content).Events
			if diff := cmp.Diff([]Event{e}, alone, cmpopts.IgnoreFields(Event{}, "Line")); diff != "" {
				t.Errorf("line %d: its content is another event (-want +got):\n%s", e.Line, diff)
			}
		}
	})
	t.Run("XML", func(t *testing.T) {
		t.Parallel()
		data := read(t, "testdata/plant-1.2.xml")
		for _, e := range mustParse(t, "plant", data).Events {
			start, end := "<"+string(e.Kind)+">", "</"+string(e.Kind)+">"
			if !bytes.HasPrefix(e.Content, []byte(start)) || !bytes.HasSuffix(e.Content, []byte(end)) || bytes.Count(e.Content, []byte(start)) != 1 {
				t.Errorf("line %d: content is not one %s:\n%s", e.Line, e.Kind, e.Content)
			}
			offset := bytes.Index(data, e.Content)
			if line := 1 + bytes.Count(data[:offset], []byte("\n")); line != e.Line {
				t.Errorf("an event of line %d says line %d", line, e.Line)
			}
		}
	})
}

func TestLine(t *testing.T) {
	t.Parallel()
	data := read(t, "testdata/plant.jsonld")
	for _, e := range mustParse(t, "plant", data).Events {
		offset := bytes.Index(data, e.Content)
		if line := 1 + bytes.Count(data[:offset], []byte("\n")); line != e.Line {
			t.Errorf("an event of line %d says line %d", line, e.Line)
		}
	}
}
