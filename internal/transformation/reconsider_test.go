package transformation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/transformation"
)

// made registers a lot of the ready meals that is said to have attributes.
func made(t *testing.T, p *linetest.Plant, lotType, kg string, a lot.Attributes, inputs ...transformation.Draw) uuid.UUID {
	t.Helper()
	got, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
		SiteCode: p.Site.Code, ScenarioKey: new("chilled-ready-meal"),
		NewLot: transformation.NewLot{LotType: lotType, WeightKg: linetest.Kg(kg), Inputs: inputs, Attributes: &a},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
	return got.Lots[0]
}

func correct(t *testing.T, p *linetest.Plant, id uuid.UUID, with transformation.Replacement) error {
	t.Helper()
	_, err := p.Transformations.VoidTransformation(p.As(p.Manager), transformation.Void{TransformationID: madeBy(t, p, id), Reason: "it was the other lot", Replacement: &with})
	p.Pass(time.Minute)
	return err
}

// held are the reasons of a lot's open holds, and stopped whether anything can be made of it.
func held(t *testing.T, p *linetest.Plant, id uuid.UUID) string {
	t.Helper()
	var reasons []string
	if err := p.Owner.QueryRow(t.Context(), "SELECT coalesce(array_agg(reason ORDER BY id), '{}') FROM hold WHERE lot_id = $1 AND ended_at IS NULL", id).Scan(&reasons); err != nil {
		t.Fatal(err)
	}
	return strings.Join(reasons, "\n")
}

func exposed(t *testing.T, p *linetest.Plant, id uuid.UUID) (is bool) {
	t.Helper()
	if err := p.Owner.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM exposure WHERE lot_id = $1 AND ended_at IS NULL)", id).Scan(&is); err != nil {
		t.Fatal(err)
	}
	return is
}

func attributesOf(t *testing.T, p *linetest.Plant, id uuid.UUID) *lot.Attributes {
	t.Helper()
	a, err := (&lot.Lot{Lot: p.Lot(id)}).Attributes()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestCorrectionFindsAnAllergen: the preparation really had milk in it. All that was made of it contains milk, and nothing goes on with any of it.
func TestCorrectionFindsAnAllergen(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	plain, milky := p.Make("PREP", "10"), made(t, p, "PREP", "10", lot.Attributes{Allergens: []string{"MILK"}})
	p.Pass(time.Minute)
	kit := made(t, p, "KIT", "10", lot.Attributes{Allergens: []string{"SOY"}}, p.Of(plain, "10"))
	cook := p.Make("WASTE", "1", p.Of(kit, "1"))
	p.Pass(time.Minute)
	if err := correct(t, p, kit, transformation.Replacement{Inputs: []transformation.Draw{p.Of(milky, "10")}}); err != nil {
		t.Fatal(err)
	}
	if got := attributesOf(t, p, kit).Allergens; !slices.Equal(got, []string{"MILK", "SOY"}) {
		t.Errorf("what was corrected contains %v", got)
	}
	if got := attributesOf(t, p, cook).Allergens; !slices.Equal(got, []string{"MILK", "SOY"}) {
		t.Errorf("what was made of it contains %v", got)
	}
	if why := held(t, p, kit); !strings.Contains(why, "The correction of a PROCESS of 2026-10-01") || !strings.Contains(why, "it contains MILK, which was not declared") {
		t.Errorf("it is held for %q", why)
	}
	if held(t, p, cook) != "" || !exposed(t, p, cook) {
		t.Error("what was made of it is exposed, and not held by itself")
	}
	_, err := p.TryMake("COOK", "1", p.Of(kit, "1"))
	linetest.Refused(t, err, fault.FailedPrecondition, "inputs[0].lotId", "is held")
	var deviations int
	if err := p.Owner.QueryRow(t.Context(), "SELECT count(*) FROM deviation").Scan(&deviations); err != nil || deviations != 1 {
		t.Errorf("%d deviations (%v)", deviations, err)
	}
}

// TestCorrectionOfAnAmountHoldsNothing: that it weighed more is no reason to stop it.
func TestCorrectionOfAnAmountHoldsNothing(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	tray := p.Make("TRAY", "8", p.Of(p.Make("WIP", "10"), "8"))
	heavier(t, p, tray, "9")
	if why := held(t, p, tray); why != "" {
		t.Errorf("held for %q", why)
	}
}

// TestCorrectionWithEqualGoodsHoldsNothing: another lot that is like the first.
func TestCorrectionWithEqualGoodsHoldsNothing(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	right, wrong := p.Make("WIP", "10"), p.Make("WIP", "10")
	tray := p.Make("TRAY", "8", p.Of(wrong, "8"))
	if err := correct(t, p, tray, transformation.Replacement{Inputs: []transformation.Draw{p.Of(right, "8")}}); err != nil {
		t.Fatal(err)
	}
	if why := held(t, p, tray); why != "" {
		t.Errorf("held for %q", why)
	}
}

// TestCorrectionBringsADateForward: what really went in expires earlier, and so does all that was made.
func TestCorrectionBringsADateForward(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	soon := p.Now().Add(20 * time.Hour).Truncate(time.Second)
	fresh, old := p.Make("WIP", "10"), made(t, p, "WIP", "10", lot.Attributes{BestBefore: &soon})
	p.Pass(time.Minute)
	tray := p.Make("TRAY", "8", p.Of(fresh, "8"))
	rework := p.Make("REWORK", "7", p.Of(tray, "7"))
	p.Pass(time.Minute)
	if err := correct(t, p, tray, transformation.Replacement{Inputs: []transformation.Draw{p.Of(old, "8")}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{tray, rework} {
		if got := attributesOf(t, p, id).BestBefore; got == nil || !got.Equal(soon) {
			t.Errorf("%s is best before %v, not %v", p.Lot(id).Code, got, soon)
		}
	}
	if why := held(t, p, tray); !strings.Contains(why, "it is best before") {
		t.Errorf("held for %q", why)
	}
	if err := correct(t, p, tray, transformation.Replacement{Inputs: []transformation.Draw{p.Of(fresh, "8")}}); err != nil {
		t.Fatal(err)
	}
	if got := attributesOf(t, p, tray).BestBefore; !got.Equal(soon) {
		t.Errorf("a correction made it last longer: %v", got)
	}
}

// TestCorrectionBreaksARule: more rework went into the kettle than may.
func TestCorrectionBreaksARule(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	kit, rework := p.Make("KIT", "100"), p.Make("REWORK", "50", p.Of(p.Make("WIP", "50"), "50"))
	cook, err := p.TryMake("COOK", "90", p.Of(kit, "88"), p.Of(rework, "2"))
	if err != nil {
		t.Fatal(err)
	}
	p.Pass(time.Minute)
	if err := correct(t, p, cook, transformation.Replacement{Inputs: []transformation.Draw{p.Of(kit, "60"), p.Of(rework, "30")}}); err != nil {
		t.Fatal(err)
	}
	if why := held(t, p, cook); !strings.Contains(why, "(rule MAX_SHARE)") {
		t.Errorf("held for %q", why)
	}
	if err := correct(t, p, kit, transformation.Replacement{OccurredAt: new(p.Lot(kit).OccurredAt.Add(-time.Minute))}); err != nil {
		t.Fatal(err)
	}
	if why := held(t, p, cook); strings.Count(why, "(rule MAX_SHARE)") != 1 {
		t.Errorf("after another correction, held for %q", why)
	}
}

// TestCorrectionUsesWhatNobodyPassed: a cooked lot waits for its core temperature. What was made of it is held, and waste isn't.
func TestCorrectionUsesWhatNobodyPassed(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	kit, other := p.Make("KIT", "20"), p.Make("CHILL", "10")
	cook := p.Make("COOK", "10", p.Of(kit, "10"))
	if status := p.Lot(cook).Status; status != db.LotStatusQUARANTINE {
		t.Fatalf("a cooked lot is %s", status)
	}
	if _, err := p.Owner.Exec(t.Context(), "UPDATE lot SET status = 'RELEASED' WHERE id = $1", cook); err != nil { // as if it had its PASS
		t.Fatal(err)
	}
	chill := p.Make("CHILL", "5", p.Of(cook, "5"))
	waste := p.Make("WASTE", "1", p.Of(other, "1"))
	p.Pass(time.Minute)
	if err := correct(t, p, waste, transformation.Replacement{Inputs: []transformation.Draw{p.Of(cook, "1")}}); err != nil {
		t.Fatal(err)
	}
	if why := held(t, p, waste); why != "" {
		t.Errorf("waste may always be taken, and is held for %q", why)
	}
	if err := correct(t, p, chill, transformation.Replacement{Inputs: []transformation.Draw{p.Of(cook, "6")}}); err != nil {
		t.Fatal(err)
	}
	if why := held(t, p, chill); !strings.Contains(why, p.Lot(cook).Code+" lacks the PASS of a blocking gate") {
		t.Errorf("held for %q", why)
	}
}

// TestCorrectionOfWhatALotIsLike: the supplier phones. The ingredient has mustard in it, and so has all that was made of it.
func TestCorrectionOfWhatALotIsLike(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	prep := p.Make("PREP", "10")
	kit := p.Make("KIT", "10", p.Of(prep, "10"))
	p.Pass(time.Minute)
	err := correct(t, p, prep, transformation.Replacement{Outputs: []transformation.Revised{{LotID: p.LotID(prep)}}})
	linetest.Refused(t, err, fault.BadUserInput, "replacement.outputs[0].weightKg", "say what of it was wrong")
	if err := correct(t, p, prep, transformation.Replacement{Outputs: []transformation.Revised{{LotID: p.LotID(prep), Attributes: &lot.Attributes{Allergens: []string{"MUSTARD"}}}}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{prep, kit} {
		if got := attributesOf(t, p, id).Allergens; !slices.Equal(got, []string{"MUSTARD"}) {
			t.Errorf("%s contains %v", p.Lot(id).Code, got)
		}
	}
	if why := held(t, p, prep); !strings.Contains(why, "it contains MUSTARD") {
		t.Errorf("held for %q", why)
	}
	if !exposed(t, p, kit) {
		t.Error("what was made of it goes on")
	}
}

// TestCorrectionOfATime: nothing is made after it was used, or of what came later.
func TestCorrectionOfATime(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	wip := p.Make("WIP", "10")
	p.Pass(time.Hour)
	tray := p.Make("TRAY", "8", p.Of(wip, "8"))
	p.Pass(time.Hour)
	p.Make("REWORK", "7", p.Of(tray, "7"))
	p.Pass(time.Hour)
	late := p.Make("WIP", "10")
	err := correct(t, p, tray, transformation.Replacement{OccurredAt: new(p.Now().Add(-30 * time.Minute))})
	linetest.Refused(t, err, fault.BadUserInput, "replacement.occurredAt", "was used before, at 2026-10-01T10:00:00Z")
	err = correct(t, p, tray, transformation.Replacement{OccurredAt: new(p.Now().Add(-4 * time.Hour))})
	linetest.Refused(t, err, fault.BadUserInput, "replacement.inputs[0].lotId", "came into being later")
	err = correct(t, p, tray, transformation.Replacement{Inputs: []transformation.Draw{p.Of(late, "8")}})
	linetest.Refused(t, err, fault.BadUserInput, "replacement.inputs[0].lotId", "came into being later")
	at := time.Date(2026, 10, 1, 9, 30, 0, 0, time.UTC)
	if err := correct(t, p, tray, transformation.Replacement{OccurredAt: &at}); err != nil {
		t.Fatal(err)
	}
	if got := p.Lot(tray).OccurredAt; !got.Equal(at) {
		t.Errorf("it came into being at %v, not %v", got, at)
	}
}

// TestCorrectionMixesSpeciesFurtherOn: what was corrected is one species, and two steps on it was mixed with another. That lot is held by itself too: it stays
// so when the first is let go.
func TestCorrectionMixesSpeciesFurtherOn(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	meat := func(lotType, species string, inputs ...transformation.Draw) uuid.UUID {
		t.Helper()
		got, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
			SiteCode: p.Site.Code, ScenarioKey: new("doner-frozen"),
			NewLot: transformation.NewLot{LotType: lotType, WeightKg: linetest.Kg("10"), Inputs: inputs, Attributes: &lot.Attributes{Species: &species}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Owner.Exec(t.Context(), "UPDATE lot SET status = 'RELEASED' WHERE id = $1", got.Lots[0]); err != nil { // as if it had passed its gates
			t.Fatal(err)
		}
		p.Pass(time.Minute)
		return got.Lots[0]
	}
	deb := meat("DEB", "BEEF", p.Of(meat("RAW", "BEEF"), ""))
	bulk := meat("BULK", "BEEF", p.Of(deb, ""))
	mix := meat("MIX", "BEEF", p.Of(bulk, "5"), p.Of(meat("BULK", "BEEF", p.Of(meat("DEB", "BEEF", p.Of(meat("RAW", "BEEF"), "")), "")), "5"))
	if err := correct(t, p, deb, transformation.Replacement{Outputs: []transformation.Revised{{LotID: p.LotID(deb), Attributes: &lot.Attributes{Species: new("PORK")}}}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{deb, bulk, mix} {
		if why := held(t, p, id); !strings.Contains(why, "PORK") || !strings.Contains(why, "(rule SAME_ATTRIBUTE)") {
			t.Errorf("%s is held for %q", p.Lot(id).Code, why)
		}
	}
}
