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
type post struct{}

// Supports implements graphql.Transport: what is no POST of JSON is refused by Do, which says why.
func (post) Supports(*http.Request) bool { return true }

// Do implements graphql.Transport.
func (post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	start := graphql.Now()
	params, refused := read(w, r)
	if refused != nil {
		refused.write(w)
		return
	}
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	operation, errs := exec.CreateOperationContext(r.Context(), params)
	if errs != nil {
		respond(w, exec.DispatchError(graphql.WithOperationContext(r.Context(), operation), errs))
		return
	}
	next, ctx := exec.DispatchOperation(r.Context(), operation)
	respond(w, next(ctx))
}

// statusOf is an answer's HTTP status: 200 also where it holds errors, as the GraphQL over HTTP specification has it for
// application/json, but for what clients and proxies must understand without reading it.
func statusOf(answer *graphql.Response) int {
	for _, err := range answer.Errors {
		if err.Extensions["code"] == fault.Unauthenticated {
			return http.StatusUnauthorized
		}
	}
	return http.StatusOK
}

func respond(w http.ResponseWriter, answer *graphql.Response) {
	errs, err := encodeErrors(answer.Errors)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	data := []byte(answer.Data)
	if data == nil {
		data = []byte("null")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(errs)+len(data)+len(`{"data":}`)))
	w.WriteHeader(statusOf(answer))
	for _, part := range [][]byte{[]byte("{"), errs, []byte(`"data":`), data, []byte("}")} {
		if _, err := w.Write(part); err != nil {
			return // a client that went away reads no answer
		}
	}
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
