package transformation_test

import (
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

func attributes(state string) *lot.Attributes { return &lot.Attributes{State: &state} }

// madeBy is the transformation in force that made a lot.
func madeBy(t *testing.T, p *linetest.Plant, lotID uuid.UUID) relay.ID {
	t.Helper()
	id := relay.ID{Kind: relay.Transformation, Site: p.Site.ID}
	if err := p.Owner.QueryRow(t.Context(), `SELECT t.id FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id
		WHERE o.lot_id = $1 AND t.voided_at IS NULL`, lotID).Scan(&id.UUID); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestVoid(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "10")
	kit := p.Make("KIT", "10", p.Of(prep, ""))
	void := transformation.Void{TransformationID: madeBy(t, p, prep), Reason: "booked on the wrong day"}
	_, err := p.Transformations.VoidTransformation(p.As(p.Operator), void)
	linetest.Refused(t, err, fault.Forbidden, "", "MANAGER")
	_, err = p.Transformations.VoidTransformation(p.As(p.Manager), void)
	linetest.Refused(t, err, fault.FailedPrecondition, "transformationId", "PREP-20261001-DUNA-0001 was used since (CONSUMED)")
	void.TransformationID = madeBy(t, p, kit)
	void.Reason = "  oops "
	_, err = p.Transformations.VoidTransformation(p.As(p.Manager), void)
	linetest.Refused(t, err, fault.BadUserInput, "reason", "say why")
	void.Reason = "booked on the wrong day"
	if _, err := p.Transformations.VoidTransformation(p.As(p.Manager), void); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(prep); got.Status != db.LotStatusRELEASED || got.RemainingKg.String() != "10.000" {
		t.Errorf("what was taken is back: %+v", got)
	}
	if got := p.Lot(kit); got.Status != db.LotStatusCONSUMED || !got.WeightKg.IsZero() {
		t.Errorf("what never was: %+v", got)
	}
	_, err = p.Transformations.VoidTransformation(p.As(p.Manager), void)
	linetest.Refused(t, err, fault.FailedPrecondition, "transformationId", "voided already")
}

// TestReplaceInCircle: a lot that was made of another can't really have gone into it.
func TestReplaceInCircle(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	tray := p.Make("TRAY", "8", p.Of(p.Make("WIP", "10"), "8"))
	rework := p.Make("REWORK", "7", p.Of(tray, "7"))
	_, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{
		TransformationID: madeBy(t, p, tray), Reason: "it was the other lot",
		Replacement: &transformation.Replacement{Inputs: []transformation.Draw{p.Of(rework, "7")}},
	})
	linetest.Refused(t, err, fault.FailedPrecondition, "replacement.inputs", "would be made of itself")
}

func TestReplace(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	right, wrong := p.Make("WIP", "10"), p.Make("WIP", "10")
	tray := p.Make("TRAY", "8", p.Of(wrong, "8"))
	rework := p.Make("REWORK", "7", p.Of(tray, "7"))
	void := transformation.Void{
		TransformationID: madeBy(t, p, tray), Reason: "it was the other lot",
		Replacement: &transformation.Replacement{
			Inputs:  []transformation.Draw{p.Of(right, "9")},
			Outputs: []transformation.Revised{{LotID: p.LotID(tray), WeightKg: linetest.Kg("6.999")}},
		},
	}
	_, err := p.Transformations.VoidTransformation(p.As(p.Manager), void)
	linetest.Refused(t, err, fault.FailedPrecondition, "replacement.outputs[0].weightKg", "1.000 remain")
	void.Replacement.Outputs[0].WeightKg = linetest.Kg("10000.001")
	_, err = p.Transformations.VoidTransformation(p.As(p.Manager), void)
	linetest.Refused(t, err, fault.BadUserInput, "replacement.outputs[0].weightKg", "at most 10000")
	void.Replacement.Outputs[0].WeightKg = linetest.Kg("9")
	done, err := p.Transformations.VoidTransformation(p.As(p.Manager), void)
	if err != nil {
		t.Fatal(err)
	}
	if done.ReplacedBy == nil || madeBy(t, p, tray).UUID != *done.ReplacedBy {
		t.Errorf("replaced by %v", done.ReplacedBy)
	}
	for id, want := range map[uuid.UUID]string{wrong: "10.000", right: "1.000", tray: "2.000", rework: "7.000"} {
		if got := p.Lot(id); got.RemainingKg.String() != want {
			t.Errorf("%s: %s remain, not %s", got.Code, got.RemainingKg, want)
		}
	}
	var parents []uuid.UUID
	if err := p.Owner.QueryRow(t.Context(), "SELECT array_agg(parent_id) FROM lot_genealogy WHERE child_id = $1", tray).Scan(&parents); err != nil {
		t.Fatal(err)
	}
	if len(parents) != 1 || parents[0] != right {
		t.Errorf("made of %v, not %v", parents, right)
	}
}

// TestFoundAgainBeforeTheCorrection: what a stocktake has found doesn't come back a second time.
func TestFoundAgainBeforeTheCorrection(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	wip := p.Make("WIP", "100")
	waste := p.Make("WASTE", "10", p.Of(wip, "10"))
	stock := func(kg string) {
		t.Helper()
		if _, err := p.Lots.TakeStock(p.As(p.Manager), lot.Stocktake{LotID: p.LotID(wip), RemainingKg: linetest.Kg(kg), Reason: "it is all there"}); err != nil {
			t.Fatal(err)
		}
	}
	stock("100")
	void := transformation.Void{TransformationID: madeBy(t, p, waste), Reason: "nothing was thrown away"}
	_, err := p.Transformations.VoidTransformation(p.As(p.Manager), void)
	linetest.Refused(t, err, fault.FailedPrecondition, "transformationId", "100.000 of 100.000 kg of WIP-20261001-DUNA-0001 remain by a stocktake: with the 10.000 that go back it would be more than there was; say first that at most 90.000 remain")
	stock("90")
	if _, err := p.Transformations.VoidTransformation(p.As(p.Manager), void); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(wip).RemainingKg.String(); got != "100.000" {
		t.Errorf("%s kg remain", got)
	}
}
