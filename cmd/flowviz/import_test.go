package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowviz/db/dbtest"
)

func TestImportScenario(t *testing.T) {
	t.Parallel()
	const soup = root + "/internal/scenario/definition/testdata/soup.json"
	text, err := os.ReadFile(soup)
	check(t, err)
	write := func(name, old, replacement string) string {
		path := filepath.Join(t.TempDir(), name)
		changed := strings.Replace(string(text), old, replacement, 1)
		if changed == string(text) {
			t.Fatalf("%s has no %s", soup, old)
		}
		check(t, os.WriteFile(path, []byte(changed), 0o600))
		return path
	}
	faulty := write("faulty.json", `"key"`, `"kee"`)
	newer := write("newer.json", `"version": "0.1.0"`, `"version": "0.2.0"`)
	changed := write("changed.json", `Vegetable soup`, `Vegetable stew`)
	environ := atURL(dbtest.URL(t))

	r := flowviz(t.Context(), environ, "import", "scenario", soup, faulty, "nowhere.json")
	if r.code == 0 || r.stdout != "" || !strings.Contains(r.stderr, faulty+":") || !strings.Contains(r.stderr, "nowhere.json") {
		t.Errorf("a faulty and a missing file: %+v", r)
	}
	for _, c := range []struct{ file, want string }{
		{soup, "is stored, PUBLISHED"}, // and so the faulty import stored nothing
		{soup, "was stored before, PUBLISHED"},
		{newer, "is stored, DRAFT"},
	} {
		if out := must(t, environ, "import", "scenario", c.file); !strings.Contains(out, c.want) || !strings.Contains(out, c.file) {
			t.Errorf("%s: %s", c.file, out)
		}
	}
	r = flowviz(t.Context(), environ, "import", "scenario", changed)
	if r.code == 0 || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, changed) || !strings.Contains(r.stderr, "other content") {
		t.Errorf("other content under a version that is stored: %+v", r)
	}
}

// TestImportEpcis imports while a server runs on the same folder, without naming a site, and asks that server.
func TestImportEpcis(t *testing.T) {
	t.Parallel()
	const plant = root + "/internal/epcis/document/testdata/plant.jsonld"
	const faulty = root + "/internal/epcis/document/testdata/faults/cut-off.json"
	environ := []string{"FLOWVIZ_DATA=" + embedded(t), "FLOWVIZ_DEMO_PASSWORD=" + demoPassword}
	must(t, environ, "migrate", "up")
	if r := flowviz(t.Context(), environ, "import", "epcis", plant); r.code == 0 || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "no site yet") {
		t.Errorf("without a site: %+v", r)
	}

	s := serve(t, environ, "demo")
	const query = `{"query": "{ lots(filter: {site: \"DUNA\"}, first: 1) { totalCount } }"}`
	before := s.ask(demoPassword, query)
	r := flowviz(t.Context(), environ, "import", "epcis", faulty, "nowhere.json", plant)
	if r.code == 0 || !strings.Contains(r.stderr, faulty+":") || !strings.Contains(r.stderr, "nowhere.json") {
		t.Errorf("a faulty and a missing file: %+v", r)
	}
	if !strings.Contains(r.stdout, plant+": ") || !strings.Contains(r.stdout, "site DUNA") || strings.Contains(r.stdout, " 0 new lots") {
		t.Errorf("the file without a fault: %s", r.stdout)
	}
	if after := s.ask(demoPassword, query); after == before || strings.Contains(after, "errors") {
		t.Errorf("lots before %s, after %s", before, after)
	}
	if again := must(t, environ, "import", "epcis", "--site", "DUNA", plant); !strings.Contains(again, " 0 events taken in") {
		t.Errorf("again: %s", again)
	}
	r = flowviz(t.Context(), environ, "import", "epcis", "--site", "NOPE", plant)
	if r.code == 0 || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "DUNA, TISZ") {
		t.Errorf("an unknown site: %+v", r)
	}
}
