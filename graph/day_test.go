package graph_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/tools/txtar"

	"flowviz/internal/identity"
	"flowviz/internal/linetest"
	"flowviz/internal/relay"
)

// TestProveDay plays testdata/day/*.txtar: a day of each scenario of the catalogue, from receipt to shipment, with a hold, a rework and
// a bracketing on the way. Each step is what somebody asks at a time, and the answer that they get. `make golden` writes the answers anew.
func TestProveDay(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("testdata/day"), "*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 && !*update {
		t.Fatalf("%d days: there is one for each scenario of the catalogue", len(files))
	}
	var steps, refused atomic.Int64
	t.Run("days", func(t *testing.T) {
		t.Parallel()
		for _, file := range files {
			t.Run(strings.TrimSuffix(file, ".txtar"), func(t *testing.T) {
				t.Parallel()
				n, no := playDay(t, filepath.Join("testdata/day", file))
				steps.Add(int64(n))
				refused.Add(int64(no))
			})
		}
	})
	t.Cleanup(func() {
		if !t.Failed() {
			t.Logf("prove: %d days of %d steps, %d of them refused as they must be: each from receipt to shipment, with a hold, a rework and a bracketing", len(files), steps.Load(), refused.Load())
		}
	})
}

// day is a plant on the day of a scenario.
type day struct {
	t        *testing.T
	p        *linetest.Plant
	h        http.Handler
	scenario string
	people   map[string]*identity.Actor
}

// stepName is a time, who acts, and what for.
var stepName = regexp.MustCompile(`^(\d\d:\d\d) (operator|manager|second manager): (.+)$`)

const answerOf = " answer"

func playDay(t *testing.T, path string) (steps, refused int) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := linetest.New(t)
	p.Pass(-2 * time.Hour) // the production day begins at six
	if _, err := p.Owner.Exec(t.Context(), "UPDATE site SET company_prefix = '9521001'"); err != nil {
		t.Fatal(err)
	}
	d := &day{
		t: t, p: p, h: newHandler(t, newResolverAt(p.App, p.Now)), scenario: strings.TrimSuffix(filepath.Base(path), ".txtar"),
		people: map[string]*identity.Actor{"operator": p.Operator, "manager": p.Manager, "second manager": p.Second},
	}
	var played []txtar.File
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, answerOf) {
			continue
		}
		name := stepName.FindStringSubmatch(f.Name)
		if name == nil {
			t.Fatalf("%q is no step: a time, who, and what", f.Name)
		}
		d.wait(name[1])
		answer := d.ask(name[2], string(f.Data))
		steps++
		if no := strings.Contains(answer, `"errors"`); no != strings.Contains(name[3], "refused") {
			t.Fatalf("%s: %s", f.Name, answer)
		} else if no {
			refused++
		}
		played = append(played, f, txtar.File{Name: name[1] + answerOf, Data: []byte(answer)})
	}
	got := txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: played})
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return steps, refused
	}
	if d := cmp.Diff(string(txtar.Format(archive)), string(got)); d != "" {
		t.Errorf("%s (-want +got); if it is meant, `make golden`:\n%s", path, d)
	}
	d.happened()
	return steps, refused
}

// wait lets the plant's clock come to a time of the day.
func (d *day) wait(clock string) {
	d.t.Helper()
	if until := d.at(clock).Sub(d.p.Now()); until > 0 {
		d.p.Pass(until)
	} else if until < -time.Minute {
		d.t.Fatalf("%s has passed", clock)
	} else {
		d.p.Pass(time.Second)
	}
}

func (d *day) at(clock string) time.Time {
	d.t.Helper()
	of, err := time.Parse("15:04", clock)
	if err != nil {
		d.t.Fatal(err)
	}
	return time.Date(2026, 10, 1, of.Hour(), of.Minute(), 0, 0, time.UTC)
}

func (d *day) ask(who, query string) string {
	d.t.Helper()
	_, answer, _ := askAs(d.t, d.h, d.people[who], reference.ReplaceAllStringFunc(query, func(r string) string {
		return `"` + d.named(strings.Trim(r, `"@`)) + `"`
	}), nil)
	return indent(d.t, ordered(d.t, bytes.TrimSpace(answer)))
}

// reference is what stands in a step for an id that is another one each time, or for a time of the day.
var reference = regexp.MustCompile(`"@[^"]+"`)

// named finds what a step calls by its code, "gate" and its number, the name of a partner, or a time.
func (d *day) named(name string) string {
	d.t.Helper()
	if len(name) >= 5 && name[2] == ':' {
		layout := "15:04:05"
		at, err := time.Parse(layout[:len(name)], name)
		if err != nil {
			d.t.Fatal(err)
		}
		return time.Date(2026, 10, 1, at.Hour(), at.Minute(), at.Second(), 0, time.UTC).Format(time.RFC3339)
	}
	var kind string
	var id uuid.UUID
	if err := d.p.Owner.QueryRow(d.t.Context(), `SELECT 'Lot', id FROM lot WHERE code = $1 UNION ALL SELECT 'Run', id FROM run WHERE code = $1
		UNION ALL SELECT 'Deviation', id FROM deviation WHERE code = $1 UNION ALL SELECT 'Partner', id FROM partner WHERE name = $1
		UNION ALL SELECT 'QcGate', g.id FROM qc_gate g JOIN scenario s ON s.id = g.scenario_id WHERE s.key = $2 AND 'gate ' || trim_scale(g.number) = $1`,
		name, d.scenario).Scan(&kind, &id); err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	kinds := map[string]relay.ID{
		"Lot": {Kind: relay.Lot, Site: d.p.Site.ID}, "Run": {Kind: relay.Run, Site: d.p.Site.ID}, "Deviation": {Kind: relay.Deviation, Site: d.p.Site.ID},
		"Partner": {Kind: relay.Partner, Site: d.p.Site.ID}, "QcGate": {Kind: relay.QcGate},
	}
	of := kinds[kind]
	of.UUID = id
	return of.String()
}

// happened asks whether the day had all that a day is to show.
func (d *day) happened() {
	d.t.Helper()
	for what, query := range map[string]string{
		"a shipment":      `SELECT count(*) FROM transformation WHERE kind = 'SHIP'`,
		"a receipt":       `SELECT count(*) FROM transformation WHERE kind = 'RECEIVE'`,
		"a rework":        `SELECT count(*) FROM transformation_input i JOIN lot l ON l.id = i.lot_id JOIN lot_type t ON t.id = l.lot_type_id WHERE t.role = 'REWORK'`,
		"a hold of a lot": `SELECT count(*) FROM hold h JOIN qc_decision d ON d.id = h.decision_id WHERE d.lot_id IS NOT NULL`,
		"a bracketing":    `SELECT count(*) FROM hold h JOIN qc_decision d ON d.id = h.decision_id WHERE d.lot_id IS NULL`,
		"a completed run": `SELECT count(*) FROM run WHERE status = 'COMPLETED'`,
	} {
		var n int
		if err := d.p.Owner.QueryRow(d.t.Context(), query).Scan(&n); err != nil || n == 0 {
			d.t.Errorf("the day has not %s (%v)", what, err)
		}
	}
}
