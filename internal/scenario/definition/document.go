package definition

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"flowviz/internal/quantity"
)

const (
	// maxBytes bounds what is read, and with it the time that checking takes: the largest scenario of the catalogue has 25 KB.
	maxBytes = 256 << 10
	// maxDepth bounds nesting: the deepest place of the format, gates/0/limits/0/anyOf/0/0/aggregate/fn, is 9 deep. Without
	// it the pointers of 256 KB of braces would take a gigabyte.
	maxDepth = 16
)

// document is a JSON document that knows on which line each of its values stands, and what is wrong with it.
// A place in it is a JSON pointer (RFC 6901), "/gates/3/limits/0"; "" is the whole.
type document struct {
	root       any            // as encoding/json gives it, numbers as json.Number
	lines      map[string]int // from 1; a member's is the line of its name
	faults     []located
	unreadable map[string]bool // places of values that no Go type of this package takes
}

// located is a fault and its place.
type located struct {
	at      string
	message string
}

func (d *document) fault(at, format string, args ...any) {
	d.faults = append(d.faults, located{at, fmt.Sprintf(format, args...)})
}

// broken reports whether there is nothing to check further: the document is no JSON, or no object.
func (d *document) broken() bool {
	_, isObject := d.root.(map[string]any)
	return !isObject && len(d.faults) > 0
}

// covered reports whether one of the faults is about the place or about what it is in: a further one would only say in other
// words what is known.
func covered(faults map[string]bool, at string) bool {
	for !faults[at] {
		up := strings.LastIndexByte(at, '/')
		if up < 0 {
			return false
		}
		at = at[:up]
	}
	return true
}

func (d *document) places() map[string]bool {
	places := make(map[string]bool, len(d.faults))
	for _, f := range d.faults {
		places[f.at] = true
	}
	return places
}

// line is where a place stands or, where it is missing, what it is missing from.
func (d *document) line(at string) int {
	for {
		if line, ok := d.lines[at]; ok {
			return line
		}
		up := strings.LastIndexByte(at, '/')
		if up < 0 {
			return 1
		}
		at = at[:up]
	}
}

// read makes a document of JSON. Its faults are those of the text itself: syntax, keys that stand twice, numbers and texts
// that can't be kept.
func read(data []byte) *document {
	doc := &document{lines: map[string]int{}, unreadable: map[string]bool{}}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if message, offset := syntaxFault(data); message != "" {
		doc.lines[""] = 1 + bytes.Count(data[:offset], []byte("\n"))
		doc.fault("", "%s", message)
		return doc
	}
	r := reader{document: doc, data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.dec.UseNumber()
	doc.root = r.value("", 0)
	return doc
}

// syntaxFault says why data is no JSON in UTF-8, and at which byte; "" where it is.
func syntaxFault(data []byte) (message string, offset int) {
	if len(data) > maxBytes {
		return fmt.Sprintf("%d bytes, more than the %d that a definition may have", len(data), maxBytes), 0
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return "empty: write one JSON object", 0
	}
	if offset := invalidUTF8(data); offset >= 0 {
		return "not UTF-8 here: save the file in that encoding", offset
	}
	var raw json.RawMessage
	var syntax *json.SyntaxError
	if !errors.As(json.Unmarshal(data, &raw), &syntax) {
		return "", 0
	}
	// Offset counts the bytes read, so the one that didn't fit is the last of them.
	offset = max(int(syntax.Offset)-1, 0)
	return explainSyntax(data, offset, syntax), offset
}

// explainSyntax tells what people often write from other mistakes.
func explainSyntax(data []byte, offset int, err error) string {
	next, message := data[min(offset, len(data)-1)], err.Error()
	switch {
	case next == '/' || next == '#':
		return "JSON has no comments: remove this one"
	case (next == '}' || next == ']') && bytes.HasSuffix(bytes.TrimSpace(data[:offset]), []byte(",")):
		return "JSON allows no comma after the last entry: remove the one before " + string(next)
	case next == '"' && strings.Contains(message, "after object key:value pair"), strings.HasSuffix(message, "after array element"):
		return "a comma is missing before this, or a bracket or quotation mark"
	}
	return "no JSON: " + message
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// reader walks over valid JSON token by token, since only the tokens' offsets tell lines.
type reader struct {
	*document
	data   []byte
	dec    *json.Decoder
	offset int // of what line was counted to
	line   int
}

// next is the next token; no token of JSON has a line break in it, so the line of its end is its line.
func (r *reader) next() json.Token {
	token, _ := r.dec.Token() // its syntax was checked before
	end := int(r.dec.InputOffset())
	r.line += bytes.Count(r.data[r.offset:end], []byte("\n"))
	r.offset = end
	return token
}

func (r *reader) value(at string, depth int) any {
	token := r.next()
	if _, ok := r.lines[at]; !ok {
		r.lines[at] = r.line
	}
	switch token := token.(type) {
	case json.Delim:
		if depth >= maxDepth {
			r.fault(at, "nested deeper than anything in a definition: remove it")
			r.skip()
			return nil
		}
		if token == '{' {
			return r.object(at, depth)
		}
		return r.array(at, depth)
	case json.Number:
		return r.number(at, token)
	case string:
		if strings.ContainsRune(token, 0) {
			r.fault(at, `contains \u0000, which the database can't keep: remove it`)
		}
		return token
	default:
		return token
	}
}

func (r *reader) object(at string, depth int) any {
	object := map[string]any{}
	for r.dec.More() {
		name, _ := r.next().(string)
		member := at + "/" + escape(name)
		if _, twice := object[name]; twice {
			r.fault(member, "stands twice, first on line %d: keep one", r.lines[member])
		}
		r.lines[member] = r.line // the later one's, where the fault is
		object[name] = r.value(member, depth+1)
	}
	r.next()
	return object
}

func (r *reader) array(at string, depth int) any {
	array := []any{}
	for r.dec.More() {
		array = append(array, r.value(fmt.Sprintf("%s/%d", at, len(array)), depth+1))
	}
	r.next()
	return array
}

// skip reads to the end of the object or array that has begun.
func (r *reader) skip() {
	for open := 1; open > 0; {
		switch r.next() {
		case json.Delim('{'), json.Delim('['):
			open++
		case json.Delim('}'), json.Delim(']'):
			open--
		}
	}
}

// number keeps what an exact decimal can hold. 4.0 becomes 4, because JSON Schema counts it among the whole numbers and
// encoding/json does not.
func (r *reader) number(at string, n json.Number) any {
	text := n.String()
	if _, err := quantity.Parse(text); err != nil {
		r.fault(at, "%s is no number that can be kept exactly: write it without an exponent, in at most 19 digits", short(text))
		return json.Number("0")
	}
	if whole, decimals, _ := strings.Cut(text, "."); strings.Trim(decimals, "0") == "" {
		return json.Number(whole)
	}
	return n
}
