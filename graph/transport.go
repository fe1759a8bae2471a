package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/internal/fault"
)

// post is GraphQL by POST of JSON. The library's own answers an unreadable body with HTTP 200 and its text, and has
// encoding/json look through each answer twice: a fifth of the Go time of a trace.
type post struct{ documents Documents }

// Supports implements graphql.Transport: what is no POST of JSON is refused by Do, which says why.
func (post) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport.
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	start := graphql.Now()
	w.Header().Set("Cache-Control", "no-store")
	media := negotiate(r.Header)
	if media == "" {
		refused := &refusal{http.StatusNotAcceptable, fault.BadUserInput, "accept " + graphQLResponse + " or " + plainJSON, nil}
		refused.write(w, plainJSON)
		return
	}
	params, refused := p.read(w, r)
	if refused != nil {
		refused.write(w, media)
		return
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	operation, errs := exec.CreateOperationContext(r.Context(), params)
	if errs != nil {
		errs = errs[:min(len(errs), maxErrors)]
		respond(w, media, exec.DispatchError(graphql.WithOperationContext(r.Context(), operation), errs))
		return
	}
	next, ctx := exec.DispatchOperation(r.Context(), operation)
	respond(w, media, next(ctx))
}

// maxErrors of a document are shown; who mends them sees the others.
const maxErrors = 10

// statusOf is an answer's HTTP status (GraphQL over HTTP, 6.4). What clients and proxies must understand without reading it
// has its own status in either media type.
func statusOf(media string, answer *graphql.Response) int {
	refused := answer.Data == nil && len(answer.Errors) > 0 // before anything ran
	for _, err := range answer.Errors {
		switch code := err.Extensions["code"]; {
		case code == fault.Unauthenticated:
			return http.StatusUnauthorized
		case code == fault.RateLimited:
			return http.StatusTooManyRequests
		case refused && media == graphQLResponse && code == fault.Forbidden:
			return http.StatusForbidden
		}
	}
	if refused && media == graphQLResponse {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// respond writes an answer. One that was refused before anything ran has no data.
func respond(w http.ResponseWriter, media string, answer *graphql.Response) {
	// In one piece: written piece by piece, the last would travel in a packet of its own.
	body, err := encode(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for _, err := range answer.Errors {
		if wait, ok := err.Extensions[retryAfter].(int); ok {
			w.Header().Set("Retry-After", strconv.Itoa(wait))
		}
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(statusOf(media, answer))
	_, _ = w.Write(body) //nolint:gosec // JSON, sent as such; a client that went away reads no answer
}

// encode writes an answer.
func encode(answer *graphql.Response) ([]byte, error) {
	errs, err := encodeErrors(answer.Errors)
	if err != nil {
		return nil, err
	}
	name, data := []byte(`"data":`), []byte(answer.Data)
	if data == nil && errs != nil {
		name, errs = nil, errs[:len(errs)-1] // without its comma
	}
	body := make([]byte, 0, len(errs)+len(name)+len(data)+len("{}"))
	return append(append(append(append(append(body, '{'), errs...), name...), data...), '}'), nil
}

// encodeErrors is the "errors" of an answer with a comma behind it; nothing where there are none.
func encodeErrors(errs gqlerror.List) ([]byte, error) {
	if len(errs) == 0 {
		return nil, nil
	}
	encoded, err := json.Marshal(errs)
	if err != nil {
		return nil, fmt.Errorf("encode an answer's errors: %w", err)
	}
	return append(append([]byte(`"errors":`), encoded...), ','), nil
}
