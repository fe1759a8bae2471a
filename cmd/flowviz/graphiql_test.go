package main

import (
	"net/http"
	"os"
	"os/exec"
	"testing"

	"flowviz/internal/demo/demotest"
)

// TestReadmeInABrowser: who starts the demo, signs in to GraphiQL and pastes the README's query gets the README's answer.
func TestReadmeInABrowser(t *testing.T) {
	t.Parallel()
	const script = "../../web/e2e/readme.js"
	node, err := exec.LookPath("node")
	if err != nil {
		lacking(t, "node", "install Node.js 20.19 or later")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		lacking(t, "chromium", "apt-get install chromium")
	}
	if _, err := os.Stat("../../web/node_modules/playwright-core"); err != nil {
		lacking(t, "playwright-core", "npm ci, in web/")
	}
	_, err = os.Stat(script) // so that Go runs a cached test anew when it has changed
	check(t, err)

	const password = "FLOWVIZ_DEMO_PASSWORD=a viewer's demo password"
	s := serve(t, append(atURL(demotest.Template(t).URL(t)), password), "demo")
	if status, _, _ := get(t, s.url+"/graphiql"); status == http.StatusServiceUnavailable {
		lacking(t, "the built web app", "make build")
	}
	cmd := exec.CommandContext(t.Context(), node, script, s.url, chromium)
	cmd.Env = append(os.Environ(), password)
	if out, err := cmd.CombinedOutput(); err != nil {
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
