package document

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
)

// digestJSON is the SHA-256 of an event as encoding/json writes it: keys sorted, no white space, texts escaped in one way, numbers as they
// stand. Left out, at the event's own level: recordTime, which each repository sets anew; @context, which a bare event has and the same
// event in a document has not; and the fields in without.
func digestJSON(event *node, without ...string) string {
	without = append(without, recordTime, "@context")
	fields := make(map[string]any, len(event.children))
	for i := range event.children {
		if c := &event.children[i]; !slices.Contains(without, c.name) {
			fields[c.name] = plain(c)
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic("document: " + err.Error()) // maps, slices, texts, numbers that were read from JSON and booleans: always encodable
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// plain is a node as encoding/json knows values.
func plain(n *node) any {
	switch n.shape {
	case shapeObject:
		fields := make(map[string]any, len(n.children))
		for i := range n.children {
			fields[n.children[i].name] = plain(&n.children[i])
		}
		return fields
	case shapeList:
		items := make([]any, len(n.children))
		for i := range n.children {
			items[i] = plain(&n.children[i])
		}
		return items
	case shapeText:
		return n.text
	case shapeNumber:
		return json.Number(n.text)
	case shapeBoolean:
		return n.text == "true"
	default:
		return nil
	}
}

// digestXML is the SHA-256 of an event's elements in their order, with names in their namespaces, attributes sorted, and text without the
// white space around it. Comments don't count, nor do the wrappers that EPCIS 1.x has for later additions. recordTime is left out, and so
// are the event's fields in without.
func digestXML(event *xmlElement, without ...string) string {
	without = append(without, recordTime)
	hash := sha256.New()
	writeTag(hash, event)
	for c := range event.fields() {
		if !c.standard() || !slices.Contains(without, c.name.Local) {
			writeElement(hash, c)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func writeElement(w io.Writer, e *xmlElement) {
	writeTag(w, e)
	for i := range e.children {
		if c := &e.children[i]; c.isText() {
			write(w, "t", c.text)
		} else {
			writeElement(w, c)
		}
	}
	write(w, "/")
}

func writeTag(w io.Writer, e *xmlElement) {
	write(w, "e", e.name.Space, e.name.Local)
	attrs := slices.SortedFunc(slices.Values(e.attrs), func(a, b xml.Attr) int {
		return cmp.Or(cmp.Compare(a.Name.Space, b.Name.Space), cmp.Compare(a.Name.Local, b.Name.Local))
	})
	for _, a := range attrs {
		write(w, "a", a.Name.Space, a.Name.Local, a.Value)
	}
}

// write writes parts so that no two sequences of them give the same bytes.
func write(w io.Writer, kind string, parts ...string) {
	line := []byte(kind)
	for _, p := range parts {
		line = strconv.AppendQuote(append(line, ' '), p)
	}
	_, _ = w.Write(append(line, '\n')) // a hash never fails
}
