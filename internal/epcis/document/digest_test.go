package document

import (
	"fmt"
	"testing"
)

func digestOf(t *testing.T, data string) string {
	t.Helper()
	return mustParse(t, "event", []byte(data)).Events[0].Digest
}

func inXML(namespaces, event string) string {
	return fmt.Sprintf("<EPCISDocument %s><EPCISBody><EventList>\n%s\n</EventList></EPCISBody></EPCISDocument>", namespaces, event)
}

func TestDigest(t *testing.T) {
	t.Parallel()
	const (
		json = `{"type":"ObjectEvent","eventTime":"2026-03-01T10:00:00Z","eventTimeZoneOffset":"+00:00","action":"ADD",` +
			`"quantityList":[{"epcClass":"urn:example:lot:1","quantity":5}],"plant:a":{"x":[1,2],"y":null,"z":true}}`
		when = `<eventTime>2026-03-01T10:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>`
		xml  = `<ObjectEvent>` + when + `<epcList/><action>ADD</action><p:note p:by="ann" lang="en">two words</p:note></ObjectEvent>`
		ns   = `xmlns:p="https://ns.example.com/plant/"`
	)
	tests := []struct {
		name string
		a, b string
		same bool
	}{
		{
			"JSON: white space, order of keys and spelling of texts don't count", json,
			`{ "eventTimeZoneOffset": "+00:00", "eventTime": "2026-03-01T10:00:00Z", "action": "\u0041DD",
			   "plant:a": {"z":true, "y":null, "x":[ 1, 2 ]},
			   "quantityList": [ {"quantity":5, "epcClass":"urn:example:lot:1"} ], "type": "ObjectEvent" }`,
			true,
		},
		{"JSON: recordTime and @context don't count", json, `{"recordTime":"2026-03-01T10:00:01Z","@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld",` + json[1:], true},
		{"JSON: a quantity counts", json, replaceOnce(json, `"quantity":5`, `"quantity":6`), false},
		{"JSON: an extension counts", json, replaceOnce(json, `"z":true`, `"z":false`), false},
		{"JSON: the order of a list counts", json, replaceOnce(json, `[1,2]`, `[2,1]`), false},
		{"JSON: a number is not its text", json, replaceOnce(json, `[1,2]`, `["1",2]`), false},
		{
			"XML: white space, comments and prefixes don't count", inXML(ns, xml),
			inXML(`xmlns:q="https://ns.example.com/plant/"`, `<ObjectEvent >
				<eventTime>2026-03-01T10:00:00Z</eventTime> <!-- UTC -->
				<eventTimeZoneOffset> +00:00 </eventTimeZoneOffset>
				<epcList></epcList><action><![CDATA[ADD]]></action><q:note lang="en" q:by='ann'>two<!-- --> words</q:note></ObjectEvent>`),
			true,
		},
		{"XML: recordTime doesn't count", inXML(ns, xml), inXML(ns, replaceOnce(xml, "<epcList/>", "<recordTime>2026-03-01T10:00:01Z</recordTime><epcList/>")), true},
		{"XML: wrappers don't count", inXML(ns, xml), inXML(ns, "<extension>"+replaceOnce(xml, "<epcList/>", "<extension><epcList/></extension>")+"</extension>"), true},
		{"XML: a namespace counts", inXML(ns, xml), inXML(`xmlns:p="https://ns.example.com/other/"`, xml), false},
		{"XML: an attribute counts", inXML(ns, xml), inXML(ns, replaceOnce(xml, `"ann"`, `"bob"`)), false},
		{"XML: an extension's text counts", inXML(ns, xml), inXML(ns, replaceOnce(xml, "two words", "three words")), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if a, b := digestOf(t, test.a), digestOf(t, test.b); (a == b) != test.same {
				t.Errorf("same digest is %v, want %v, for\n%s\n%s", a == b, test.same, test.a, test.b)
			}
		})
	}
}

// TestErrorDeclarationDigest: a declaration leads to the event that it declares wrong, also where neither has an eventID.
func TestErrorDeclarationDigest(t *testing.T) {
	t.Parallel()
	const (
		json = `{"type":"ObjectEvent","eventTime":"2026-03-01T10:00:00Z","eventTimeZoneOffset":"+00:00","action":"ADD"}`
		xml  = `<ObjectEvent><eventTime>2026-03-01T10:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>` +
			`<epcList/><action>ADD</action></ObjectEvent>`
	)
	for name, test := range map[string]struct{ wrong, declared string }{
		"JSON": {json, `{"errorDeclaration":{"declarationTime":"2026-03-02T10:00:00Z"},"recordTime":"2026-03-02T10:00:01Z",` + json[1:]},
		"XML": {inXML("", xml), inXML("", replaceOnce(xml, "<epcList/>", "<baseExtension><errorDeclaration>"+
			"<declarationTime>2026-03-02T10:00:00Z</declarationTime></errorDeclaration></baseExtension><epcList/>"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := digestOf(t, test.wrong)
			e := mustParse(t, "event", []byte(test.declared)).Events[0]
			if e.ErrorDeclaration == nil || e.ErrorDeclaration.Digest != wrong {
				t.Errorf("error declaration %+v, want the digest %s", e.ErrorDeclaration, wrong)
			}
			if e.Digest == wrong {
				t.Errorf("the declaration has the digest of the event that it declares wrong")
			}
		})
	}
}
