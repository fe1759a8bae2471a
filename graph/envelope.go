package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/internal/fault"
)

const (
	// maxDocument bounds a document: the largest of the web app has 3 KB.
	maxDocument = 64 << 10
	// maxVariables bounds variables as JSON; a batch of 1,000 lots has some 200 KB.
	maxVariables = 1 << 20
	// maxBody holds both, with room for quotes and line breaks that JSON escapes, and for extensions.
	maxBody = maxVariables + 4*maxDocument
	// maxValues bounds the values of a body: 1 MiB of "{}," is 350,000 maps, and 40 MB.
	maxValues = 20_000
	// maxName bounds the name of an operation, and a document's id.
	maxName = 1_000
	// maxNesting bounds lists and objects in each other.
	maxNesting = 32
	// firstBytes are read before memory for what a client says that it will send is taken.
	firstBytes = 64 << 10
)

// refusal is why a body is no GraphQL request, with its HTTP status.
type refusal struct {
	status     int
	code       fault.Code
	reason     string
	extensions map[string]any
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: fault.BadUserInput, reason: fmt.Sprintf(format, args...)}
}

// tooLarge refuses a body by a limit. cost is how much there was, as far as it was counted.
func tooLarge(name string, limit, cost int, format string, args ...any) *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, fault.Limit, fmt.Sprintf(format, args...), map[string]any{"limit": name, "value": limit, "cost": cost}}
}

// read takes a request's parameters from its body, or says why it can't.
func (p post) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, &refusal{http.StatusMethodNotAllowed, fault.BadUserInput, "send GraphQL requests by POST", nil}
	}
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := parameters["charset"]; err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, &refusal{http.StatusUnsupportedMediaType, fault.BadUserInput, "send GraphQL requests as Content-Type: application/json, in UTF-8", nil}
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, maxBody), r.ContentLength)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge("body", maxBody, max(int(r.ContentLength), maxBody+1), "the request's body is larger than %d KiB: ask for less at once", maxBody>>10)
	case err != nil:
		return nil, badRequest("the request's body ended early")
	}
	return parse(body, p.documents)
}

// readAll reads a body without growing its memory many times over.
func readAll(r io.Reader, length int64) ([]byte, error) {
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, firstBytes); errors.Is(err, io.EOF) {
		return b.Bytes(), nil
	} else if err != nil {
		return nil, err
	}
	if length > firstBytes && length <= maxBody {
		b.Grow(int(length) - firstBytes + bytes.MinRead)
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

// parse reads a body. Its refusals never quote it: it may hold a password. Members are named exactly, and once: what
// reads a request before this server must not have read another one.
func parse(body []byte, documents Documents) (*graphql.RawParams, *refusal) {
	if refused := wellFormed(body); refused != nil {
		return nil, refused
	}
	d := &decoder{body: body}
	members, refused := d.object("", 0)
	if refused != nil {
		return nil, refused
	}
	params := &graphql.RawParams{}
	var ok bool
	var id string
	for name, into := range map[string]*string{"query": &params.Query, "operationName": &params.OperationName, "documentId": &id} {
		if *into, ok = members[name].(string); !ok && members[name] != nil {
			return nil, badRequest("%s can't be a JSON %s", name, kindOf(members[name]))
		}
	}
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if *into, ok = members[name].(map[string]any); !ok && members[name] != nil {
			return nil, badRequest("%s can't be a JSON %s", name, kindOf(members[name]))
		}
	}
	for name, text := range map[string]string{"operationName": params.OperationName, "documentId": id} {
		if len(text) > maxName {
			return nil, tooLarge(name, maxName, len(text), "%s is longer than %d bytes", name, maxName)
		}
	}
	switch {
	case len(params.Query) > maxDocument:
		return nil, longDocument(len(params.Query))
	case d.variables > maxVariables:
		return nil, tooLarge("variables", maxVariables, d.variables, "the variables are larger than %d KiB: send less at once", maxVariables>>10)
	}
	if refused := documents.find(params, id); refused != nil {
		return nil, refused
	}
	return params, nil
}

// wellFormed refuses what is no JSON object.
func wellFormed(body []byte) *refusal {
	var syntax *json.SyntaxError
	err := json.Unmarshal(body, &struct{}{})
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(body)):
		return badRequest("the body is no JSON: it ends early")
	case errors.As(err, &syntax):
		return badRequest("the body is no JSON, at byte %d", syntax.Offset)
	case err != nil, bytes.TrimLeft(body, " \t\r\n")[0] != '{':
		return badRequest(`the body is no JSON object: send {"query": "…", "variables": {…}}`)
	}
	return nil
}

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case json.Number:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	}
	return "object"
}

// decoder reads a body that wellFormed found to be JSON. encoding/json takes the last of two members of one name, folds their
// case, and needs four times the memory.
type decoder struct {
	body      []byte
	at        int
	values    int
	variables int // bytes of the member "variables"
}

// object reads one; path is where it stands, "" for the body.
func (d *decoder) object(path string, nesting int) (map[string]any, *refusal) {
	members := map[string]any{}
	for d.begin(); d.more(); {
		name := d.name()
		if _, twice := members[name]; twice {
			return nil, badRequest("%s: one name stands there twice", place(path))
		}
		inside, start := path, d.at
		if nesting == 0 {
			inside = name
			if refused := d.longDocument(name); refused != nil {
				return nil, refused
			}
		}
		value, refused := d.value(inside, nesting+1)
		if refused != nil {
			return nil, refused
		}
		if nesting == 0 && name == "variables" {
			d.variables = d.at - start
		}
		members[name] = value
	}
	return members, nil
}

// begin passes over the bracket with which an object or a list begins.
func (d *decoder) begin() {
	d.space()
	d.at++
}

// more reports whether another member or element follows. It passes over the comma before, and over the bracket at the end.
func (d *decoder) more() bool {
	next := d.space()
	if next == ',' {
		d.at++
		return true
	}
	if next == '}' || next == ']' {
		d.at++
		return false
	}
	return true
}

// name reads a member's, and passes over the colon.
func (d *decoder) name() string {
	name := d.text()
	d.space()
	d.at++
	return name
}

// longDocument refuses a document by its spelling, where it is too long however much of that are escapes: it needn't be copied to know.
func (d *decoder) longDocument(name string) *refusal {
	const escaped = len(`\u0000`) // a letter, at most
	if name != "query" || d.space() != '"' {
		return nil
	}
	ahead := decoder{body: d.body, at: d.at}
	if length := len(ahead.quoted()) - len(`""`); length > escaped*maxDocument {
		return longDocument(length)
	}
	return nil
}

func longDocument(length int) *refusal {
	return tooLarge("document", maxDocument, length, "the document is larger than %d KiB: ask for less at once", maxDocument>>10)
}

// place names a member of the body that this server knows; others are the client's own words.
func place(path string) string {
	switch path {
	case "variables", "extensions":
		return path
	}
	return "the body"
}

func (d *decoder) value(path string, nesting int) (any, *refusal) {
	d.values++
	if d.values > maxValues {
		return nil, tooLarge("values", maxValues, maxValues+1, "the body holds more than %d values: send less at once", maxValues)
	}
	if nesting > maxNesting {
		return nil, tooLarge("nesting", maxNesting, maxNesting+1, "lists and objects stand more than %d deep in each other", maxNesting)
	}
	switch d.space() {
	case '{':
		return d.object(path, nesting)
	case '[':
		return d.list(path, nesting)
	case '"':
		return d.text(), nil
	case 't':
		d.at += len("true")
		return true, nil
	case 'f':
		d.at += len("false")
		return false, nil
	case 'n':
		d.at += len("null")
		return nil, nil
	}
	start := d.at
	for strings.IndexByte("+-.0123456789Ee", d.body[d.at]) >= 0 {
		d.at++
	}
	return json.Number(d.body[start:d.at]), nil // a float would lose what a decimal says
}

func (d *decoder) list(path string, nesting int) ([]any, *refusal) {
	list := []any{}
	for d.begin(); d.more(); {
		value, refused := d.value(path, nesting+1)
		if refused != nil {
			return nil, refused
		}
		list = append(list, value)
	}
	return list, nil
}

// space passes over white space, and returns what stands behind it.
func (d *decoder) space() byte {
	for strings.IndexByte(" \t\r\n", d.body[d.at]) >= 0 {
		d.at++
	}
	return d.body[d.at]
}

// quoted reads a string as it is spelled.
func (d *decoder) quoted() []byte {
	d.space()
	start := d.at
	for d.at++; d.body[d.at] != '"'; d.at++ {
		if d.body[d.at] == '\\' {
			d.at++
		}
	}
	d.at++
	return d.body[start:d.at]
}

// raw reads a value as it is spelled.
func (d *decoder) raw() []byte {
	d.space()
	start := d.at
	for open := 0; ; {
		switch d.space() {
		case '"':
			d.quoted()
		case '{', '[':
			open++
			d.at++
		case '}', ']':
			open--
			d.at++
		default:
			d.at++ // of a number or a word, or between values
		}
		if open == 0 && strings.IndexByte(",}] \t\r\n", d.body[d.at]) >= 0 {
			return d.body[start:d.at]
		}
	}
}

// text reads a string.
func (d *decoder) text() string {
	raw := d.quoted()
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	_ = json.Unmarshal(raw, &s) // the body was found to be JSON
	return s
}

// write answers with the reason, in the form of a GraphQL error.
func (r *refusal) write(w http.ResponseWriter, media string) {
	w.Header().Set("Content-Type", media)
	w.WriteHeader(r.status)
	answer := map[string]any{"errors": r.errors()}
	_ = json.NewEncoder(w).Encode(answer) // a client that went away reads no refusal
}

// errors are the refusal as GraphQL errors.
func (r *refusal) errors() json.RawMessage {
	extensions := map[string]any{"code": r.code}
	maps.Copy(extensions, r.extensions)
	encoded, _ := json.Marshal([]any{map[string]any{"message": r.reason, "extensions": extensions}}) // texts and numbers
	return encoded
}
