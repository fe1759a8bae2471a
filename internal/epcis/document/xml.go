package document

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// readXML reads an EPCISDocument or EPCISQueryDocument; nil where that is impossible.
func readXML(data []byte, faults *faults) *raw {
	root, ok := parseXML(data, faults)
	if !ok {
		return nil
	}
	if root.name.Local != "EPCISDocument" && root.name.Local != "EPCISQueryDocument" {
		faults.add(int(root.line), "", "this XML is not EPCIS: want the root element EPCISDocument or EPCISQueryDocument, not %s", quote(root.name.Local))
		return nil
	}
	r := &xmlReader{faults: faults}
	source := &raw{
		version:      root.attribute("schemaVersion"),
		created:      root.attribute("creationDate"),
		vocabularies: r.vocabularies(&root),
	}
	list := xmlEventList(&root)
	if list == nil {
		faults.add(int(root.line), "", "no list of events: want it in EPCISBody/EventList, or in EPCISBody/QueryResults/resultsBody/EventList")
		return nil
	}
	for e := range list.fields() {
		event := rawEvent{node: r.event(e), content: data[e.start:e.end:e.end], digest: digestXML(e)}
		if event.node.field(errorDeclaration) != nil {
			event.erroneous = digestXML(e, errorDeclaration)
		}
		source.events = append(source.events, event)
	}
	return source
}

func xmlEventList(root *xmlElement) *xmlElement {
	body := root.find("EPCISBody")
	if results := body.find("QueryResults"); results != nil {
		body = results.find("resultsBody")
	}
	return body.find("EventList")
}

// xmlLists names the lists of events, and the element that each of their entries is.
var xmlLists = map[string]string{
	"epcList": "epc", "childEPCs": "epc", "inputEPCList": "epc", "outputEPCList": "epc",
	"quantityList": "quantityElement", "childQuantityList": "quantityElement",
	"inputQuantityList": "quantityElement", "outputQuantityList": "quantityElement",
	"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination",
	"correctiveEventIDs": "correctiveEventID",
}

// xmlReader brings elements into the form that JSON has.
type xmlReader struct{ faults *faults }

// event is an event with the element's name as its type.
func (r *xmlReader) event(e *xmlElement) node {
	name := e.name.Local
	if !e.standard() {
		name = "{" + e.name.Space + "}" + name
	}
	n := r.object(e, "")
	n.children = append(n.children, node{name: "type", shape: shapeText, text: name, line: e.line})
	return n
}

// object is an element that holds fields, each at most once. Elements of other namespaces are extensions: the event's content keeps them.
func (r *xmlReader) object(e *xmlElement, name string) node {
	n := node{name: name, shape: shapeObject, line: e.line}
	first := map[string]int32{} // the line where each field stands
	for c := range e.fields() {
		if !c.standard() {
			continue
		}
		if line, twice := first[c.name.Local]; twice {
			r.faults.add(int(c.line), brief(c.name.Local), givenTwice, line)
			continue
		}
		first[c.name.Local] = c.line
		n.children = append(n.children, r.field(c))
	}
	return n
}

func (r *xmlReader) field(e *xmlElement) node {
	name := e.name.Local
	if entry, ok := xmlLists[name]; ok {
		return r.list(e, entry)
	}
	switch name {
	case "readPoint", "bizLocation", errorDeclaration:
		return r.object(e, name)
	case "ilmd":
		return masterData(e)
	case "quantity":
		return number(e)
	}
	return e.value(name)
}

// list is an element that holds entries of one name.
func (r *xmlReader) list(e *xmlElement, entry string) node {
	n := node{name: e.name.Local, shape: shapeList, line: e.line}
	for c := range e.fields() {
		switch {
		case !c.standard():
			continue
		case c.name.Local != entry:
			r.faults.add(int(c.line), e.name.Local, "unexpected element %s: want %s", quote(c.name.Local), entry)
			continue
		}
		switch entry {
		case "quantityElement":
			n.children = append(n.children, r.object(c, ""))
		case "bizTransaction", "source", "destination":
			n.children = append(n.children, typed(c))
		default:
			n.children = append(n.children, c.value(""))
		}
	}
	return n
}

// typed is an element with a type and an identifier: <source type="…">…</source>.
func typed(e *xmlElement) node {
	return withAttribute(e, "type", e.value(e.name.Local))
}

// withAttribute is an object of one of the element's attributes and of what the element holds.
func withAttribute(e *xmlElement, name string, held node) node {
	n := node{shape: shapeObject, line: e.line, children: []node{held}}
	if a := e.attribute(name); a != nil {
		n.children = append(n.children, *a)
	}
	return n
}

// masterData is an element that holds fields of any namespace. One that occurs again makes a list, as JSON has it.
func masterData(e *xmlElement) node {
	n := node{name: "ilmd", shape: shapeObject, line: e.line}
	at := map[string]int{}
	for c := range e.fields() {
		v := c.value(c.name.Local)
		if c.qualified() {
			v.shape = shapeObject // 3.5 alone, without its unit of measurement, would be wrong
		}
		i, again := at[v.name]
		if !again {
			at[v.name] = len(n.children)
			n.children = append(n.children, v)
			continue
		}
		first := &n.children[i]
		if first.shape != shapeList {
			*first = node{name: v.name, shape: shapeList, line: first.line, children: []node{*first}}
		}
		first.children = append(first.children, v)
	}
	return n
}

// numbers matches the decimals and doubles of XML Schema, without infinity and NaN: sign, digits, decimals, exponent.
var numbers = regexp.MustCompile(`^([+-]?)(?:0*([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?$`)

// number is a number as JSON writes it, which has no +5, 05 or .5; a text where it isn't one, and null where it is empty: an amount that
// isn't known is left out, or written with xsi:nil.
func number(e *xmlElement) node {
	n := e.value(e.name.Local)
	if n.shape == shapeText && n.text == "" {
		n.shape = shapeNull
	}
	m := numbers.FindStringSubmatch(n.text)
	if n.shape != shapeText || m == nil {
		return n
	}
	sign, whole, decimals, exponent := m[1], m[2], m[3]+m[4], m[5]
	n.shape, n.text = shapeNumber, strings.TrimPrefix(sign, "+")+cmp.Or(whole, "0")
	if decimals != "" {
		n.text += "." + decimals
	}
	if exponent != "" {
		n.text += "e" + exponent
	}
	return n
}

// vocabularies brings the master data of the header into the form that JSON has.
func (r *xmlReader) vocabularies(root *xmlElement) []object {
	list := root.find("EPCISHeader").find("EPCISMasterData").find("VocabularyList")
	if list == nil {
		return nil
	}
	var all []object
	for v := range list.fields() {
		elements := node{name: "vocabularyElementList", shape: shapeList, line: v.line}
		if inner := v.find("VocabularyElementList"); inner != nil {
			for e := range inner.fields() {
				elements.children = append(elements.children, vocabularyElement(e))
			}
		}
		n := withAttribute(v, "type", elements)
		all = append(all, object{node: &n, path: fmt.Sprintf("VocabularyList[%d]", len(all)), faults: r.faults})
	}
	return all
}

func vocabularyElement(e *xmlElement) node {
	attributes := node{name: "attributes", shape: shapeList, line: e.line}
	for a := range e.fields() {
		if a.standard() && a.name.Local == "attribute" {
			attributes.children = append(attributes.children, withAttribute(a, "id", a.value("attribute")))
		}
	}
	return withAttribute(e, "id", attributes)
}
