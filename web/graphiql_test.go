package web

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

// TestGraphiQL runs e2e/graphiql.js against the embedded build: GraphiQL works under the policy that Handler sends, and asks
// nothing of any other server.
func TestGraphiQL(t *testing.T) {
	t.Parallel()
	if _, err := dist.Open("dist/graphiql.html"); err != nil {
		lacking(t, "the built web app", "make build")
	}
	if _, err := os.Stat("node_modules/playwright-core"); err != nil {
		lacking(t, "playwright-core", "npm ci, in web/")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		lacking(t, "node", "install Node.js 20.19 or later")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		lacking(t, "chromium", "apt-get install chromium")
	}

	// Go runs a cached test anew when a file that it looked at has changed; what node reads, Go does not see.
	const script = "e2e/graphiql.js"
	if _, err := os.Stat(script); err != nil {
		t.Fatal(err)
	}

	srv := httptest.NewServer(Handler())
	t.Cleanup(srv.Close)
	if out, err := exec.CommandContext(t.Context(), node, script, srv.URL, chromium).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
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
