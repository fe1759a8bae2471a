package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/internal/fault"
)

const (
	// maxBody bounds a request: the largest query of the web app is 3 KB, and a batch of 1,000 lots fits.
	maxBody = 64 << 10
	// maxTokens bounds a query before it is validated, which is quadratic: 1,000 tokens take 68 ms, 9,000 fields 5.8 s.
	maxTokens = 1_000
)

// refusal is why a body is no GraphQL request, with its HTTP status.
type refusal struct {
	status int
	reason string
}

// read takes a request's parameters from its body, or says why it can't.
func read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, &refusal{http.StatusMethodNotAllowed, "send GraphQL requests by POST"}
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, &refusal{http.StatusUnsupportedMediaType, "send GraphQL requests as Content-Type: application/json"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the request's body is larger than %d KiB: ask for less at once", maxBody>>10)}
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "the request's body ended early"}
	}
	return parse(body)
}

// parse reads a body. Its refusals never quote it: it may hold a password.
func parse(body []byte) (*graphql.RawParams, *refusal) {
	var params graphql.RawParams
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var reason string
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // a float would lose what a decimal says
	err := decoder.Decode(&params)
	if err == nil {
		err = atEnd(decoder)
	}
	switch {
	case errors.As(err, &syntax):
		reason = fmt.Sprintf("the body is no JSON, at byte %d: %v", syntax.Offset, syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		reason = "the body is no JSON: it ends early"
	case errors.As(err, &kind) && kind.Field == "":
		reason = `the body is no JSON object: send {"query": "…", "variables": {…}}`
	case errors.As(err, &kind):
		reason = fmt.Sprintf("%s can't be a JSON %s", kind.Field, kind.Value)
	case err != nil:
		reason = "the body is no GraphQL request: " + err.Error()
	case params.Query == "":
		reason = `the body has no "query"`
	default:
		return &params, nil
	}
	return nil, &refusal{http.StatusBadRequest, reason}
}

// atEnd refuses what follows the value.
func atEnd(decoder *json.Decoder) error {
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it holds more than one value")
	}
	return nil
}

// write answers with the reason, in the form of a GraphQL error.
func (r *refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	answer := map[string]any{"errors": []any{map[string]any{"message": r.reason, "extensions": map[string]any{"code": fault.BadUserInput}}}}
	_ = json.NewEncoder(w).Encode(answer) // a client that went away reads no refusal
}
