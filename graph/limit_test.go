package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// refusedBody is what is no GraphQL request, and how POST refuses it.
type refusedBody struct {
	method, contentType, body string
	status                    int
	says                      string
}

const jsonType = "application/json"

func refusedBodies() map[string]refusedBody {
	return map[string]refusedBody{
		"GET":                    {http.MethodGet, "", "", http.StatusMethodNotAllowed, "send GraphQL requests by POST"},
		"a form":                 {http.MethodPost, "application/x-www-form-urlencoded", "query={sites{code}}", http.StatusUnsupportedMediaType, "application/json"},
		"multipart":              {http.MethodPost, "multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType, "application/json"},
		"a document over 64 KiB": {http.MethodPost, jsonType, `{"query":"{sites{code}}` + strings.Repeat("#", 64<<10) + `"}`, http.StatusRequestEntityTooLarge, `"limit":"document"`},
		"variables over 1 MiB":   {http.MethodPost, jsonType, `{"query":"{sites{code}}","variables":{"x":"` + strings.Repeat("a", 1<<20) + `"}}`, http.StatusRequestEntityTooLarge, `"limit":"variables"`},
		"a long name":            {http.MethodPost, jsonType, `{"query":"{sites{code}}","operationName":"` + strings.Repeat("a", 1001) + `"}`, http.StatusRequestEntityTooLarge, `"cost":1001,"limit":"operationName","value":1000`},
		"a body over all":        {http.MethodPost, jsonType, `{"query":"{sites{code}}","x":"` + strings.Repeat("a", 2<<20) + `"}`, http.StatusRequestEntityTooLarge, `"cost":2097184,"limit":"body","value":1310720`},
		"many values":            {http.MethodPost, jsonType, `{"query":"{sites{code}}","variables":{"x":[` + strings.Repeat("{},", 30_000) + `{}]}}`, http.StatusRequestEntityTooLarge, `"cost":20001,"limit":"values"`},
		"deep variables":         {http.MethodPost, jsonType, `{"query":"{sites{code}}","variables":{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}}`, http.StatusRequestEntityTooLarge, `"cost":33,"limit":"nesting"`},
		"64 KiB of junk":         {http.MethodPost, jsonType, strings.Repeat("a", 64<<10), http.StatusBadRequest, "no JSON, at byte 1"},
		"half a body":            {http.MethodPost, jsonType, `{"query":"secret`, http.StatusBadRequest, "it ends early"},
		"two bodies":             {http.MethodPost, jsonType, `{"query":"{sites{code}}"} {}`, http.StatusBadRequest, "no JSON, at byte 27"},
		"empty":                  {http.MethodPost, jsonType, "", http.StatusBadRequest, "no JSON"},
		"a list":                 {http.MethodPost, jsonType, `[{"query":"{sites{code}}"}]`, http.StatusBadRequest, "no JSON object"},
		"null":                   {http.MethodPost, jsonType, `null`, http.StatusBadRequest, "no JSON object"},
		"no query":               {http.MethodPost, jsonType, `{"variables":{}}`, http.StatusBadRequest, `no \"query\"`},
		"query in capitals":      {http.MethodPost, jsonType, `{"QUERY":"{sites{code}}"}`, http.StatusBadRequest, `no \"query\"`},
		"query twice":            {http.MethodPost, jsonType, `{"query":"{sites{code}}","que\u0072y":"secret"}`, http.StatusBadRequest, "the body: one name stands there twice"},
		"a variable twice":       {http.MethodPost, jsonType, `{"query":"{sites{code}}","variables":{"secret":1,"secret":2}}`, http.StatusBadRequest, "variables: one name stands there twice"},
		"query a number":         {http.MethodPost, jsonType, `{"query":5}`, http.StatusBadRequest, "query can't be a JSON number"},
		"variables text":         {http.MethodPost, jsonType, `{"query":"{sites{code}}","variables":"secret"}`, http.StatusBadRequest, "variables can't be a JSON string"},
		"another character set":  {http.MethodPost, jsonType + "; charset=utf-16", `{"query":"{sites{code}}"}`, http.StatusUnsupportedMediaType, "in UTF-8"},
	}
}

// TestRefusedBodies: what is no GraphQL request gets a status that says so, and never its own text back.
func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	for name, tc := range refusedBodies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), tc.method, "/graphql", strings.NewReader(tc.body))
			r.Header.Set("Content-Type", tc.contentType)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.says) {
				t.Errorf("%d %s; want %d with %q", w.Code, w.Body, tc.status, tc.says)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the body came back: %s", w.Body)
			}
		})
	}
}

// refusedDocument has too much of something.
type refusedDocument struct {
	document    string
	limit       string
	value, cost int
}

func (d refusedDocument) extensions() string {
	return fmt.Sprintf(`"extensions":{"code":"LIMIT","cost":%d,"limit":"%s","value":%d}`, d.cost, d.limit, d.value)
}

func refusedDocuments() map[string]refusedDocument {
	numbered := func(n int, text string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.NewReplacer("<i>", strconv.Itoa(i), "<j>", strconv.Itoa(i+1)).Replace(text))
		}
		return b.String()
	}
	return map[string]refusedDocument{
		"tokens":                  {"{" + strings.Repeat("sites{code}", 400) + "}", "tokens", 1000, 1602},
		"depth":                   {strings.Repeat("{a", 17) + strings.Repeat("}", 17), "depth", 16, 17},
		"depth by fragments":      {"{...f0}" + numbered(17, "fragment f<i> on Query{a{...f<j>}}"), "depth", 16, 18},
		"a fragment bomb":         {"{...f0}" + numbered(60, "fragment f<i> on Query{a{...f<j>} b{...f<j>}}"), "depth", 16, 61},
		"fields":                  {"{" + numbered(201, "a<i> ") + "}", "fields", 200, 201},
		"aliases":                 {"{" + numbered(31, "a<i>:sites{code}") + "}", "aliases", 30, 31},
		"directives":              {"{sites" + strings.Repeat("@skip(if:false)", 21) + "{code}}", "directives", 20, 21},
		"directives on variables": {"query($a:Int" + strings.Repeat("@a", 21) + "){sites{code}}", "directives", 20, 21},
		"operations":              {numbered(11, "query q<i>{sites{code}}"), "operations", 10, 11},
		"two logins":              {`mutation{login{a} again:login{a}}`, "login", 1, 2},
		"logins in a fragment":    {`mutation{...a ...{x}} fragment a on Mutation{login{a}}`, "login", 1, 2},
	}
}

// TestRefusedDocuments: a document that has too much of something is refused before it is validated, with the limit's name,
// its value, and what the document has.
func TestRefusedDocuments(t *testing.T) {
	t.Parallel()
	for name, tc := range refusedDocuments() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer, ran := ask(t, demoHandler(t), tc.document, nil)
			if status != http.StatusOK || !strings.Contains(string(answer), tc.extensions()) || len(ran.names) > 0 {
				t.Errorf("%d %.500s; want %s; ran %v", status, answer, tc.extensions(), ran.names)
			}
		})
	}
}

// TestMediaTypes: a client gets what it accepts, with the status that belongs to it.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	const good, bad = `{"query":"{__typename}"}`, `{"query":"{nowhere}"}`
	for name, tc := range map[string]struct {
		accept, body string
		status       int
		media        string
	}{
		"nothing said":   {"", good, http.StatusOK, "application/json"},
		"anything":       {"*/*", good, http.StatusOK, "application/json"},
		"the older":      {"application/json", bad, http.StatusOK, "application/json"},
		"the newer":      {"application/graphql-response+json", good, http.StatusOK, "application/graphql-response+json"},
		"the newer, bad": {"application/graphql-response+json; charset=utf-8", bad, http.StatusBadRequest, "application/graphql-response+json"},
		"newer rather":   {"application/json;q=0.9, application/graphql-response+json", good, http.StatusOK, "application/graphql-response+json"},
		"newer or else":  {"application/graphql-response+json;q=0.1, */*;q=0.5", good, http.StatusOK, "application/json"},
		"neither":        {"text/html", good, http.StatusNotAcceptable, "application/json"},
		"never":          {"application/json;q=0", good, http.StatusNotAcceptable, "application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(tc.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", tc.accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Header().Get("Content-Type"); w.Code != tc.status || got != tc.media {
				t.Errorf("%d %s; want %d %s: %s", w.Code, got, tc.status, tc.media, w.Body)
			}
		})
	}
}
