package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"flowviz/internal/fault"
)

const (
	// maxBody bounds a request: the largest query of the web app is 3 KB, and a batch of 1,000 lots fits.
	maxBody = 64 << 10
	// maxTokens bounds a query before it is validated, which is quadratic: 1,000 tokens take 68 ms, 9,000 fields 5.8 s.
	maxTokens = 1_000
)

// limitBody refuses what is no GraphQL request before anything of it is parsed. The library would answer such a body with
// HTTP 200 and its text.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, http.StatusMethodNotAllowed, "send GraphQL requests by POST")
			return
		}
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, "send GraphQL requests as Content-Type: application/json")
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the request's body is larger than %d KiB: ask for less at once", maxBody>>10))
			return
		case err != nil:
			refuse(w, http.StatusBadRequest, "the request's body ended early")
			return
		}
		if reason := malformed(body); reason != "" {
			refuse(w, http.StatusBadRequest, reason)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// malformed says what keeps a body from being a GraphQL request; "" where nothing does.
func malformed(body []byte) string {
	var request struct {
		Query         *string        `json:"query"`
		OperationName *string        `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch err := json.Unmarshal(body, &request); {
	case errors.As(err, &syntax):
		return fmt.Sprintf("the body is no JSON, at byte %d: %v", syntax.Offset, syntax)
	case errors.As(err, &kind) && kind.Field == "":
		return `the body is no JSON object: send {"query": "…", "variables": {…}}`
	case errors.As(err, &kind):
		return fmt.Sprintf("%s can't be a JSON %s", kind.Field, kind.Value)
	case err != nil:
		return "the body is no GraphQL request"
	case request.Query == nil || *request.Query == "":
		return `the body has no "query"`
	}
	return ""
}

func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answer := map[string]any{"errors": []any{map[string]any{"message": reason, "extensions": map[string]any{"code": fault.BadUserInput}}}}
	_ = json.NewEncoder(w).Encode(answer) // a client that went away reads no refusal
}
