package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var (
	script = strings.Repeat("console.log('hello');\n", 200) // long enough to be worth compressing

	built = fstest.MapFS{
		"index.html":           {Data: []byte("<p>Run <code>make build</code></p>")},
		"graphiql.html":        {Data: []byte("<title>GraphiQL</title>")},
		"assets/main-a1b2.js":  {Data: []byte(script)},
		"assets/main-a1b2.css": {Data: []byte("body { margin: 0 }")},
	}
	notBuilt = fstest.MapFS{"index.html": built["index.html"]}
)

// get asks without the client's own decompression, so that a test sees what was sent.
func get(t *testing.T, h http.Handler, method, target string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHandlerServes(t *testing.T) {
	t.Parallel()
	type answer struct {
		Status                    int
		ContentType, CacheControl string
	}
	const immutable = "public, max-age=31536000, immutable"
	for name, tc := range map[string]struct {
		dist   fstest.MapFS
		method string
		target string
		want   answer
		body   string
	}{
		"the page":            {built, "GET", "/graphiql", answer{200, "text/html; charset=utf-8", "no-cache"}, "<title>GraphiQL</title>"},
		"a script":            {built, "GET", "/assets/main-a1b2.js", answer{200, "text/javascript; charset=utf-8", immutable}, script},
		"a style sheet":       {built, "GET", "/assets/main-a1b2.css", answer{200, "text/css; charset=utf-8", immutable}, "body { margin: 0 }"},
		"an old asset":        {built, "GET", "/assets/main-0000.js", answer{404, "text/plain; charset=utf-8", ""}, "404 page not found\n"},
		"no list of assets":   {built, "GET", "/assets/", answer{404, "text/plain; charset=utf-8", ""}, "404 page not found\n"},
		"nothing outside":     {built, "GET", "/assets/..%2findex.html", answer{400, "text/plain; charset=utf-8", ""}, "invalid URL path\n"},
		"no other method":     {built, "POST", "/graphiql", answer{405, "text/plain; charset=utf-8", ""}, "Method Not Allowed\n"},
		"what to do, unbuilt": {notBuilt, "GET", "/graphiql", answer{503, "text/html; charset=utf-8", "no-store"}, "<p>Run <code>make build</code></p>"},
		"no assets, unbuilt":  {notBuilt, "GET", "/assets/main-a1b2.js", answer{404, "text/plain; charset=utf-8", ""}, "404 page not found\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := get(t, newHandler(tc.dist), tc.method, tc.target, nil)
			got := answer{res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("Cache-Control")}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(tc.body, body(t, res)); diff != "" {
				t.Errorf("body: -want +got\n%s", diff)
			}
		})
	}
}

func TestPageIsSentAgainOnlyWhenChanged(t *testing.T) {
	t.Parallel()
	h := newHandler(built)
	etag := get(t, h, "GET", "/graphiql", nil).Header.Get("ETag")
	if etag == "" {
		t.Fatal("no ETag")
	}
	ask := map[string]string{"If-None-Match": etag, "Accept-Encoding": "gzip"}
	if got := get(t, h, "GET", "/graphiql", ask).StatusCode; got != http.StatusNotModified {
		t.Errorf("same page: status %d, want 304", got)
	}
	changed := newHandler(fstest.MapFS{"graphiql.html": {Data: []byte("<title>new</title>")}})
	if got := get(t, changed, "GET", "/graphiql", ask).StatusCode; got != http.StatusOK {
		t.Errorf("changed page: status %d, want 200", got)
	}
}

func TestAssetsAreCompressed(t *testing.T) {
	t.Parallel()
	res := get(t, newHandler(built), "GET", "/assets/main-a1b2.js", map[string]string{"Accept-Encoding": "gzip"})
	if got := res.Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("Content-Encoding %q, want gzip", got)
	}
	if sent := len(body(t, res)); sent >= len(script) {
		t.Errorf("sent %d bytes of a script of %d", sent, len(script))
	}
}

func TestEveryAnswerIsSecured(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Content-Security-Policy":    contentSecurityPolicy,
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin",
	}
	for _, target := range []string{"/graphiql", "/assets/main-a1b2.js", "/assets/none.js"} {
		header := get(t, newHandler(built), "GET", target, nil).Header
		got := map[string]string{}
		for name := range want {
			got[name] = header.Get(name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", target, diff)
		}
	}
}

// TestPolicyAllowsNoScriptButFiles fails when somebody loosens the policy to make an error go away.
func TestPolicyAllowsNoScriptButFiles(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"default-src":     "'self'",
		"script-src":      "'self'",
		"worker-src":      "'self'",
		"connect-src":     "'self'",
		"style-src":       "'self' 'unsafe-inline'",
		"font-src":        "'self' data:",
		"img-src":         "'self' data:",
		"object-src":      "'none'",
		"frame-ancestors": "'none'",
		"base-uri":        "'none'",
		"form-action":     "'none'",
	}
	got := map[string]string{}
	for directive := range strings.SplitSeq(contentSecurityPolicy, "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		got[name] = sources
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
