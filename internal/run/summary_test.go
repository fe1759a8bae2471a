package run_test

import (
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

// came reads the kilograms of the run's summary.
func (m *mill) came() (in, out string) {
	m.t.Helper()
	sums, err := run.NewFinder(m.Owner).Summaries(m.t.Context(), []*run.Run{{Run: read(m.t, m.Plant, m.run)}})
	if err != nil {
		m.t.Fatal(err)
	}
	return sums[m.run].InKg.String(), sums[m.run].OutKg.String()
}

// release is as if somebody had passed a lot at all its gates.
func (m *mill) release(ids ...uuid.UUID) {
	m.t.Helper()
	if _, err := m.Owner.Exec(m.t.Context(), "UPDATE lot SET status = 'RELEASED' WHERE id = ANY($1)", ids); err != nil {
		m.t.Fatal(err)
	}
}

// TestARunsGoodsCountOnce: rule 14 of the domain. What is divided, packed or worked in again weighs no more for that.
func TestARunsGoodsCountOnce(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	if err := advance(m.Plant, m.run); err != nil {
		t.Fatal(err)
	}
	// Trays are sold as they are too: of these, rework is made.
	if _, err := m.Owner.Exec(t.Context(), "UPDATE lot_type SET role = 'FINISHED' WHERE code = 'TRAY'"); err != nil {
		t.Fatal(err)
	}
	step := func(what, wantIn, wantOut string) {
		t.Helper()
		if in, out := m.came(); in != wantIn || out != wantOut {
			t.Errorf("%s: %s kg in and %s kg out, not %s and %s", what, in, out, wantIn, wantOut)
		}
	}
	made := func(kind db.TransformationKind, inputs []transformation.Draw, outputs ...transformation.Output) []uuid.UUID {
		t.Helper()
		ids := m.must(m.record(kind, true, inputs, outputs...))
		m.release(ids...)
		return ids
	}
	wip := m.Make("WIP", "10")
	tray := made(db.TransformationKindPROCESS, draws(m.Of(wip, "")), out("TRAY", "10"))[0]
	step("made", "10.000", "10.000")
	halves := made(db.TransformationKindSPLIT, draws(m.Of(tray, "")), out("TRAY", "4"), out("TRAY", "6"))
	step("split", "10.000", "10.000")
	whole := made(db.TransformationKindMERGE, draws(m.Of(halves[0], ""), m.Of(halves[1], "")), out("TRAY", "10"))[0]
	step("merged", "10.000", "10.000")
	meal := made(db.TransformationKindPROCESS, draws(m.Of(whole, "4")), out("FG", "4"))[0]
	step("sealed", "10.000", "10.000")
	made(db.TransformationKindWASTE, draws(m.Of(whole, "1")))
	step("one is broken", "10.000", "10.000")
	rework := made(db.TransformationKindREWORK, draws(m.Of(whole, "2")), out("REWORK", "2"))[0]
	step("back into rework", "10.000", "8.000")
	m.void(rework, nil)
	step("not so", "10.000", "10.000")
	again := made(db.TransformationKindSPLIT, draws(m.Of(whole, "1")), out("TRAY", "1"))[0]
	m.void(again, nil)
	step("a split that never was", "10.000", "10.000")
	foreign := m.Make("TRAY", "5")
	made(db.TransformationKindMERGE, draws(m.Of(foreign, ""), m.Of(whole, "1")), out("TRAY", "6"))
	step("with another run's", "15.000", "15.000")
	if _, err := m.Owner.Exec(t.Context(), "UPDATE run SET phase_id = (SELECT id FROM phase WHERE scenario_id = run.scenario_id AND number = 11)"); err != nil {
		t.Fatal(err)
	}
	made(db.TransformationKindPACK, draws(m.Of(meal, "3")), out("PAL", "3"))
	step("on a pallet", "15.000", "15.000")
}

// TestARunsRawMaterialsCountOnce: raw materials that are divided haven't gone into anything yet.
func TestARunsRawMaterialsCountOnce(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	raw := m.must(m.record(db.TransformationKindRECEIVE, true, nil, out("RAW", "6"), out("RAW", "6")))
	m.release(raw...)
	all := m.must(m.record(db.TransformationKindMERGE, true, draws(m.Of(raw[0], ""), m.Of(raw[1], "")), out("RAW", "12")))[0]
	m.release(all)
	if in, _ := m.came(); in != "0.000" {
		t.Errorf("merged: %s kg in", in)
	}
	m.must(m.record(db.TransformationKindPROCESS, true, draws(m.Of(all, "11")), out("PREP", "10")))
	if in, _ := m.came(); in != "11.000" {
		t.Errorf("prepared: %s kg in", in)
	}
}
