package graph_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"flowviz/db"
	"flowviz/graph"
	"flowviz/internal/identity"
)

// TestHTTPAudits runs the audits of the GraphQL over HTTP specification that npm's graphql-http has.
func TestHTTPAudits(t *testing.T) {
	t.Parallel()
	const folder = "../tools/graphql-http"
	node, err := exec.LookPath("node")
	if err != nil {
		lacking(t, "node", "install Node.js 20.19 or later")
	}
	if _, err := os.Stat(folder + "/node_modules/graphql-http"); err != nil {
		lacking(t, "graphql-http", "npm ci, in tools/graphql-http/")
	}
	api, viewer := guarded(t, graph.Edge{}), actor(t, db.RoleVIEWER)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.ServeHTTP(w, r.WithContext(identity.WithActor(r.Context(), viewer)))
	}))
	t.Cleanup(srv.Close)
	out, err := exec.CommandContext(t.Context(), node, folder+"/audit.mjs", srv.URL).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		t.Log(strings.TrimSpace(line))
	}
}

// lacking skips a test for want of a tool; in CI, which installs every tool, it fails it.
func lacking(t *testing.T, what, howTo string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("needs %s: %s", what, howTo)
	}
	t.Skipf("needs %s: %s", what, howTo)
}
