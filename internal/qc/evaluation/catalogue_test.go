package evaluation_test

import (
	"strings"
	"testing"

	"flowviz/internal/qc/evaluation"
	"flowviz/internal/scenario/definition"
)

// limits are all of the catalogue's: values that meet each, that just meet it, and that just miss it. goods are the state and the
// category that it is for.
var limits = []struct{ limit, goods, within, edge, beyond string }{
	{"chilled-ready-meal 1 POULTRY", "CHILLED POULTRY", "surface_temp 2.1 CEL", "surface_temp 4.00 CEL", "surface_temp 4.01 CEL"},
	{"chilled-ready-meal 1 RED_MEAT", "CHILLED RED_MEAT", "surface_temp 2.1 CEL", "surface_temp 7 CEL", "surface_temp 7.01 CEL"},
	{"chilled-ready-meal 1 OFFAL", "CHILLED OFFAL", "surface_temp 2.1 CEL", "surface_temp 3 CEL", "surface_temp 3.01 CEL"},
	{"chilled-ready-meal 1 FISH", "CHILLED FISH", "surface_temp 0.1 CEL", "surface_temp 2 CEL", "surface_temp 2.01 CEL"},
	{"chilled-ready-meal 1 DAIRY", "CHILLED DAIRY", "surface_temp 2.1 CEL", "surface_temp 41 FAH", "surface_temp 41.1 FAH"},
	{"chilled-ready-meal 1 PRODUCE", "CHILLED PRODUCE", "surface_temp 2.1 CEL", "surface_temp 278.15 K", "surface_temp 278.16 K"},
	{"chilled-ready-meal 1 OTHER", "CHILLED OTHER", "surface_temp 2.1 CEL", "surface_temp 5 CEL", "surface_temp 5.01 CEL"},
	{"chilled-ready-meal 1 FROZEN", "FROZEN FISH", "surface_temp -20 CEL", "surface_temp -18 CEL", "surface_temp -17.99 CEL"},
	{"chilled-ready-meal 1 AMBIENT", "AMBIENT DRY", "= remaining_days endless", "= remaining_days 0", "= remaining_days -1"},
	{"chilled-ready-meal 3 COMP", "", "= component_deviation 0.1/-1", "= component_deviation -2/2", "= component_deviation 0/2.01"},
	{
		"chilled-ready-meal 4 COOK", "", "core_temp 72/73/74 CEL @0 @60 @120 @180", "core_temp 70/72/71 CEL @0 @60 @120",
		"core_temp 70/72/71 CEL @0 @60 @119.9",
	},
	{
		"chilled-ready-meal 5 COOL", "", "core_temp 60/61/59 CEL @0; core_temp 26/25/24 CEL @3600; core_temp 4/4/4 CEL @12000",
		"core_temp 54.4/54/50 CEL @0; core_temp 26.7/26.7/20 CEL @5400; core_temp 4.4/4/4 CEL @23400",
		"core_temp 54.4/54/50 CEL @0; core_temp 26.7/26.7/20 CEL @5400; core_temp 4.4/4/4 CEL @23401",
	},
	{"chilled-ready-meal 6 TEMP", "", "core_temp 3 CEL", "core_temp 4 CEL", "core_temp 4.01 CEL"},
	{"chilled-ready-meal 6 AGE", "", "= age_minutes 60", "= age_minutes 2880", "= age_minutes 2881"},
	{"chilled-ready-meal 9 FE", "", "fe_sphere 1.2 MMT", "fe_sphere 0.15 CMT", "fe_sphere 1.51 MMT"},
	{"chilled-ready-meal 9 NFE", "", "nonfe_sphere 1.5 MMT", "nonfe_sphere 2 mm", "nonfe_sphere 2.01 MMT"},
	{"chilled-ready-meal 9 SS", "", "ss_sphere 2 MMT", "ss_sphere 2.5 MMT", "ss_sphere 0.1 INH"},
	{"chilled-ready-meal 11 TEMP", "", "load_temp 4 CEL", "load_temp 5 CEL", "load_temp 5.01 CEL"},

	{"doner-frozen 1 POULTRY", "CHILLED POULTRY", "surface_temp 2.1 CEL", "surface_temp 39.2 FAH", "surface_temp 39.3 FAH"},
	{"doner-frozen 1 RED_MEAT", "CHILLED RED_MEAT", "surface_temp 2.1 CEL", "surface_temp 7 CEL", "surface_temp 7.01 CEL"},
	{"doner-frozen 1 OFFAL", "CHILLED OFFAL", "surface_temp 2.1 CEL", "surface_temp 3 CEL", "surface_temp 3.01 CEL"},
	{"doner-frozen 1 DAIRY", "CHILLED DAIRY", "surface_temp 2.1 CEL", "surface_temp 5 CEL", "surface_temp 5.01 CEL"},
	{"doner-frozen 1 PRODUCE", "CHILLED PRODUCE", "surface_temp 2.1 CEL", "surface_temp 5 CEL", "surface_temp 5.01 CEL"},
	{"doner-frozen 1 OTHER", "CHILLED OTHER", "surface_temp 2.1 CEL", "surface_temp 5 CEL", "surface_temp 5.01 CEL"},
	{"doner-frozen 1 FROZEN", "FROZEN POULTRY", "surface_temp -20 CEL", "surface_temp -0.4 [degF]", "surface_temp -0.3 [degF]"},
	{"doner-frozen 1 AMBIENT", "AMBIENT DRY", "= remaining_days 300", "= remaining_days 0", "= remaining_days -1"},
	{"doner-frozen 3 AGE", "", "= age_minutes 60", "= age_minutes 120", "= age_minutes 121"},
	{"doner-frozen 3.5 YIELD", "", "= yield 68.1", "= yield 60.0", "= yield 59.9"},
	{"doner-frozen 4 TEMP", "", "core_temp 2 CEL", "core_temp 0 CEL", "core_temp -0.1 CEL"},
	{"doner-frozen 5 TEMP", "", "mix_temp 2 CEL", "mix_temp 4 CEL", "mix_temp 4.1 CEL"},
	{"doner-frozen 5 TIME", "", "program_time 1 HUR", "program_time 2400 SEC", "program_time 2399 SEC"},
	{"doner-frozen 5 COMP", "", "= component_deviation 0", "= component_deviation 2.00/-2.00", "= component_deviation 0/-2.01"},
	{"doner-frozen 6 ROD", "", "= rod_deviation 0.1", "= rod_deviation -0.250", "= rod_deviation 0.251"},
	{"doner-frozen 7 CORE", "", "core_temp -19/-20/-21 CEL", "core_temp -18/-25/-25 CEL", "core_temp -25/-25/-17.9 CEL"},
	{"doner-frozen 7 CABIN", "", "cabin_temp -37 CEL", "cabin_temp -40 CEL", "cabin_temp -34.9 CEL"},
	{"doner-frozen 8 AMB", "", "ambient_minutes 5 MIN", "ambient_minutes 600 s", "ambient_minutes 601 s"},
	{"doner-frozen 8.5 FE", "", "fe_sphere 2 MMT", "fe_sphere 2.5 MMT", "fe_sphere 2.6 MMT"},
	{"doner-frozen 10 TEMP", "", "load_temp -20 CEL", "load_temp -18 CEL", "load_temp -17.9 CEL"},

	{"stirred-yoghurt 1 TEMP", "", "milk_temp 4 CEL", "milk_temp 6 CEL", "milk_temp 6.01 CEL"},
	{"stirred-yoghurt 1.2 DAIRY", "CHILLED DAIRY", "surface_temp 2.1 CEL", "surface_temp 5 CEL", "surface_temp 5.01 CEL"},
	{"stirred-yoghurt 1.2 PRODUCE", "CHILLED PRODUCE", "surface_temp 2.1 CEL", "surface_temp 5 CEL", "surface_temp 5.01 CEL"},
	{"stirred-yoghurt 1.2 OTHER", "CHILLED OTHER", "surface_temp 2.1 CEL", "surface_temp 5 CEL", "surface_temp 5.01 CEL"},
	{"stirred-yoghurt 1.2 FROZEN", "FROZEN PRODUCE", "surface_temp -20 CEL", "surface_temp -18 CEL", "surface_temp -17.9 CEL"},
	{"stirred-yoghurt 1.2 AMBIENT", "AMBIENT DRY", "= remaining_days 1", "= remaining_days 0", "= remaining_days -1"},
	{"stirred-yoghurt 4 HEAT", "", "holding_temp 90 CEL @0 @20", "holding_temp 72 CEL @0 @15", "holding_temp 72 CEL @0 @14.999"},
	{"stirred-yoghurt 5 PH", "", "ph 4.5 Q30", "ph 4.60 [pH]", "ph 4.61 Q30"},
	{"stirred-yoghurt 5 TIME", "", "= age_minutes 300", "= age_minutes 480", "= age_minutes 481"},
	{"stirred-yoghurt 5 TEMP", "", "ferment_temp 42 CEL", "ferment_temp 45 CEL", "ferment_temp 45.1 CEL"},
	{
		"stirred-yoghurt 6 COOL", "", "product_temp 42 CEL @0; product_temp 18 CEL @5000", "product_temp 40 CEL @0; product_temp 20 CEL @7200",
		"product_temp 40 CEL @0; product_temp 20.1 CEL @7200; product_temp 20 CEL @7201",
	},
	{"stirred-yoghurt 7 COMP", "", "= component_deviation 1", "= component_deviation 2", "= component_deviation 2.1"},
	{"stirred-yoghurt 8.5 FE", "", "fe_sphere 1 MMT", "fe_sphere 1.5 MMT", "fe_sphere 1.6 MMT"},
	{"stirred-yoghurt 8.5 NFE", "", "nonfe_sphere 1 MMT", "nonfe_sphere 2 MMT", "nonfe_sphere 2.1 MMT"},
	{"stirred-yoghurt 8.5 SS", "", "ss_sphere 1 MMT", "ss_sphere 2.5 MMT", "ss_sphere 2.6 MMT"},
	{"stirred-yoghurt 9 CORE", "", "core_temp 4 CEL", "core_temp 6 CEL", "core_temp 6.1 CEL"},
	{"stirred-yoghurt 9.5 PH", "", "ph 4.05 Q30", "ph 3.9 Q30", "ph 4.21 Q30"},
	{"stirred-yoghurt 11 TEMP", "", "vehicle_temp 4 CEL", "vehicle_temp 6 CEL", "vehicle_temp 6.1 CEL"},
}

// goods are the attributes "CHILLED POULTRY".
func goods(text string) map[string]string {
	state, category, _ := strings.Cut(text, " ")
	return map[string]string{"state": state, "category": category}
}

func TestLimitsOfTheCatalogue(t *testing.T) {
	t.Parallel()
	for _, test := range limits {
		t.Run(test.limit, func(t *testing.T) {
			t.Parallel()
			name, code := test.limit[:strings.LastIndex(test.limit, " ")], test.limit[strings.LastIndex(test.limit, " ")+1:]
			g := gate(t, name)
			unmeasured, unknown := evaluation.StatusMissing, evaluation.StatusMissing
			if strings.HasPrefix(test.edge, "=") {
				unmeasured, unknown = evaluation.StatusUndecidable, evaluation.StatusUndecidable
			}
			if test.goods != "" {
				unknown = evaluation.StatusUndecidable
			}
			for _, step := range []struct {
				values, goods string
				want          evaluation.Status
			}{
				{test.within, test.goods, evaluation.StatusMet},
				{test.edge, test.goods, evaluation.StatusMet},
				{test.beyond, test.goods, evaluation.StatusNotMet},
				{"", test.goods, unmeasured},
				{"", "", unknown},
			} {
				f := evaluated(t, evaluation.Input{
					Gate: g, Measurements: measured(t, step.values),
					Facts: evaluation.Facts{Attributes: goods(step.goods), Derived: derived(step.values)},
				}, code)
				if f.Status != step.want {
					t.Errorf("%q of %q is %s: %s; want %s", step.values, step.goods, f.Status, f.Message, step.want)
				}
				effect := definition.EffectHold
				switch {
				case step.want == evaluation.StatusMet:
					effect = ""
				case g.Mode == definition.ModeInfo:
					effect = definition.EffectNote
				}
				if f.Effect != effect {
					t.Errorf("%q of %q is %s and leads to %q; want %q", step.values, step.goods, f.Status, f.Effect, effect)
				}
			}
			if test.goods == "" {
				return
			}
			other := evaluated(t, evaluation.Input{Gate: g, Facts: evaluation.Facts{Attributes: map[string]string{"state": "DRIED"}}}, code)
			if other.Status != evaluation.StatusNotApplicable || other.Effect != "" {
				t.Errorf("of other goods it is %s with effect %q; want NOT_APPLICABLE", other.Status, other.Effect)
			}
		})
	}
}

// TestEveryLimitIsTried fails where the catalogue has a limit that the table above lacks.
func TestEveryLimitIsTried(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, test := range limits {
		tried[test.limit] = true
	}
	all, err := scenarios()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, s := range all {
		for _, g := range s.Gates {
			for _, l := range g.Limits {
				count++
				if name := s.Key + " " + g.Number.String() + " " + l.Code; !tried[name] {
					t.Errorf("%s is not tried", name)
				}
			}
		}
	}
	if count != len(tried) {
		t.Errorf("the catalogue has %d limits, and %d are tried", count, len(tried))
	}
}
