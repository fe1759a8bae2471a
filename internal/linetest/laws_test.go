package linetest_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

// Whatever people do in whatever order, no invariant of the domain is ever broken; what is refused is refused with a code and leaves
// nothing behind. The judges are the demo's (internal/demo/testdata/invariants), without what they say of the demo alone.
func TestProveLaws(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"rapid.checks": strconv.Itoa(size(250, 9)), "rapid.steps": "120", "rapid.nofailfile": "true", // what fails has its seed in the message
		"rapid.seed": strconv.Itoa(size(0, 9)), // the short form does the same each time; 0 is another one each time
	} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	all, done := laws(t), tally{}
	var sequences, judged int
	rapid.Check(t, func(r *rapid.T) {
		sequences++
		w := newWork(t, r, done)
		steps := 0
		r.Repeat(map[string]func(*rapid.T){
			"errand": func(r *rapid.T) { of(w.at(r), errands, "errand").do(w) },
			"": func(*rapid.T) {
				if steps++; steps%30 == 0 {
					judged += w.judge(all)
				}
			},
		})
		judged += w.judge(all)
	})
	if t.Failed() {
		return
	}
	commanded, succeeded := done.sum()
	for _, kind := range kinds {
		if done[kind] == nil || done[kind].done == 0 {
			t.Errorf("%s never succeeded: that proves nothing about it", kind)
		}
	}
	share := 100 * succeeded / max(commanded, 1)
	if share < 60 {
		t.Errorf("%d %% of the commands succeeded: the rest proves little", share)
	}
	t.Logf("succeeded, of tried:%s", done)
	t.Logf("prove: %d commands of %d kinds in %d sequences, %d %% of them done and the others refused without a trace: no invariant of %d is broken, in %d looks at all rows",
		commanded, len(kinds), sequences, share, len(all), judged)
}

// tally counts, for each kind of command, how often it was tried and done.
type tally map[string]*struct{ tried, done int }

func (t tally) count(kind string, done bool) {
	if t[kind] == nil {
		t[kind] = &struct{ tried, done int }{}
	}
	t[kind].tried++
	if done {
		t[kind].done++
	}
}

func (t tally) sum() (tried, done int) {
	for _, c := range t {
		tried, done = tried+c.tried, done+c.done
	}
	return tried, done
}

func (t tally) String() string {
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, " %s %d/%d", kind, t[kind].done, t[kind].tried)
	}
	return b.String()
}

// law is a query that returns what breaks it.
type law struct{ name, query string }

// demoAlone begins what an invariant says of the demo alone.
const demoAlone = "-- Of the demo alone:\n"

func laws(t *testing.T) []law {
	t.Helper()
	files, err := filepath.Glob("../demo/testdata/invariants/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var all []law
	for _, f := range files {
		if strings.HasSuffix(f, ".break.sql") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if query, _, _ := strings.Cut(string(text), demoAlone); query != "" {
			all = append(all, law{strings.TrimSuffix(filepath.Base(f), ".sql"), query})
		}
	}
	if len(all) < 25 {
		t.Fatalf("only %d laws", len(all))
	}
	return all
}

// sequence is a test within a test: rapid runs it many times, each with a database of its own, which goes when the sequence ends.
type sequence struct {
	testing.TB
	r *rapid.T
}

func (s sequence) Cleanup(f func())             { s.r.Cleanup(f) }
func (s sequence) Fatal(args ...any)            { s.r.Fatal(args...) }
func (s sequence) Fatalf(f string, args ...any) { s.r.Fatalf(f, args...) }
func (s sequence) Error(args ...any)            { s.r.Error(args...) }
func (s sequence) Errorf(f string, args ...any) { s.r.Errorf(f, args...) }
func (s sequence) Failed() bool                 { return s.r.Failed() }

// work is a plant on which people do things at random. Lots are of the scenario "laws", whose line is short.
type work struct {
	t      *rapid.T
	p      *linetest.Plant
	tally  tally
	events int // in the audit log
}

func newWork(t *testing.T, r *rapid.T, done tally) *work {
	t.Helper()
	w := &work{t: r, p: linetest.New(sequence{t, r}), tally: done}
	text, err := os.ReadFile("testdata/laws.json")
	w.must(err)
	def, err := definition.Parse("laws.json", text)
	w.must(err)
	w.must(db.InTx(t.Context(), w.p.Owner, db.Scope{}, func(q *db.Queries) error {
		_, err := scenario.Store(t.Context(), q, def, linetest.NewID, db.ScenarioStatusPUBLISHED)
		return err
	}))
	w.events = w.count("audit_event")
	return w
}

// at is the same work in one of rapid's steps.
func (w *work) at(r *rapid.T) *work {
	w.t = r
	return w
}

func (w *work) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *work) count(from string) (n int) {
	w.must(w.p.Owner.QueryRow(w.p.As(w.p.Operator), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

// below draws a number below n, each as often: rapid's own ranges prefer small ones. Where it simplifies, it becomes 0.
func (w *work) below(n int, label string) int {
	return rapid.Custom(func(t *rapid.T) int {
		number := 0
		for range 10 {
			number *= 2
			if rapid.Bool().Draw(t, "bit") {
				number++
			}
		}
		return number % n
	}).Draw(w.t, label)
}

// chance is true in so many of a hundred cases; rapid makes it false where it simplifies.
func (w *work) chance(percent int) bool { return w.below(100, "chance") >= 100-percent }

// of draws one of several, each as often.
func of[T any](w *work, some []T, label string) T { return some[w.below(len(some), label)] }

// try counts a command of a kind, which was done or is refused by faults without leaving a trace, and lets time pass.
func (w *work) try(kind string, err error) bool {
	w.t.Helper()
	faults, several := errors.AsType[fault.List](err)
	if f := fault.Of(err); !several && f != nil {
		faults = fault.List{f}
	}
	if err != nil && (len(faults) == 0 || slices.ContainsFunc(faults, func(f *fault.Error) bool { return f.Code == fault.Internal })) {
		w.t.Fatalf("%s: %v", kind, err)
	}
	w.tally.count(kind, err == nil)
	w.t.Logf("%s %s: %v", w.p.Now().Format(time.DateTime), kind, err)
	events := w.count("audit_event")
	if (events > w.events) != (err == nil) {
		w.t.Fatalf("%s: %v, and %d events are in the log after %d", kind, err, events, w.events)
	}
	w.events = events
	w.p.Pass(time.Duration(rapid.IntRange(1, 1200).Draw(w.t, "seconds")) * time.Second)
	return err == nil
}

// judge looks for what breaks a law in all that was recorded so far.
func (w *work) judge(laws []law) int {
	w.t.Helper()
	for _, l := range laws {
		rows, err := w.p.Owner.Query(w.p.As(w.p.Operator), l.query)
		w.must(err)
		for rows.Next() {
			values, err := rows.Values()
			w.must(err)
			w.t.Errorf("%s is broken: %v", l.name, values)
		}
		w.must(rows.Err())
	}
	return 1
}
