package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
)

// TestAuditVerify: a server signs what an import wrote, and who changes it afterwards is found out; without checkpoints, only
// who doesn't know how to compute the chain.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	url, folder := dbtest.URL(t), t.TempDir()
	signing := append(atURL(url), "FLOWVIZ_CHECKPOINTS=file://"+filepath.Join(folder, "kept"), "FLOWVIZ_CHECKPOINT_KEY="+filepath.Join(folder, "key"))
	pool := sitesAt(t, url, "DUNA", "TISZ")
	must(t, atURL(url), "import", "scenario", root+"/internal/scenario/definition/testdata/soup.json")
	must(t, atURL(url), "import", "epcis", "--site", "TISZ", root+"/internal/epcis/document/testdata/plant.jsonld")

	if out := must(t, atURL(url), "audit", "verify"); !strings.Contains(out, "site DUNA: 1 events, intact") || !strings.Contains(out, "site TISZ: 2 events, intact") ||
		!strings.Contains(out, "There are no checkpoints") {
		t.Errorf("without checkpoints: %s", out)
	}
	var programs string
	check(t, pool.QueryRow(t.Context(), "SELECT string_agg(program || ' ' || subject_label, ', ' ORDER BY id) FROM audit_event").Scan(&programs))
	if programs != "flowviz import scenario vegetable-soup 0.1.0, flowviz import scenario vegetable-soup 0.1.0, flowviz import epcis TISZ" {
		t.Errorf("logged: %s", programs)
	}

	s := serve(t, signing, "serve")
	appears(t, filepath.Join(folder, "kept", "TISZ.jsonl"))
	s.stop()
	if out := must(t, signing, "audit", "verify"); !strings.Contains(out, "site TISZ: 2 events, intact; 1 checkpoints vouch for 2 of them") {
		t.Errorf("with checkpoints: %s", out)
	}
	if out := must(t, signing, "audit", "key"); !strings.Contains(out, "BEGIN PUBLIC KEY") || strings.Contains(out, "PRIVATE") {
		t.Errorf("the key: %s", out)
	}

	_, err := pool.Exec(t.Context(), `DELETE FROM audit_event WHERE sequence = 2;
		UPDATE site_head h SET audit_sequence = 1, audit_hash = a.hash FROM audit_event a WHERE a.site_id = h.site_id`)
	check(t, err)
	r := flowviz(t.Context(), signing, "audit", "verify")
	if r.code == 0 || !strings.Contains(r.stdout, "site DUNA: 1 events, intact") || strings.Count(r.stderr, "\n") != 1 ||
		!strings.HasPrefix(r.stderr, "site TISZ: CUT: event 2 and those after it are missing") {
		t.Errorf("a tail cut off: %+v", r)
	}
	must(t, signing, "audit", "verify", "--site", "DUNA")
	must(t, atURL(url), "audit", "verify")
}

func TestBadCheckpointSettings(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	for setting, want := range map[string]string{
		"FLOWVIZ_CHECKPOINTS=/var/lib":       "FLOWVIZ_CHECKPOINTS: ",
		"FLOWVIZ_CHECKPOINTS=file://var/lib": "FLOWVIZ_CHECKPOINTS: ",
		"FLOWVIZ_CHECKPOINTS=s3://":          "FLOWVIZ_CHECKPOINTS: ",
		"FLOWVIZ_CHECKPOINTS=s3://bucket":    "FLOWVIZ_S3_ENDPOINT: ",
	} {
		r := flowviz(t.Context(), append(atURL(url), setting), "audit", "verify")
		if r.code == 0 || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: %+v", setting, r)
		}
	}
	if r := flowviz(t.Context(), atURL(url), "audit", "verify", "--site", "NONE"); r.code == 0 || !strings.Contains(r.stderr, `there is no site "NONE"`) {
		t.Errorf("an unknown site: %+v", r)
	}
}

// sitesAt makes plants.
func sitesAt(t *testing.T, url string, codes ...string) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), url, nil)
	check(t, err)
	t.Cleanup(pool.Close)
	for _, code := range codes {
		_, err := db.New(pool).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "Europe/Budapest"})
		check(t, err)
	}
	return pool
}

// appears waits for a file.
func appears(t *testing.T, file string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	bound := time.After(time.Minute)
	for {
		if _, err := os.Stat(file); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-bound:
			t.Fatalf("%s doesn't appear", file)
		}
	}
}
