// Package web is the part of flowviz that runs in a browser: built by Vite into dist, and carried inside the binary.
//
// Invariant: a page needs nothing but this server. Scripts, styles and workers are files of its own origin, and the headers
// sent along make the browser refuse any other, so the pages work on a plant's network that reaches nothing else.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

// dist holds what `make build` built. Where that never ran, it holds index.html alone, which is committed and says so.
//
//go:embed all:dist
var dist embed.FS

// contentSecurityPolicy is sent with each page and asset; a worker is held to the policy that came with its own file.
//
//   - script-src and worker-src: files only. No 'unsafe-inline', no 'unsafe-eval', no blob: workers.
//   - style-src: Monaco, GraphiQL's editor, positions each line by a style attribute in markup that it makes as a string. A
//     nonce can't allow an attribute, and hashes would be as many as positions, so 'unsafe-inline' stays, for styles alone.
//   - font-src and img-src: GraphiQL's style sheet carries its fonts and a few icons as data: URLs.
const contentSecurityPolicy = "default-src 'self'; script-src 'self'; worker-src 'self'; connect-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; object-src 'none'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Handler serves GraphiQL at /graphiql and the files that it loads under /assets/; mount it at both paths. It compresses what
// it sends for clients that accept that, so that a caller need not, and is not in the way of one that does.
//
// In a binary without the web app, /graphiql answers 503 with a page that says how to build it.
func Handler() http.Handler {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // a defect: "dist" is no valid path
	}
	return newHandler(built)
}

// newHandler serves a dist folder: graphiql.html with its assets, or index.html alone, the placeholder.
func newHandler(dist fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		// A file's name changes with its content, so a year is safe. ServeFileFS drops the header from a 404.
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeFileFS(w, r, dist, "assets/"+r.PathValue("file"))
	})
	// A file of an embedded folder can be read unless it isn't there.
	if page, err := fs.ReadFile(dist, "graphiql.html"); err == nil {
		mux.HandleFunc("GET /graphiql", servePage(page))
	} else {
		placeholder, _ := fs.ReadFile(dist, "index.html")
		mux.HandleFunc("GET /graphiql", serveNotBuilt(placeholder))
	}
	return gzhttp.GzipHandler(secure(mux))
}

// servePage serves a page that names the current assets, so a browser must ask each time whether it has changed.
func servePage(page []byte) http.HandlerFunc {
	// Weak, because the compressed page is sent with the same one.
	sum := sha256.Sum256(page)
	etag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", etag)
		http.ServeContent(w, r, "page.html", time.Time{}, bytes.NewReader(page))
	}
}

// serveNotBuilt answers with the placeholder, which says how to build what is missing.
func serveNotBuilt(placeholder []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write(placeholder) // a reader that went away is no fault of ours
	}
}

// secure adds the headers that hold a browser to the package's invariant.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", contentSecurityPolicy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
