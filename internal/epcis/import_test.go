package epcis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/epcis"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

func TestImportTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	base := newWorld(t)
	for _, file := range []string{"dairy.jsonld", "dairy.xml"} {
		base.in(file, func(w *world) { w.twice(file, read(w.T, "testdata/"+file)) })
	}
	for _, file := range documents {
		base.in(file, func(w *world) { w.twice(file, shared(w.T, file)) })
	}
}

func (w *world) twice(file string, data []byte) {
	w.Helper()
	first := w.load(file, data)
	before := w.contents()
	second := w.load(file, data)
	if diff := cmp.Diff(epcis.Report{File: file, Known: first.Events + first.Known}, second); diff != "" {
		w.Errorf("the second report (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, w.contents()); diff != "" {
		w.Errorf("tables changed (-before +after):\n%s", diff)
	}
}

func TestAnEventToldTwiceInOneDocumentCountsOnce(t *testing.T) {
	t.Parallel()
	data := read(t, "testdata/dairy.jsonld")
	w := newWorld(t)
	w.load("once", cut(t, data, []int{0, 3})[0])
	once := w.state()
	w.empty()
	report := w.load("twice", cut(t, data, []int{0, 0, 3, 3})[0])
	if report.Events != 2 || report.Known != 2 {
		t.Errorf("report %v", report)
	}
	w.same("told twice", once)
}

// TestOneEventIDForSeveralEvents: a document that gives it so means them all, as real ones do.
func TestOneEventIDForSeveralEvents(t *testing.T) {
	t.Parallel()
	born := with(at("Object", "05:00", `"action": "ADD", `+amounts("quantityList", "milk", 100)), id("same"))
	used := with(made("06:00", "milk", 60, "butter", 3), id("same"))
	w := newWorld(t)
	report := w.load("both", told(born, used))
	if report.Events != 2 || report.Links != 1 {
		t.Errorf("report %v", report)
	}
	w.twice("other order", told(used, born))
	for _, event := range []string{born, used} {
		if report := w.load("alone", told(event)); report.Known != 1 {
			t.Errorf("report %v: it is there", report)
		}
	}
	w.load("declared", told(wrong(used, "did_not_occur")))
	w.want("SELECT remaining_kg::text FROM lot WHERE code = 'urn:example:milk'", "100.000")
}

// TestTheOrderOfDocumentsDoesNotMatter cuts a document into one for each event and imports these in random orders: an error declaration
// before the event that it concerns, what was unpacked before it was packed, a birth after what was made of it.
func TestTheOrderOfDocumentsDoesNotMatter(t *testing.T) {
	t.Parallel()
	data := read(t, "testdata/dairy.jsonld")
	base := newWorld(t)
	base.load("dairy.jsonld", data)
	want := base.state()
	n := len(events(t, data))
	for seed := range uint64(12) {
		base.in(fmt.Sprint(seed), func(w *world) {
			order := rand.New(rand.NewPCG(seed, 1)).Perm(n)
			places := make([][]int, n)
			for i, p := range order {
				places[i] = []int{p}
			}
			for i, part := range cut(w.T, data, places...) {
				w.load(fmt.Sprintf("event-%d", order[i]), part)
			}
			w.same(fmt.Sprintf("events in the order %v", order), want)
			w.lots()

			backwards := slices.Clone(order)
			slices.Reverse(backwards)
			w.empty()
			for i, part := range cut(w.T, data, order[:n/2], backwards[:n-n/2]) {
				w.load(fmt.Sprintf("half-%d", i), part)
			}
			w.same(fmt.Sprintf("in two halves, %v and the rest", order[:n/2]), want)
		})
	}
}

func TestPublicDocumentsInOtherOrdersGiveTheSame(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"epcisquerydoc-example01", "traceback_tests"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := bytes.TrimPrefix(shared(t, documents[name]), []byte("\uFEFF"))
			want := expectations(t)[name]
			all := make([]int, len(events(t, data)))
			for i := range all {
				all[i] = i
			}
			backwards := slices.Clone(all)
			slices.Reverse(backwards)

			w := newWorld(t)
			w.load("backwards", cut(t, data, backwards)[0])
			w.expect(want)

			if name == "traceback_tests" {
				return // it gives one eventID to several events: cut in two, its halves contradict each other
			}
			for _, at := range []int{9, 20} {
				w.empty()
				for i, part := range cut(t, data, all[at:], all[:at]) {
					w.load(fmt.Sprintf("part-%d", i), part)
				}
				w.expect(want)
			}
		})
	}
}

func TestXMLGivesWhatJSONDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.own("dairy.jsonld")
	want := w.state()
	w.empty()
	w.own("dairy.xml")
	got := w.state()
	// An event without eventID is known by the digest of its content, which is one in XML and another in JSON.
	delete(want, "events")
	delete(got, "events")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-JSON +XML:\n%s", diff)
	}
}

func TestAtOnce(t *testing.T) {
	t.Parallel()
	data := read(t, "testdata/dairy.jsonld")
	w := newWorld(t)
	w.load("dairy.jsonld", data)
	once := w.state()
	w.empty()

	parts := append([][]byte{data, data}, cut(t, data, []int{0, 2, 5, 7, 8, 9, 10}, []int{5, 6, 7, 8, 11, 13})...)
	type result struct {
		report epcis.Report
		err    error
	}
	results := make(chan result, len(parts))
	pool := w.wide(len(parts) + 2)
	service := epcis.NewService(pool, audit.NewRecorder(w.newID, func() time.Time { return day }), w.newID, func() time.Time { return day })
	// All of them have begun, and wait for the site, before the first may go on.
	err := db.InTx(t.Context(), pool, identity.ActorFrom(w.everywhere()).Scope(), func(q *db.Queries) error {
		site, err := q.SiteByCode(t.Context(), "ALFA")
		if err != nil {
			return err
		}
		if err := q.LockSitesShared(t.Context(), db.LockSitesSharedParams{Class: command.SiteLocks, Sites: []int32{site.ID}}); err != nil { // as commands do
			return err
		}
		for i, part := range parts {
			go func() {
				report, err := service.Import(w.everywhere(), "ALFA", fmt.Sprintf("part-%d", i), part)
				results <- result{report, err}
			}()
		}
		return untilWaiting(t.Context(), pool, len(parts), func() bool { return len(results) > 0 })
	})
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for range parts {
		r := <-results
		if r.err != nil {
			t.Errorf("import: %v", r.err)
		}
		taken += r.report.Events
	}
	if want := len(events(t, data)); taken != want {
		t.Errorf("%d events were taken in, and there are %d", taken, want)
	}
	w.same("imported at once", once)
}

// wide is a pool of so many connections on the same database.
func (w *world) wide(connections int) *pgxpool.Pool {
	w.Helper()
	config := w.app.Config()
	config.MaxConns = int32(connections)
	pool, err := pgxpool.NewWithConfig(w.Context(), config)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(pool.Close)
	return pool
}

// untilWaiting returns when so many transactions wait for an advisory lock, or one of them didn't.
func untilWaiting(ctx context.Context, pool *pgxpool.Pool, n int, past func() bool) error {
	for !past() {
		var waiting int
		err := pool.QueryRow(ctx, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&waiting)
		if err != nil || waiting == n {
			return err
		}
	}
	return errors.New("an import did not wait for its turn at the site")
}

func TestNoStatementPerEvent(t *testing.T) {
	t.Parallel()
	data := read(t, "testdata/dairy.jsonld")
	w := newWorld(t)
	before := w.statements.Load()
	w.load("dairy.jsonld", data)
	few := w.statements.Load() - before

	w.empty()
	before = w.statements.Load()
	w.shared("generated-events-932.json")
	if n := w.statements.Load() - before; n > few {
		t.Errorf("932 events took %d statements, and %d took %d", n, len(events(t, data)), few)
	}
}

func TestRefusedWhole(t *testing.T) {
	t.Parallel()
	milking := `{"type": "ObjectEvent", "eventID": "urn:example:event:1", "eventTime": "2026-03-01T05:00:00Z", "eventTimeZoneOffset": "+00:00",
"action": "ADD", "quantityList": [{"epcClass": "urn:example:lot:1", "quantity": %s, "uom": "%s"}]}`
	churning := `{"type": "ObjectEvent", "eventID": "urn:example:event:2", "eventTime": "2026-03-01T05:00:00Z", "eventTimeZoneOffset": "+00:00",
"action": "ADD", "quantityList": [{"epcClass": "urn:example:lot:2", "quantity": 1, "uom": "KGM"}]}`
	base := newWorld(t)
	for name, c := range map[string]struct {
		there, document string
		site            string
		code            fault.Code
		want            []string
	}{
		"unknown site": {
			document: fmt.Sprintf(milking, "5", "KGM"), site: "GAMA", code: fault.NotFound,
			want: []string{`there is no site "GAMA"`, "ALFA", "BETA"},
		},
		"no EPCIS":     {document: "{}", code: fault.BadUserInput, want: []string{"doc:1", "not EPCIS"}},
		"unknown unit": {document: "[" + churning + ",\n" + fmt.Sprintf(milking, "5", "XYZZY") + "]", code: fault.BadUserInput, want: []string{"doc:4", "XYZZY"}},
		"other content": {
			there: fmt.Sprintf(milking, "5", "KGM"), document: "[" + churning + ",\n" + fmt.Sprintf(milking, "6", "KGM") + "]", code: fault.Conflict,
			want: []string{"doc:3", "eventID", "urn:example:event:1", "there already with other content", "first:1"},
		},
		"too much in sum": {
			there: fmt.Sprintf(milking, "999999999", "KGM"), document: strings.Replace(fmt.Sprintf(milking, "5", "KGM"), "event:1", "event:3", 1), code: fault.BadUserInput,
			want: []string{"doc", "999,999,999.999"},
		},
	} {
		base.in(name, func(w *world) {
			if c.there != "" {
				w.load("first", []byte(c.there))
			}
			if c.site == "" {
				c.site = "ALFA"
			}
			before := w.contents()
			report, err := w.service.Import(w.everywhere(), c.site, "doc", []byte(c.document))
			if !fault.Is(err, c.code) {
				w.Fatalf("error %v, want %s", err, c.code)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					w.Errorf("the error lacks %q: %v", part, err)
				}
			}
			if report != (epcis.Report{}) {
				w.Errorf("report %v of what was refused", report)
			}
			if diff := cmp.Diff(before, w.contents()); diff != "" {
				w.Errorf("tables changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestConflictsAreNotWithoutEnd(t *testing.T) {
	t.Parallel()
	document := func(quantity int) []byte {
		var all []string
		for i := range 50 {
			all = append(all, fmt.Sprintf(`{"type": "ObjectEvent", "eventID": "urn:example:%d", "eventTime": "2026-03-01T05:00:00Z",
"eventTimeZoneOffset": "+00:00", "action": "ADD", "quantityList": [{"epcClass": "urn:example:lot", "quantity": %d, "uom": "KGM"}]}`, i, quantity))
		}
		return []byte("[" + strings.Join(all, ",\n") + "]")
	}
	w := newWorld(t)
	w.load("first", document(1))
	_, err := w.service.Import(w.everywhere(), "ALFA", "second", document(2))
	var list fault.List
	if !errors.As(err, &list) || len(list) != 21 || !strings.Contains(list[20].Message, "30 more") {
		t.Errorf("error %v", err)
	}
}

func TestSitesAreApart(t *testing.T) {
	t.Parallel()
	data := read(t, "testdata/dairy.jsonld")
	w := newWorld(t)
	first := w.load("dairy.jsonld", data)
	second, err := w.service.Import(w.everywhere(), "BETA", "dairy.jsonld", data)
	if err != nil || second != first {
		t.Errorf("report %v, %v; want %v as at the other site", second, err, first)
	}
	if n := len(w.ask("SELECT code FROM lot")); n != 2*first.Lots {
		t.Errorf("%d lots", n)
	}
}
