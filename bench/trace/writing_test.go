package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/bench/lab"
)

func TestParts(t *testing.T) {
	t.Parallel()
	got, err := parts([]byte(`[{"Plan": {"Actual Total Time": 12.5, "Actual Rows": 1.00, "Actual Loops": 1, "Plans": [
		{"Subplan Name": "CTE reached", "Actual Total Time": 4, "Actual Rows": 300, "Actual Loops": 2, "Plans": [{"Actual Total Time": 3}]},
		{"Actual Total Time": 1, "Plans": [{"Subplan Name": "CTE amount", "Actual Total Time": 5, "Actual Rows": 10, "Actual Loops": 1}]}]},
		"Execution Time": 13.5}]`))
	want := []Part{{"reached", 600, 8}, {"amount", 10, 5}, {"all", 1, 13.5}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if _, err := parts([]byte(`[]`)); err == nil {
		t.Error("no plan is accepted")
	}
}

func TestStoredQuery(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.sql")
	if err := os.WriteFile(file, []byte("-- name: A :one\nSELECT @id, @id_of;\n\n-- name: B :exec\nSELECT @id;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := storedQuery(file, "A", map[string]string{"id": "1", "id_of": "2"})
	if err != nil || strings.TrimSpace(got) != "SELECT 1, 2;" {
		t.Errorf("%q, error %v", got, err)
	}
	_, err = storedQuery(file, "A", map[string]string{"id": "1"})
	wantError(t, err, "nobody gives @id_of")
	_, err = storedQuery(file, "C", nil)
	wantError(t, err, "has no query C")
}

// TestReportIsRight checks a report of 100 packs against what recall.sql makes of them.
func TestReportIsRight(t *testing.T) {
	t.Parallel()
	good := func() recalled {
		var r recalled
		r.Report.LotCount, r.Report.OnSiteKg, r.Report.ShippedKg, r.Report.LocatedPercent = 102, "0.600", "0.400", "100.00"
		r.Report.OnSite, r.Report.Consignees = []struct{ LotCount int }{{50}, {10}}, []struct{ LotCount int }{{40}}
		return r
	}
	for _, test := range []struct {
		want  string
		wrong func(*recalled)
	}{
		{"", func(*recalled) {}},
		{"lots 101, there are 102", func(r *recalled) { r.Report.LotCount = 101 }},
		{"lots on site 10,", func(r *recalled) { r.Report.OnSite = r.Report.OnSite[1:] }},
		{"lots at consignees 0,", func(r *recalled) { r.Report.Consignees = nil }},
		{"kg on site 0.601,", func(r *recalled) { r.Report.OnSiteKg = "0.601" }},
		{"kg shipped 0.399,", func(r *recalled) { r.Report.ShippedKg = "0.399" }},
		{"located % 99.00,", func(r *recalled) { r.Report.LocatedPercent = "99.00" }},
	} {
		r := good()
		test.wrong(&r)
		wantError(t, r.check(100), test.want)
	}
}

// TestRecallRows tells of what came before a refusal, and of the refusal.
func TestRecallRows(t *testing.T) {
	t.Parallel()
	r := &Recall{Lots: 102, PromisedSeconds: 1}
	calls := 0
	err := r.measure(t.Context(), 3, func(context.Context, string, any) (recalled, error) {
		if calls++; calls == 3 {
			return recalled{}, refusal{"LIMIT", "too slow"}
		}
		return recalled{ID: "x"}, nil
	})
	wantError(t, err, "LIMIT: too slow")
	if r.OpenSeconds <= 0 || len(r.RefreshSeconds) != 1 {
		t.Fatalf("measured %+v", *r)
	}
	r.OpenSeconds, r.RefreshSeconds, r.Refused, r.RefusedSeconds = 1.5, []float64{0.5}, err.Error(), 2
	want := [][]string{
		{"a MOCK recall over 102 lots is open, with its report", "1.50 s", "≤ 1 s"},
		{"its report is made anew, median", "0.50 s", "≤ 1 s"},
		{"a report over 102 lots", "none after 2.00 s: LIMIT: too slow", "≤ 1 s"},
	}
	if diff := cmp.Diff(want, r.rows()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAskTellsRefusals(t *testing.T) {
	t.Parallel()
	p := plant{client: lab.NewClient(1), process: stub(t, apiName, body(`{"errors":[{"message":"too slow","extensions":{"code":"LIMIT"}}],"data":null}`)).process}
	_, err := p.ask(t.Context(), "", "{ x }", nil)
	if got, ok := errors.AsType[refusal](err); !ok || got != (refusal{"LIMIT", "too slow"}) {
		t.Errorf("error %v", err)
	}
	p.process = stub(t, apiName, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }).process
	if _, err := p.ask(t.Context(), "", "{ x }", nil); err == nil {
		t.Error("status 502 is accepted")
	}
}

func TestBeside(t *testing.T) {
	t.Parallel()
	var asking atomic.Bool
	b := &Beside{}
	err := b.measure(t.Context(), options{rounds: 2, seconds: 0.2}, func(context.Context) error {
		if asking.Load() {
			time.Sleep(150 * time.Millisecond)
		}
		return nil
	}, func(context.Context) error {
		asking.Store(true)
		time.Sleep(time.Millisecond)
		asking.Store(false)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if b.Answers == 0 || b.BesideP99 < 150 || b.Ratio != b.BesideP99/b.AloneP99 {
		t.Errorf("measured %+v", *b)
	}
}

// TestOperateCountsWaiting lets each mutation take longer than an operator's pace: the second was due before the first ended.
func TestOperateCountsWaiting(t *testing.T) {
	t.Parallel()
	const slow = pace + pace/2
	m, err := operate(t.Context(), 2*pace, func(context.Context) error { time.Sleep(slow); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if len(m) != 2*operators {
		t.Fatalf("%d mutations, want %d", len(m), 2*operators)
	}
	if m[0] < slow || m[1] < 2*slow-pace {
		t.Errorf("an operator's two took %v and %v", m[0], m[1])
	}
}

func TestBesideFails(t *testing.T) {
	t.Parallel()
	fails := func(context.Context) error { return errors.New("no such thing") }
	works := func(context.Context) error { return nil }
	wantError(t, new(Beside).measure(t.Context(), options{rounds: 1, seconds: 0.1}, fails, works), "no such thing")
	wantError(t, new(Beside).measure(t.Context(), options{rounds: 1, seconds: 0.1}, works, fails), "no such thing")
}

// TestSection holds the document to the versions that were measured.
func TestSection(t *testing.T) { //nolint:paralleltest // it changes the folder of the process
	t.Chdir("../..")
	r := exampleResult()
	var err error
	if r.PostGraphile, r.NodeJS, err = postgraphileVersions(); err != nil || r.PostGraphile == "" || r.NodeJS == "" {
		t.Fatalf("versions %q and %q, error %v", r.PostGraphile, r.NodeJS, err)
	}
	if want := "PostGraphile " + r.PostGraphile + " on Node.js " + r.NodeJS + " ("; !strings.Contains(r.section(), want) {
		t.Errorf("no %q in\n%s", want, r.section())
	}
}
