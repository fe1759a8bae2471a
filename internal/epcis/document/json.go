package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// readJSON reads a JSON-LD document, or a bare event or list of events; nil where that is impossible.
func readJSON(data []byte, faults *faults) *raw {
	root, ok := parseJSON(data, faults)
	if !ok {
		return nil
	}
	source := &raw{}
	for _, e := range jsonEvents(&root, source, faults) {
		event := rawEvent{node: *e.node, content: data[e.node.start:e.node.end:e.node.end], digest: digestJSON(e.node)}
		if e.node.field(errorDeclaration) != nil {
			event.erroneous = digestJSON(e.node, errorDeclaration)
		}
		source.events = append(source.events, event)
	}
	return source
}

// jsonEvents finds the events under root, and the rest of a document where root is one.
func jsonEvents(root *node, source *raw, faults *faults) []object {
	top := object{node: root, faults: faults}
	if root.shape == shapeList && len(root.children) > 0 {
		return top.elements()
	}
	kind := root.field("type")
	switch {
	case kind != nil && (kind.text == "EPCISDocument" || kind.text == "EPCISQueryDocument"):
		source.version = root.field("schemaVersion")
		source.created = root.field("creationDate")
		source.vocabularies = top.object("epcisHeader").object("epcisMasterData").list("vocabularyList")
		return jsonBody(top)
	case kind != nil && root.field("eventTime") != nil:
		return []object{top}
	default:
		faults.add(int(root.line), "",
			`this JSON is not EPCIS: want an object with "type": "EPCISDocument" or "EPCISQueryDocument", or an event, or a list of events`)
		return nil
	}
}

// jsonBody finds the events of a document, be it one for capture or the answer to a query.
func jsonBody(top object) []object {
	body := top.object("epcisBody")
	if results := body.object("queryResults"); results.node != nil {
		body = results.object("resultsBody")
	}
	if body.node == nil || body.node.field("eventList") == nil {
		top.fault("no list of events: want it in epcisBody.eventList, or in epcisBody.queryResults.resultsBody.eventList")
		return nil
	}
	return body.list("eventList")
}

// jsonParser walks a document whose syntax is known to be right, and builds its nodes.
type jsonParser struct {
	dec    *json.Decoder
	data   []byte
	lines  *lineCounter
	left   int // how many more values may come
	faults *faults
}

// errStop ends a walk whose reason is reported already.
var errStop = errors.New("stop")

// parseJSON reads one JSON text; ok is false, and said why, where it isn't one or goes beyond a limit.
func parseJSON(data []byte, faults *faults) (root node, ok bool) {
	// The syntax first: the walk then sees nothing but well-formed JSON, and the offset of the error is exact.
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		syntaxFault(data, err, faults)
		return node{}, false
	}
	root, err := newJSONParser(data, faults).value(0)
	if err != nil && !errors.Is(err, errStop) {
		faults.add(1, "", "not valid JSON: %v", err)
	}
	return root, err == nil
}

func newJSONParser(data []byte, faults *faults) *jsonParser {
	p := &jsonParser{dec: json.NewDecoder(bytes.NewReader(data)), data: data, lines: newLineCounter(data), left: maxValues, faults: faults}
	p.dec.UseNumber()
	return p
}

// value reads a value, with all that is in it.
func (p *jsonParser) value(depth int) (node, error) {
	before := p.dec.InputOffset()
	token, err := p.dec.Token()
	if err != nil {
		return node{}, err
	}
	after := int(p.dec.InputOffset())
	n := node{line: int32(p.lines.at(after - 1))}
	if p.left--; p.left < 0 {
		p.faults.add(int(n.line), "", tooManyValues, maxValues)
		return node{}, errStop
	}

	switch t := token.(type) {
	case json.Delim:
		if depth == maxDepth {
			p.faults.add(int(n.line), "", tooDeep, maxDepth)
			return node{}, errStop
		}
		n.start = int32(after - 1)
		if n.shape = shapeList; t == '{' {
			n.shape = shapeObject
		}
		err = p.children(&n, depth+1)
		n.end = int32(p.dec.InputOffset())
	case string:
		n.shape, n.text = shapeText, t
		p.checkText(int(n.line), p.data[before:after], t)
	case json.Number:
		n.shape, n.text = shapeNumber, t.String()
	case bool:
		if n.shape, n.text = shapeBoolean, "false"; t {
			n.text = "true"
		}
	}
	return n, err
}

// children reads the rest of a list or object, its closing bracket included.
func (p *jsonParser) children(n *node, depth int) error {
	first := map[string]int32{} // the line where each key of an object stands
	for p.dec.More() {
		name := ""
		if n.shape == shapeObject {
			key, err := p.value(depth)
			if err != nil {
				return err
			}
			name = key.text
			if line, twice := first[name]; twice {
				p.faults.add(int(key.line), brief(name), givenTwice, line)
			}
			first[name] = key.line
		}
		child, err := p.value(depth)
		if err != nil {
			return err
		}
		child.name = name
		n.children = append(n.children, child)
	}
	_, err := p.dec.Token()
	return err
}

// checkText refuses what JSON can spell with \u and no UTF-8 text in a database can hold: U+0000, and half of a surrogate pair, which
// the decoder silently replaces by U+FFFD.
func (p *jsonParser) checkText(line int, literal []byte, text string) {
	if !bytes.Contains(literal, []byte(`\u`)) {
		return
	}
	replaced := strings.Count(text, "\uFFFD")
	spelled := bytes.Count(literal, []byte("\uFFFD")) + bytes.Count(bytes.ToLower(literal), []byte(`\ufffd`))
	switch {
	case strings.Contains(text, "\x00"):
		p.faults.add(line, "", `the text %s holds \u0000, which can't be stored: remove it`, quote(text))
	case replaced > spelled:
		p.faults.add(line, "", `the text %s holds half of a surrogate pair (\uD800 to \uDFFF), which is no character: remove it`, quote(text))
	}
}

// syntaxFault says what is wrong with the syntax. Comments and commas before a closing bracket are what people write most.
func syntaxFault(data []byte, err error, faults *faults) {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset == 0 {
		faults.add(1, "", "not valid JSON: %v", err)
		return
	}
	offset := int(syntax.Offset) - 1 // Offset counts the bytes read, the wrong one included
	line := func(offset int) int { return newLineCounter(data).at(offset) }
	wrong := data[offset:]
	before := bytes.TrimRight(data[:offset], " \t\r\n")
	switch {
	case strings.Contains(syntax.Error(), "unexpected end"):
		faults.add(line(offset), "", "the JSON ends in the middle: was the document cut off?")
	case strings.Contains(syntax.Error(), "max depth"):
		faults.add(line(offset), "", tooDeep, maxDepth)
	case startsWithAny(wrong, "//", "/*", "#"):
		faults.add(line(offset), "", "a comment, which JSON doesn't have: remove it")
	case startsWithAny(wrong, "}", "]") && bytes.HasSuffix(before, []byte(",")):
		faults.add(line(len(before)-1), "", "a comma before the closing %c, which JSON doesn't have: remove it", wrong[0])
	case startsWithAny(wrong, "NaN", "Infinity"):
		faults.add(line(offset), "", "NaN and Infinity are not numbers of JSON: leave the field out where the value isn't known")
	default:
		faults.add(line(offset), "", "not valid JSON: %v", err)
	}
}

func startsWithAny(data []byte, prefixes ...string) bool {
	for _, p := range prefixes {
		if bytes.HasPrefix(data, []byte(p)) {
			return true
		}
	}
	return false
}
