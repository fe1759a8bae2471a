package recall_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

// TestFiguresHoweverAsked: lots by their numbers, by a bit for each number, found in memory and in SQL have the same figures, and the same as
// by the arithmetic that looks at each lot by itself.
func TestFiguresHoweverAsked(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	f := p.family()
	id := p.open(db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(f.wip, f.tray)})
	bySQL := p.stored(id)
	p.must(p.Genealogy.Refresh(t.Context()))
	p.refresh(id)
	if d := diff.Diff(bySQL, p.stored(id)); d != "" {
		t.Errorf("by the genealogy in memory (-SQL +memory):\n%s", d)
	}
	if n := p.count("lot WHERE shipment_id IS NOT NULL AND NOT intricate") * p.count("lot WHERE intricate"); n == 0 {
		t.Error("no lot was shipped whole, or none is intricate")
	}
	p.exec("UPDATE lot SET intricate = true, shipment_id = NULL")
	p.refresh(id)
	if d := diff.Diff(bySQL, p.stored(id)); d != "" {
		t.Errorf("where each lot is looked at by itself (-row +transformations):\n%s", d)
	}
	p.exec("SELECT tell_standings()")

	var numbers []int64
	p.must(p.Owner.QueryRow(t.Context(), "SELECT array_agg(number) FROM lot WHERE id <> $1", f.wip).Scan(&numbers))
	bits := make([]byte, slices.Max(numbers)/8+1)
	for _, n := range numbers {
		bits[n/8] |= 1 << (n % 8)
	}
	var found [2][]string
	for i, params := range []db.RecallFiguresParams{{Numbers: numbers}, {Bits: bits}} {
		rows, err := db.New(p.Owner).RecallFigures(t.Context(), params)
		p.must(err)
		for _, r := range rows {
			found[i] = append(found[i], fmt.Sprint(r.What, deref(r.SiteID), deref(r.PlaceID), deref(r.Status), deref(r.Held), r.Lots, deref(r.Kg), deref(r.TakenKg), deref(r.LostKg)))
		}
		slices.Sort(found[i])
	}
	if d := diff.Diff(found[0], found[1]); d != "" || len(found[0]) < 4 {
		t.Errorf("%d rows, by bits others (-numbers +bits):\n%s", len(found[0]), d)
	}
}

// TestReportsKnowWhatTheIndexDoesNot: what was made of the lots, or undone, since the genealogy was last read into memory.
func TestReportsKnowWhatTheIndexDoesNot(t *testing.T) {
	t.Parallel()
	p := newPlant(t)
	f := p.family()
	id := p.open(db.RecallKindMOCK, recall.Scope{LotIDs: p.ids(f.wip)})
	before := p.report(id).LotCount()
	p.must(p.Genealogy.Refresh(t.Context()))
	late := p.Make("SAMPLE", "0.2", p.Of(f.wip, "0.2"))
	p.refresh(id)
	if got := p.report(id).LotCount(); got != before+1 {
		t.Errorf("%d lots with one that was made meanwhile, %d before", got, before)
	}
	p.must(p.Genealogy.Refresh(t.Context()))
	var made uuid.UUID
	p.must(p.Owner.QueryRow(t.Context(), "SELECT transformation_id FROM transformation_output WHERE lot_id = $1", late).Scan(&made))
	_, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{
		TransformationID: relay.ID{Kind: relay.Transformation, Site: p.Site.ID, UUID: made}, Reason: "It was another lot's sample.",
	})
	p.must(err)
	p.refresh(id)
	if got := p.report(id).LotCount(); got != before {
		t.Errorf("%d lots without one that wasn't made after all, %d before", got, before)
	}
}

// stored is the last report of a recall as it was written.
func (p plant) stored(id uuid.UUID) (rows []string) {
	p.t.Helper()
	p.must(p.Owner.QueryRow(p.t.Context(), `WITH r AS (SELECT r.id FROM recall_report r WHERE r.recall_id = $1 ORDER BY r.id DESC LIMIT 1)
		SELECT array_agg(x.row ORDER BY x.row) FROM (
			SELECT (to_jsonb(s) - 'report_id')::text AS row FROM recall_report_site s WHERE s.report_id = (SELECT id FROM r)
			UNION ALL SELECT (to_jsonb(s) - 'report_id')::text FROM recall_report_stock s WHERE s.report_id = (SELECT id FROM r)
			UNION ALL SELECT (to_jsonb(s) - 'report_id')::text FROM recall_report_consignee s WHERE s.report_id = (SELECT id FROM r)
			UNION ALL SELECT s.page || ' ' || s.site_id || ' ' || md5(s.bits) FROM recall_report_lots s WHERE s.report_id = (SELECT id FROM r)
		) x`, id).Scan(&rows))
	return rows
}

func deref[T any](v *T) T { return *cmp.Or(v, new(T)) }
