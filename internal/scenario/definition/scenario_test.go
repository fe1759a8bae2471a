package definition_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

func TestTextIn(t *testing.T) {
	t.Parallel()
	text := definition.Text{En: "Filling", Hu: "Töltés"}
	for locale, want := range map[string]string{
		"hu": "Töltés", "hu-HU": "Töltés", "HU": "Töltés", "hu-Latn-HU": "Töltés",
		"en": "Filling", "en-GB": "Filling", "de": "Filling", "": "Filling", "hun": "Filling", "x-hu": "Filling",
	} {
		if got := text.In(locale); got != want {
			t.Errorf("In(%q) = %q, want %q", locale, got, want)
		}
	}
}

func TestScenarioLookups(t *testing.T) {
	t.Parallel()
	s := parse(t, soup(t))

	if p, ok := s.Phase(2); !ok || p.Name.En != "Cooking" {
		t.Errorf("Phase(2) = %+v, %v", p, ok)
	}
	if p, ok := s.Phase(4); ok {
		t.Errorf("Phase(4) = %+v", p)
	}
	if p := s.LastPhase(); p.Number != 3 {
		t.Errorf("LastPhase() = %+v", p)
	}
	if lt, ok := s.LotType("SOUP"); !ok || lt.Role != definition.RoleFinished || lt.ShelfLifeDays != 5 {
		t.Errorf("LotType(SOUP) = %+v, %v", lt, ok)
	}
	if lt, ok := s.LotType("STEW"); ok {
		t.Errorf("LotType(STEW) = %+v", lt)
	}
	if st, ok := s.Stream("B"); !ok || st.Name.En != "Cold side" {
		t.Errorf("Stream(B) = %+v, %v", st, ok)
	}
	if g, ok := s.Gate(quantity.MustParse("2.50")); !ok || g.Name.En != "Seal" {
		t.Errorf("Gate(2.50) = %+v, %v", g, ok)
	}
	if p, ok := s.CreatedIn("SOUP"); !ok || p.Number != 3 {
		t.Errorf("CreatedIn(SOUP) = %+v, %v", p, ok)
	}
	if p, ok := s.CreatedIn("STEW"); ok {
		t.Errorf("CreatedIn(STEW) = %+v", p)
	}
	if diff := cmp.Diff([]string{"VEG", "REST"}, s.AllowedInputs("POT")); diff != "" {
		t.Errorf("AllowedInputs(POT) (-want +got):\n%s", diff)
	}
	if got := s.AllowedInputs("VEG"); len(got) != 0 {
		t.Errorf("AllowedInputs(VEG) = %v", got)
	}
	for name, c := range map[string]struct {
		got  []definition.Gate
		want []string
	}{
		"at phase 3":  {s.GatesAt(3), []string{"2.5"}},
		"at phase 0":  {s.GatesAt(0), nil},
		"of POT":      {s.GatesOf("POT"), []string{"2"}},
		"of SOUP":     {s.GatesOf("SOUP"), []string{"2.5"}},
		"of no gates": {s.GatesOf("CUP"), nil},
	} {
		var numbers []string
		for _, g := range c.got {
			numbers = append(numbers, g.Number.String())
		}
		if diff := cmp.Diff(c.want, numbers); diff != "" {
			t.Errorf("gates %s (-want +got):\n%s", name, diff)
		}
	}
}

// TestScenarioValues holds a few values against soup.json, so that round trips can't agree on nothing.
func TestScenarioValues(t *testing.T) {
	t.Parallel()
	s := parse(t, soup(t))
	band := func(text string) *definition.Number { return &definition.Number{Decimal: quantity.MustParse(text)} }

	want := definition.Condition{
		Parameter: "core_temp", Unit: "CEL", Op: definition.OpGE, Value: band("75"), ForAtLeastS: 30,
		Aggregate: &definition.Aggregate{Fn: definition.AggregateMin, Probes: 3},
	}
	if diff := cmp.Diff(want, s.Gates[1].Limits[0].AnyOf[0][0]); diff != "" {
		t.Errorf("condition with a dwell (-want +got):\n%s", diff)
	}
	want = definition.Condition{Parameter: "core_temp", Unit: "CEL", Op: definition.OpLE, FromValue: band("60"), ToValue: band("10"), WithinS: 7200}
	curve := s.Gates[1].Limits[1].AnyOf[0][0]
	if diff := cmp.Diff(want, curve); diff != "" || !curve.IsCurve() {
		t.Errorf("curve (-want +got):\n%s", diff)
	}
	if got := s.Buffers[0].TempMinC; !got.Equal(quantity.MustParse("0.5")) {
		t.Errorf("tempMinC = %s", got)
	}
	rules := definition.Rules{
		definition.MaxAge{Inputs: []string{"REST"}, Phase: 2, MaxAgeS: 86400, Source: "assumed", Assumed: true},
		definition.MaxShare{Input: "REST", Output: "POT", Percent: *band("2.5"), Source: "assumed", Assumed: true},
		definition.InheritUnion{Attribute: "allergens"},
		definition.Expiry{Outputs: []string{"SOUP", "REST"}, From: definition.ExpiryFromInputsAndShelfLife, Days: 5, Source: "assumed", Assumed: true},
		definition.ContinuousVessel{LotType: "POT", HeelCarryOver: true},
	}
	if diff := cmp.Diff(rules, s.Rules[8:]); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestRulesRefuseUnknownTypes(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`[{"type": "MAGIC"}]`, `[{}]`, `[5]`, `{}`, `[{"type": "MAX_AGE", "phase": "two"}]`} {
		var rules definition.Rules
		if err := json.Unmarshal([]byte(data), &rules); err == nil {
			t.Errorf("%s was read as %+v", data, rules)
		}
	}
}
