package epcis_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/trace"
	"flowviz/internal/transformation"
)

// expectation is what an independent script found in a public document.
type expectation struct {
	Events    map[string]int
	Lots      int
	Edges     int
	Lot       map[string]expectedLot
	Overdrawn []string
}

type expectedLot struct {
	Quantity    *float64
	Consumed    float64
	Remaining   *float64
	Ancestors   []string
	Descendants []string
}

// documents are those that expected.json names.
var documents = map[string]string{
	"epcisquerydoc-example01": "epcisquerydoc-example01.jsonld",
	"traceback_tests":         "traceback_tests.jsonld",
	"gs1-9.6.4":               "Example_9.6.4-TransformationEvent.jsonld",
	"fsma204-transformation":  "fsma204/transformation-cte.jsonld",
	"openepcis-generated-932": "generated-events-932.json",
}

func expectations(t *testing.T) map[string]expectation {
	t.Helper()
	var all map[string]expectation
	if err := json.Unmarshal(shared(t, "expected.json"), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPublicDocumentsGiveWhatIsExpected(t *testing.T) {
	t.Parallel()
	all := expectations(t)
	base := newWorld(t)
	for name, want := range all {
		base.in(name, func(w *world) {
			report := w.shared(documents[name])
			events := 0
			for _, n := range want.Events {
				events += n
			}
			if report.Events != events || report.Known != 0 || report.Lots != want.Lots || report.Links != want.Edges || report.Voided != 0 {
				w.Errorf("report %v; want %d events, %d lots and %d links", report, events, want.Lots, want.Edges)
			}
			w.expect(want)
		})
	}
}

// expect compares what is stored at the site ALFA.
func (w *world) expect(want expectation) {
	w.Helper()
	if n := len(w.ask("SELECT code FROM lot")); n != want.Lots {
		w.Errorf("%d lots, want %d", n, want.Lots)
	}
	if n := len(w.ask("SELECT DISTINCT child_id || ' ' || parent_id FROM lot_genealogy")); n != want.Edges {
		w.Errorf("%d edges, want %d", n, want.Edges)
	}
	got := w.lots()
	if want.Lot != nil {
		if diff := cmp.Diff(want.Lot, got); diff != "" {
			w.Errorf("lots (-want +got):\n%s", diff)
		}
	}
	overdrawn := w.ask("SELECT l.code FROM alert a JOIN lot l ON l.id = a.lot_id WHERE a.kind = 'OVERDRAW' ORDER BY 1")
	if !slices.Equal(overdrawn, want.Overdrawn) {
		w.Errorf("overdrawn: %v, want %v", overdrawn, want.Overdrawn)
	}
}

// lots reads what is expected of lots: from their rows, from the inputs of transformations, and from traces. The mass
// balance of each weighed lot has to say the same, with nothing unaccounted.
func (w *world) lots() map[string]expectedLot {
	w.Helper()
	q := db.New(w.pool)
	var rows []db.Lot
	all, err := w.pool.Query(w.Context(), "SELECT id FROM lot")
	if err != nil {
		w.Fatal(err)
	}
	var found []uuid.UUID
	for all.Next() {
		var id uuid.UUID
		if err := all.Scan(&id); err != nil {
			w.Fatal(err)
		}
		found = append(found, id)
	}
	if rows, err = q.LotsByIDs(w.Context(), found); err != nil {
		w.Fatal(err)
	}
	code := map[uuid.UUID]string{}
	for _, l := range rows {
		code[l.ID] = l.Code
	}
	finder := trace.NewFinder(w.pool)
	ancestors, err := finder.Kin(w.Context(), found, trace.Ancestors, trace.Unbounded)
	if err != nil {
		w.Fatal(err)
	}
	descendants, err := finder.Kin(w.Context(), found, trace.Descendants, trace.Unbounded)
	if err != nil {
		w.Fatal(err)
	}
	lots := make(map[string]expectedLot, len(rows))
	for _, l := range rows {
		lots[l.Code] = expectedLot{
			Quantity: number(either(l.WeightKg, l.Quantity)), Consumed: w.consumed(l.ID), Remaining: number(either(l.RemainingKg, l.RemainingQuantity)),
			Ancestors: codes(ancestors[l.ID], code), Descendants: codes(descendants[l.ID], code),
		}
	}
	w.balanced(rows)
	return lots
}

// balanced checks that what the mass balance query works out is what the rows say.
func (w *world) balanced(lots []db.Lot) {
	w.Helper()
	ids := make([]uuid.UUID, len(lots))
	rows := map[uuid.UUID]db.Lot{}
	for i, l := range lots {
		ids[i], rows[l.ID] = l.ID, l
	}
	balances, err := transformation.NewFinder(w.pool).MassBalances(w.Context(), ids)
	if err != nil {
		w.Fatal(err)
	}
	for _, b := range balances {
		l := rows[b.LotID]
		if !b.InKg.Equal(*l.WeightKg) || !b.RemainingKg.Equal(*l.RemainingKg) || !b.UnaccountedKg.IsZero() {
			w.Errorf("%s: the row has %s kg and %s kg left, its balance is %+v", l.Code, l.WeightKg, l.RemainingKg, b)
		}
	}
}

func (w *world) consumed(lot uuid.UUID) float64 {
	var sum float64
	err := w.pool.QueryRow(w.Context(), `
		SELECT coalesce(sum(coalesce(i.quantity_kg, i.quantity)), 0)::float8 FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id
		WHERE i.lot_id = $1 AND t.kind <> 'SHIP' AND t.voided_at IS NULL`, lot).Scan(&sum)
	if err != nil {
		w.Fatal(err)
	}
	return sum
}

func either(a, b *quantity.Decimal) *quantity.Decimal {
	if a != nil {
		return a
	}
	return b
}

func number(d *quantity.Decimal) *float64 {
	if d == nil {
		return nil
	}
	var f float64
	if err := json.Unmarshal([]byte(d.String()), &f); err != nil {
		panic(err)
	}
	return &f
}

func codes(kin []trace.Kin, code map[uuid.UUID]string) []string {
	out := []string{}
	for _, k := range kin {
		out = append(out, code[k.ID])
	}
	slices.Sort(out)
	return out
}

func TestEveryPublicDocumentIsImported(t *testing.T) {
	t.Parallel()
	needPublic(t)
	var files []string
	for _, pattern := range []string{"*.jsonld", "*.json", "*.xml", "fsma204/*.jsonld", "eventhash/*.jsonld"} {
		found, err := filepath.Glob(filepath.Join(public, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if filepath.Base(f) != "expected.json" {
				files = append(files, f)
			}
		}
	}
	if len(files) < 14 {
		t.Errorf("only %d documents are there: %v", len(files), files)
	}
	base := newWorld(t)
	for _, f := range files {
		name, err := filepath.Rel(public, f)
		if err != nil {
			t.Fatal(err)
		}
		base.in(name, func(w *world) {
			report := w.shared(name)
			if report.Events == 0 || report.Lots == 0 {
				w.Errorf("nothing came of it: %v", report)
			}
			w.lots()
			w.Log(report)
		})
	}
}
