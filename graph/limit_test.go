package graph_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRefusedBodies: what is no GraphQL request gets a status that says so, and never its own text back.
func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	const jsonType = "application/json"
	for name, tc := range map[string]struct {
		method, contentType, body string
		status                    int
		says                      string
	}{
		"GET":            {http.MethodGet, "", "", http.StatusMethodNotAllowed, "send GraphQL requests by POST"},
		"a form":         {http.MethodPost, "application/x-www-form-urlencoded", "query={sites{code}}", http.StatusUnsupportedMediaType, "application/json"},
		"multipart":      {http.MethodPost, "multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType, "application/json"},
		"over 64 KiB":    {http.MethodPost, jsonType, `{"query":"{sites{code}}","variables":{"x":"` + strings.Repeat("a", 64<<10) + `"}}`, http.StatusRequestEntityTooLarge, "64 KiB"},
		"64 KiB of junk": {http.MethodPost, jsonType, strings.Repeat("a", 64<<10), http.StatusBadRequest, "no JSON, at byte 1"},
		"empty":          {http.MethodPost, jsonType, "", http.StatusBadRequest, "no JSON"},
		"a list":         {http.MethodPost, jsonType, `[{"query":"{sites{code}}"}]`, http.StatusBadRequest, "no JSON object"},
		"no query":       {http.MethodPost, jsonType, `{"variables":{}}`, http.StatusBadRequest, `no "query"`},
		"query a number": {http.MethodPost, jsonType, `{"query":5}`, http.StatusBadRequest, "query can't be a JSON number"},
		"variables text": {http.MethodPost, jsonType, `{"query":"{sites{code}}","variables":"secret"}`, http.StatusBadRequest, "variables can't be a JSON string"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), tc.method, "/graphql", strings.NewReader(tc.body))
			r.Header.Set("Content-Type", tc.contentType)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), strings.ReplaceAll(tc.says, `"`, `\"`)) {
				t.Errorf("%d %s; want %d with %q", w.Code, w.Body, tc.status, tc.says)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the body came back: %s", w.Body)
			}
		})
	}
}

// TestManyTokens: a document with more than 1,000 tokens is refused before it is validated.
func TestManyTokens(t *testing.T) {
	t.Parallel()
	_, answer, ran := ask(t, demoHandler(t), "{"+strings.Repeat("sites{code}", 400)+"}", nil)
	if !strings.Contains(string(answer), "exceeded token limit of 1000") || len(ran.names) > 0 {
		t.Errorf("%s; ran %v", answer, ran.names)
	}
}
