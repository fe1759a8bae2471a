package trace_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/internal/linetest"
	"flowviz/internal/relay"
	"flowviz/internal/trace"
	"flowviz/internal/transformation"
)

// TestSharesAsOf: what a lot was thought to weigh at a time is what counts then, however it was corrected since.
func TestSharesAsOf(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	wip := p.Make("WIP", "100")
	tray := p.Make("TRAY", "100", p.Of(wip, ""))
	rework := p.Make("REWORK", "50", p.Of(tray, "50"))
	before := p.Now()
	p.Pass(time.Hour)
	made := relay.ID{Kind: relay.Transformation, Site: p.Site.ID}
	if err := p.Owner.QueryRow(t.Context(), "SELECT transformation_id FROM transformation_output WHERE lot_id = $1", tray).Scan(&made.UUID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{
		TransformationID: made, Reason: "the scale was wrong",
		Replacement: &transformation.Replacement{Outputs: []transformation.Revised{{LotID: p.LotID(tray), WeightKg: linetest.Kg("80")}}},
	}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		asOf *time.Time
		want map[uuid.UUID]string
	}{
		"before the correction": {&before, map[uuid.UUID]string{wip: "100", tray: "100", rework: "50"}},
		"after it":              {new(p.Now()), map[uuid.UUID]string{wip: "100", tray: "80", rework: "50"}},
		"now":                   {nil, map[uuid.UUID]string{wip: "100", tray: "80", rework: "50"}},
	} {
		f := trace.NewFinder(p.Owner)
		g, err := f.Genealogy(t.Context(), trace.Query{Root: wip, Descendants: true, MaxDepth: trace.Unbounded, Limit: trace.MaxGraph, AsOf: tc.asOf})
		if err != nil {
			t.Fatal(err)
		}
		shares, err := f.Shares(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range tc.want {
			if got, ok := shares[id]; !ok || !got.Equal(*linetest.Kg(want)) {
				t.Errorf("%s: %s of %s, want %s kg", name, got, p.Lot(id).Code, want)
			}
		}
	}
}
