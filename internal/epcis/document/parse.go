package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What a document may be at most. Everything below works on the whole document in memory.
const (
	// maxBytes bounds a document. An event takes about 500 bytes, so this is about 130,000 events: more than a plant has in a year, and
	// who has more can split it, as events don't depend on sharing a document.
	maxBytes = 64 << 20

	// maxValues bounds the JSON values, or XML elements and attributes, of a document: at about 100 bytes each, and as many again while a
	// list of them grows, they take 400 MB. 60 MiB of real events hold about 1.5 million; 64 MiB of empty lists would hold 22 million.
	maxValues = 2_000_000

	// maxDepth bounds the nesting, and with it the stack. Real events nest about 10 deep, extensions included.
	maxDepth = 100
)

// rawEvent is one event of a document that is not interpreted yet.
type rawEvent struct {
	node    node   // its field "type" names the kind, in XML too
	content []byte // its own text
	digest  string // see Event.Digest

	erroneous string // the digest of the event that this one declares wrong; "" where it declares nothing
}

// raw is a document that is read, and not interpreted yet: what both formats come down to.
type raw struct {
	version, created *node // of a text; nil where absent
	events           []rawEvent
	vocabularies     []object // with type and vocabularyElementList
}

// Parse reads an EPCIS document: an EPCISDocument or EPCISQueryDocument of EPCIS 1.0 to 2.0 in XML or JSON-LD, or a bare event or list of
// events in JSON. It tells the formats apart by content. The file's name is only used to say where faults are; events keep parts of data,
// which must not be changed afterwards.
//
// The error is a fault.List with all that is wrong, by line, each BAD_USER_INPUT: a document that is refused is refused whole.
func Parse(file string, data []byte) (*Document, error) {
	faults := &faults{file: file}
	doc := parse(data, faults)
	if err := faults.err(); err != nil {
		return nil, err
	}
	return doc, nil
}

func parse(data []byte, faults *faults) *Document {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !legible(data, faults) {
		return nil
	}

	var source *raw
	switch text := bytes.TrimLeft(data, " \t\r\n"); {
	case len(text) == 0:
		faults.add(1, "", "the document is empty")
	case text[0] == '<':
		source = readXML(data, faults)
	case text[0] == '{' || text[0] == '[':
		source = readJSON(data, faults)
	default:
		faults.add(1+bytes.Count(data[:len(data)-len(text)], []byte("\n")), "",
			"neither JSON nor XML: an EPCIS document starts with {, [ or <, and this one with %s", quote(firstWord(text)))
	}
	if source == nil {
		return nil
	}
	return interpret(source, faults)
}

// interpret turns what was read into a document. It is the same for both formats.
func interpret(source *raw, faults *faults) *Document {
	doc := &Document{
		SchemaVersion: schemaVersion(source.version, faults),
		Events:        make([]Event, 0, len(source.events)),
		Vocabulary:    vocabulary(source.vocabularies),
	}
	if c := source.created; c != nil {
		doc.Created = parseTime(c, "creationDate", faults)
	}
	for i := range source.events {
		if e, ok := event(&source.events[i], faults); ok {
			doc.Events = append(doc.Events, e)
		}
	}
	return doc
}

// schemaVersion accepts EPCIS 1.x and 2.x: both grow by additions only. Another major version could mean other things by the same names.
func schemaVersion(n *node, faults *faults) string {
	if n == nil {
		return ""
	}
	v := strings.TrimSpace(n.text)
	if major, _, _ := strings.Cut(v, "."); major != "1" && major != "2" {
		faults.add(int(n.line), "schemaVersion", "%s is not supported: want 1.0, 1.1, 1.2 or 2.0", quote(v))
	}
	return v
}

// legible reports whether data is of a size and encoding that can be read.
func legible(data []byte, faults *faults) bool {
	if len(data) > maxBytes {
		faults.add(1, "", "the document has %d bytes, and %d (64 MiB) is the most that is read: split it, events need not share a document",
			len(data), maxBytes)
		return false
	}
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		faults.add(1, "", "the document is in UTF-16: save it as UTF-8")
		return false
	}
	for offset := 0; offset < len(data); {
		r, size := utf8.DecodeRune(data[offset:])
		if r == utf8.RuneError && size == 1 {
			faults.add(newLineCounter(data).at(offset), "", "byte 0x%02X is not UTF-8: save the document as UTF-8", data[offset])
			return false
		}
		offset += size
	}
	return true
}

// firstWord is what a document starts with, for a message.
func firstWord(text []byte) string {
	word, _, _ := bytes.Cut(text[:min(len(text), 100)], []byte("\n"))
	if fields := strings.Fields(string(word)); len(fields) > 0 {
		return fields[0]
	}
	return fmt.Sprintf("%c", text[0])
}
