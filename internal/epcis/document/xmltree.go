package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"strings"
)

// xmlElement is an element, or the text between two elements. Comments and processing instructions are not kept.
type xmlElement struct {
	name       xml.Name // with its namespace; both parts are "" for a text
	attrs      []xml.Attr
	text       string // of a text, never only white space
	children   []xmlElement
	line       int32
	start, end int32
}

func (e *xmlElement) isText() bool { return e.name.Local == "" }

// standard reports whether an element is one of EPCIS itself. Its schema has them in no namespace; writers that declare the document's
// namespace as default put them there.
func (e *xmlElement) standard() bool {
	return e.name.Space == "" || strings.HasPrefix(e.name.Space, "urn:epcglobal:epcis")
}

// fields are the elements in e, with those in the wrappers extension and baseExtension in their place. EPCIS 1.x hides in wrappers what
// came after 1.0; EPCIS 2.0 has none.
func (e *xmlElement) fields() iter.Seq[*xmlElement] {
	return func(yield func(*xmlElement) bool) { e.yieldFields(yield) }
}

func (e *xmlElement) yieldFields(yield func(*xmlElement) bool) bool {
	for i := range e.children {
		c := &e.children[i]
		switch {
		case c.isText():
		case c.standard() && (c.name.Local == "extension" || c.name.Local == "baseExtension"):
			if !c.yieldFields(yield) {
				return false
			}
		case !yield(c):
			return false
		}
	}
	return true
}

// find is the first element of this name in e; nil where there is none, or e is nil.
func (e *xmlElement) find(name string) *xmlElement {
	if e == nil {
		return nil
	}
	for c := range e.fields() {
		if c.standard() && c.name.Local == name {
			return c
		}
	}
	return nil
}

// qualified reports whether attributes say more about the element's text. xsi:type and its like only say how it is spelled.
func (e *xmlElement) qualified() bool {
	for _, a := range e.attrs {
		if a.Name.Space != "http://www.w3.org/2001/XMLSchema-instance" {
			return true
		}
	}
	return false
}

// attribute is an attribute in no namespace; nil where it is absent.
func (e *xmlElement) attribute(name string) *node {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return &node{name: name, shape: shapeText, text: strings.TrimSpace(a.Value), line: e.line}
		}
	}
	return nil
}

// value is an element as a text, or as an object without fields where it holds elements.
func (e *xmlElement) value(name string) node {
	n := node{name: name, shape: shapeText, line: e.line}
	for i := range e.children {
		if !e.children[i].isText() {
			return node{name: name, shape: shapeObject, line: e.line}
		}
		n.text += e.children[i].text
	}
	n.text = strings.TrimSpace(n.text)
	return n
}

// xmlParser builds the elements of a document.
type xmlParser struct {
	dec    *xml.Decoder
	data   []byte
	lines  *lineCounter
	left   int // how many more elements and attributes may come
	faults *faults
}

// parseXML reads one XML document; ok is false, and said why, where it isn't one, goes beyond a limit, or has a DOCTYPE.
func parseXML(data []byte, faults *faults) (root xmlElement, ok bool) {
	p := newXMLParser(data, faults)
	root, err := p.document()
	if err != nil && !errors.Is(err, errStop) {
		p.syntaxFault(err)
	}
	return root, err == nil
}

func newXMLParser(data []byte, faults *faults) *xmlParser {
	p := &xmlParser{dec: xml.NewDecoder(bytes.NewReader(data)), data: data, lines: newLineCounter(data), left: maxValues, faults: faults}
	p.dec.CharsetReader = p.charset
	return p
}

// document reads to the end of the data: one root element, and nothing beside it but comments and white space.
func (p *xmlParser) document() (root xmlElement, err error) {
	for {
		offset := int(p.dec.InputOffset())
		token, err := p.dec.Token()
		if errors.Is(err, io.EOF) && root.name.Local != "" {
			return root, nil
		}
		if err != nil {
			return root, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root.name.Local != "" {
				return root, p.stop(offset, "a second root element, <%s>: want one document in a file", brief(t.Name.Local))
			}
			if root, err = p.element(t, offset, 1); err != nil {
				return root, err
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				offset = len(p.data) - len(bytes.TrimLeft(p.data[offset:], " \t\r\n"))
				return root, p.stop(offset, "text outside of the root element: remove it")
			}
		case xml.Directive:
			return root, p.directive(offset)
		}
	}
}

// element reads the rest of an element whose start tag is at offset.
func (p *xmlParser) element(start xml.StartElement, offset, depth int) (xmlElement, error) {
	e := xmlElement{name: start.Name, line: int32(p.lines.at(offset)), start: int32(offset)}
	if depth > maxDepth {
		return e, p.stop(offset, tooDeep, maxDepth)
	}
	if p.left -= 1 + len(start.Attr); p.left < 0 {
		return e, p.stop(offset, tooManyValues, maxValues)
	}
	e.attrs = p.attributes(start, int(e.line))

	var text []byte
	endText := func() {
		if t := bytes.TrimSpace(text); len(t) > 0 {
			e.children = append(e.children, xmlElement{text: string(t)})
		}
		text = text[:0]
	}
	for {
		offset := int(p.dec.InputOffset())
		token, err := p.dec.Token()
		if err != nil {
			return e, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			endText()
			child, err := p.element(t, offset, depth+1)
			if err != nil {
				return e, err
			}
			e.children = append(e.children, child)
		case xml.EndElement:
			endText()
			e.end = int32(p.dec.InputOffset())
			return e, nil
		case xml.CharData:
			text = append(text, t...)
		case xml.Directive:
			return e, p.directive(offset)
		}
	}
}

// attributes are those of a start tag without the declarations of namespaces, which the decoder has resolved. The decoder doesn't mind if
// one is given twice.
func (p *xmlParser) attributes(start xml.StartElement, line int) []xml.Attr {
	if len(start.Attr) == 0 {
		return nil
	}
	seen := make(map[xml.Name]bool, len(start.Attr))
	var attrs []xml.Attr
	for _, a := range start.Attr {
		if seen[a.Name] {
			p.faults.add(line, brief(a.Name.Local), "given twice in one start tag: remove one")
		}
		seen[a.Name] = true
		if a.Name.Space != "xmlns" && (a.Name.Space != "" || a.Name.Local != "xmlns") {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// directive refuses DOCTYPE and what else starts with <!. EPCIS has no use for it, and its entities could make gigabytes of a few bytes or
// read other files.
func (p *xmlParser) directive(offset int) error {
	return p.stop(offset, "a DOCTYPE or other <! declaration, which EPCIS has no use for and which can define entities: remove it")
}

// charset is called for a declared encoding other than UTF-8.
func (p *xmlParser) charset(label string, input io.Reader) (io.Reader, error) {
	if strings.EqualFold(label, "us-ascii") {
		return input, nil // a part of UTF-8
	}
	return nil, p.stop(0, "the document declares the encoding %s: save it as UTF-8", quote(label))
}

// stop reports what ends the reading.
func (p *xmlParser) stop(offset int, format string, args ...any) error {
	p.faults.add(p.lines.at(offset), "", format, args...)
	return errStop
}

func (p *xmlParser) syntaxFault(err error) {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		p.faults.add(1, "", "the XML has no root element: want EPCISDocument or EPCISQueryDocument")
	case !errors.As(err, &syntax):
		p.faults.add(p.lines.at(int(p.dec.InputOffset())), "", "not well-formed XML: %v", err)
	case syntax.Msg == "unexpected EOF":
		p.faults.add(syntax.Line, "", "the XML ends in the middle: was the document cut off?")
	default:
		p.faults.add(syntax.Line, "", "not well-formed XML: %s", syntax.Msg)
	}
}
