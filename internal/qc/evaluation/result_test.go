package evaluation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// good are measurements and answers that pass gate 9 of the ready meal.
func good(t *testing.T) evaluation.Input {
	t.Helper()
	return evaluation.Input{
		Gate:         gate(t, "chilled-ready-meal 9"),
		Measurements: measured(t, "fe_sphere 1.5 MMT; nonfe_sphere 2 MMT; ss_sphere 2.5 MMT"),
		Answers:      []evaluation.Answer{{Code: "REJ", Value: true}, {Code: "REJN", Value: json.Number("0")}},
	}
}

func TestAllMetPasses(t *testing.T) {
	t.Parallel()
	in := good(t)
	in.Measurements = append(in.Measurements, measured(t, "room_temp 12 CEL; noise 70 MMT")...)
	r, err := evaluation.Evaluate(in)
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome() != evaluation.OutcomePass || len(r.Faults()) > 0 || len(r.Findings) != 5 {
		t.Errorf("%s with %d findings and %v; want PASS and 5", r.Outcome(), len(r.Findings), r.Faults())
	}
	if diff := cmp.Diff([]string{"noise", "room_temp"}, r.Unasked); diff != "" {
		t.Errorf("what nobody asked for (-want +got):\n%s", diff)
	}
}

// TestARefusalNamesEachItem checks codes and fields of all that is wrong with one decision.
func TestARefusalNamesEachItem(t *testing.T) {
	t.Parallel()
	in := good(t)
	in.Measurements = measured(t, "fe_sphere 2 MMT; nonfe_sphere 2 MMT")
	in.Answers = []evaluation.Answer{{Code: "REJ", Value: false}}
	r, err := evaluation.Evaluate(in)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Faults() {
		got = append(got, fmt.Sprintf("%s %s", f.Code, f.Error()))
	}
	want := []string{
		"FAILED_PRECONDITION measurements: Iron test sphere, diameter: fe_sphere is 2 mm (2026-10-05T08:00:00Z), and must be at most 1.5 mm",
		"FAILED_PRECONDITION measurements: Stainless steel test sphere, diameter: ss_sphere is not measured, and must be at most 2.5 mm",
		"FAILED_PRECONDITION answers[REJ]: Rejects go to the locked bin: the answer is no",
		"FAILED_PRECONDITION answers[REJN]: Number of packs rejected since the last check: not answered, and there is no PASS without it",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if r.Outcome() != evaluation.OutcomeHold {
		t.Errorf("the outcome is %s; want HOLD", r.Outcome())
	}
}

func TestTheWorstItemDecides(t *testing.T) {
	t.Parallel()
	item := func(effect definition.FailEffect) definition.ChecklistItem {
		return definition.ChecklistItem{Code: string(effect), Type: definition.AnswerBool, Required: true, FailEffect: effect}
	}
	for _, test := range []struct {
		no   []definition.FailEffect
		want evaluation.Outcome
	}{
		{nil, evaluation.OutcomePass},
		{[]definition.FailEffect{definition.EffectNote}, evaluation.OutcomePass},
		{[]definition.FailEffect{definition.EffectHold}, evaluation.OutcomeHold},
		{[]definition.FailEffect{definition.EffectNote, definition.EffectHold}, evaluation.OutcomeHold},
		{[]definition.FailEffect{definition.EffectFail, definition.EffectHold}, evaluation.OutcomeFail},
	} {
		in := evaluation.Input{}
		for _, effect := range []definition.FailEffect{definition.EffectNote, definition.EffectFail, definition.EffectHold} {
			in.Gate.Checklist = append(in.Gate.Checklist, item(effect))
			in.Answers = append(in.Answers, evaluation.Answer{Code: string(effect), Value: true})
			for _, no := range test.no {
				if no == effect {
					in.Answers[len(in.Answers)-1].Value = false
				}
			}
		}
		r, err := evaluation.Evaluate(in)
		if err != nil || r.Outcome() != test.want || (len(r.Faults()) == 0) != (test.want == evaluation.OutcomePass) {
			t.Errorf("no to %v is %s with %d faults, %v; want %s", test.no, r.Outcome(), len(r.Faults()), err, test.want)
		}
	}
}

func TestGoodsThatNoLimitIsForDontPass(t *testing.T) {
	t.Parallel()
	in := evaluation.Input{
		Gate:         gate(t, "doner-frozen 1"),
		Facts:        evaluation.Facts{Attributes: map[string]string{"state": "CHILLED", "category": "FISH", "species": "COD"}},
		Measurements: measured(t, "surface_temp 1 CEL"),
	}
	for _, item := range in.Gate.Checklist {
		in.Answers = append(in.Answers, evaluation.Answer{Code: item.Code, Value: true})
		if item.Type == definition.AnswerText {
			in.Answers[len(in.Answers)-1].Value = "L-1"
		}
	}
	r, err := evaluation.Evaluate(in)
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome() != evaluation.OutcomeHold || len(r.Faults()) != 1 ||
		!strings.Contains(r.Faults()[0].Message, "gate 1 has no limit for goods with species COD, category FISH, state CHILLED") {
		t.Errorf("%s, %v; want HOLD, since there is no limit for fish", r.Outcome(), r.Faults())
	}
	in.Facts.Attributes["category"] = "POULTRY"
	if r, err = evaluation.Evaluate(in); err != nil || r.Outcome() != evaluation.OutcomePass {
		t.Errorf("poultry: %s, %v, %v; want PASS", r.Outcome(), r.Faults(), err)
	}
	delete(in.Facts.Attributes, "category")
	if r, err = evaluation.Evaluate(in); err != nil || len(r.Faults()) != 6 {
		t.Errorf("no category: %v, %v; want a fault for each of the six limits that it could fall under", r.Faults(), err)
	}
}

func TestMeasurementsThatAreWrong(t *testing.T) {
	t.Parallel()
	one := func(change func(*evaluation.Measurement)) []evaluation.Measurement {
		ms := measured(t, "fe_sphere 1.5 MMT; core_temp 4 CEL")
		change(&ms[1])
		return ms
	}
	twice := func(value, unit string) []evaluation.Measurement {
		return append(measured(t, "core_temp 4 CEL"), measured(t, "core_temp "+value+" "+unit)...)
	}
	for _, test := range []struct {
		name, field, says string
		measurements      []evaluation.Measurement
	}{
		{"no parameter", "measurements[1].parameter", "0 characters", one(func(m *evaluation.Measurement) { m.Parameter = "" })},
		{"a long parameter", "measurements[1].parameter", "101 characters", one(func(m *evaluation.Measurement) { m.Parameter = strings.Repeat("é", 101) })},
		{"a derived parameter", "measurements[1].parameter", "yield is computed by the server", one(func(m *evaluation.Measurement) { m.Parameter, m.Unit = "yield", "P1" })},
		{"a long probe", "measurements[1].probe", "101 characters", one(func(m *evaluation.Measurement) { m.Probe = strings.Repeat("1", 101) })},
		{"no time", "measurements[1].at", "the time is missing", one(func(m *evaluation.Measurement) { m.At = time.Time{} })},
		{"a value beyond sense", "measurements[1].value", "-1000000000 is no measured value", one(func(m *evaluation.Measurement) { m.Value = quantity.MustParse("-1000000000") })},
		{"too many decimals", "measurements[1].value", "at most 6 decimals", one(func(m *evaluation.Measurement) { m.Value = quantity.MustParse("0.0000001") })},
		{"an unknown unit", "measurements[1].unit", `"C" is not known`, one(func(m *evaluation.Measurement) { m.Unit = "C" })},
		{"no unit", "measurements[1].unit", `"" is not known`, one(func(m *evaluation.Measurement) { m.Unit = "" })},
		{"another kind of unit", "measurements[0].unit", "fe_sphere: CEL measures a temperature and MMT measures a length", measured(t, "fe_sphere 1.5 CEL")},
		{"too cold", "measurements[1].value", "-50.1 °C of core_temp is outside -50 to 100 °C", one(func(m *evaluation.Measurement) { m.Value = quantity.MustParse("-50.1") })},
		{"too warm", "measurements[0].value", "212.1 °F of core_temp", measured(t, "core_temp 212.1 FAH")},
		{"another value at the same time", "measurements[1].value", "measurements[0] has another value, 4 CEL", twice("4.1", "CEL")},
		{"another value in another unit", "measurements[1].value", "measurements[0] has another value", twice("39.3", "FAH")},
	} {
		in := good(t)
		in.Measurements = test.measurements
		_, err := evaluation.Evaluate(in)
		f := fault.Of(err)
		if f == nil || f.Code != fault.BadUserInput || f.Field != test.field || !strings.Contains(f.Message, test.says) {
			t.Errorf("%s: %v; want BAD_USER_INPUT of %s with %q", test.name, err, test.field, test.says)
		}
		if alone := evaluation.Check(in.Gate, test.measurements); len(alone) == 0 || alone[0].Field != test.field {
			t.Errorf("%s: Check finds %v", test.name, alone)
		}
	}
}

func TestAThousandComeAtATime(t *testing.T) {
	t.Parallel()
	faults := evaluation.Check(gate(t, "chilled-ready-meal 9"), measured(t, "core_temp 4 CEL"+seconds(1001)))
	if len(faults) != 1 || faults[0].Field != "measurements" || faults[0].Message != "there are 1001: give at most 1000 at a time" {
		t.Errorf("of 1001: %v", faults)
	}
	f := evaluated(t, evaluation.Input{Gate: gateOf([]definition.Condition{dwell(definition.OpGE, "70", 6479)}), Measurements: measured(t, "temp 71 CEL"+seconds(6480))}, "LIM")
	if f.Status != evaluation.StatusMet {
		t.Errorf("a long curve that came in parts is %s: %s", f.Status, f.Message)
	}
}

func TestMeasurementsThatAreRight(t *testing.T) {
	t.Parallel()
	for name, ms := range map[string][]evaluation.Measurement{
		"the ends of temperatures":       measured(t, "core_temp -50 CEL @0; core_temp 100 CEL @1; core_temp 212 FAH @2"),
		"the same twice":                 append(measured(t, "core_temp 4 CEL"), measured(t, "core_temp 39.2 FAH")...),
		"two probes at once":             measured(t, "core_temp 4/5 CEL"),
		"one probe twice":                measured(t, "core_temp 4 CEL @0; core_temp 5 CEL @1"),
		"a thousand":                     measured(t, "core_temp 4 CEL"+seconds(1000)),
		"the widest value":               measured(t, "count 999999999 EA; mass 0.000001 KGM"),
		"no measurements of a checklist": nil,
	} {
		if faults := evaluation.Check(gate(t, "chilled-ready-meal 9"), ms); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
	}
}

func seconds(count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, " @%d", i)
	}
	return b.String()
}

// TestAUnitThatOnlyTheScenarioKnows is compared with itself alone.
func TestAUnitThatOnlyTheScenarioKnows(t *testing.T) {
	t.Parallel()
	k := definition.Condition{Parameter: "pressure", Unit: "BAR", Op: definition.OpGE, Value: num("2")}
	limitTest{"in its own unit", "pressure 2.1 BAR", evaluation.StatusMet, "2.1 BAR"}.run(t, []definition.Condition{k})
	if faults := evaluation.Check(gateOf([]definition.Condition{k}), measured(t, "pressure 2 MMT")); len(faults) != 1 || faults[0].Field != "measurements[0].unit" {
		t.Errorf("a pressure in millimetres: %v", faults)
	}
}

// TestAGateForInformationStopsNothing: what isn't met there is an alert.
func TestAGateForInformationStopsNothing(t *testing.T) {
	t.Parallel()
	g := gateOf([]definition.Condition{celsius(definition.OpLE, "4")})
	g.Checklist = item(definition.AnswerBool, "", true).Checklist
	for mode, want := range map[definition.GateMode]evaluation.Outcome{
		definition.ModeInfo: evaluation.OutcomePass, definition.ModeCheckpoint: evaluation.OutcomeFail, definition.ModeBlocking: evaluation.OutcomeFail,
	} {
		g.Mode = mode
		warm := measured(t, "temp 5 CEL")
		r, err := evaluation.Evaluate(evaluation.Input{Gate: g, Measurements: warm, Answers: []evaluation.Answer{{Code: "ITEM", Value: false}}})
		if err != nil || r.Outcome() != want || (len(r.Faults()) == 0) != (want == evaluation.OutcomePass) {
			t.Errorf("at %s it is %s with %v, %v; want %s", mode, r.Outcome(), r.Faults(), err, want)
		}
		remark := mode == definition.ModeInfo
		for _, f := range append(r.Findings, evaluation.Violated(g, evaluation.Facts{}, warm[0])...) {
			if (f.Effect == definition.EffectNote) != remark || f.Status != evaluation.StatusNotMet {
				t.Errorf("at %s: %+v", mode, f)
			}
		}
	}
}

func TestViolated(t *testing.T) {
	t.Parallel()
	chilled := evaluation.Facts{Attributes: map[string]string{"state": "CHILLED", "category": "POULTRY"}}
	for _, test := range []struct {
		gate, reading string
		facts         evaluation.Facts
		want          string // codes
	}{
		{"doner-frozen 5", "mix_temp 4.1 CEL", evaluation.Facts{}, "TEMP"},
		{"doner-frozen 5", "mix_temp 4 CEL", evaluation.Facts{}, ""},
		{"doner-frozen 5", "mix_temp 39.3 FAH", evaluation.Facts{}, "TEMP"},
		{"doner-frozen 5", "mix_temp 4.1 MIN", evaluation.Facts{}, ""}, // Check refuses it
		{"doner-frozen 5", "air_temp 30 CEL", evaluation.Facts{}, ""},  // nobody asks
		{"doner-frozen 1", "surface_temp 4.1 CEL", chilled, "POULTRY"},
		{"doner-frozen 1", "surface_temp 4.1 CEL", evaluation.Facts{}, ""},  // it may be red meat
		{"doner-frozen 7", "core_temp -10 CEL", evaluation.Facts{}, "CORE"}, // the warmest of three is no colder
		{"doner-frozen 7", "core_temp -18 CEL", evaluation.Facts{}, ""},
		{"doner-frozen 7", "cabin_temp -34.9 CEL", evaluation.Facts{}, "CABIN"},
		{"chilled-ready-meal 4", "core_temp 20 CEL", evaluation.Facts{}, ""}, // a dwell
		{"chilled-ready-meal 5", "core_temp 90 CEL", evaluation.Facts{}, ""}, // a curve
		{"stirred-yoghurt 5", "ph 4.61 Q30", evaluation.Facts{}, "PH"},
	} {
		var codes []string
		for _, f := range evaluation.Violated(gate(t, test.gate), test.facts, measured(t, test.reading)[0]) {
			codes = append(codes, f.Code)
			if f.Effect != definition.EffectHold || f.Status != evaluation.StatusNotMet || !strings.Contains(f.Message, "must be") {
				t.Errorf("%s: %+v", test.reading, f)
			}
		}
		if got := strings.Join(codes, " "); got != test.want {
			t.Errorf("%s at %s violates %q; want %q", test.reading, test.gate, got, test.want)
		}
	}
}

func TestViolatedOnlyWhereEveryAlternativeIs(t *testing.T) {
	t.Parallel()
	cold, hot, dwelling := celsius(definition.OpLE, "4"), celsius(definition.OpGE, "60"), dwell(definition.OpGE, "50", 60)
	ph := definition.Condition{Parameter: "ph", Unit: "Q30", Op: definition.OpLE, Value: num("4.6")}
	for _, test := range []struct {
		name, reading string
		groups        [][]definition.Condition
		want          int
	}{
		{"outside both", "temp 30 CEL", [][]definition.Condition{{cold}, {hot}}, 1},
		{"inside one", "temp 61 CEL", [][]definition.Condition{{cold}, {hot}}, 0},
		{"the other is a dwell", "temp 30 CEL", [][]definition.Condition{{cold}, {dwelling}}, 0},
		{"the other is of another parameter", "temp 30 CEL", [][]definition.Condition{{cold}, {ph}}, 0},
		{"one condition of a group is enough", "temp 30 CEL", [][]definition.Condition{{ph, cold}}, 1},
		{"the last condition holds", "temp 30 CEL", [][]definition.Condition{{cold, celsius(definition.OpLE, "50")}}, 1},
		{"one probe asked for", "temp 30 CEL", [][]definition.Condition{{probes(definition.AggregateMax, 1, cold)}}, 1},
		{"the warmest of two is no colder", "temp 30 CEL", [][]definition.Condition{{probes(definition.AggregateMax, 2, cold)}}, 1},
		{"the coldest of two may be colder", "temp 30 CEL", [][]definition.Condition{{probes(definition.AggregateMin, 2, cold)}}, 0},
		{"the coldest of two is no warmer", "temp 30 CEL", [][]definition.Condition{{probes(definition.AggregateMin, 2, hot)}}, 1},
		{"the mean of two may be less", "temp 30 CEL", [][]definition.Condition{{probes(definition.AggregateMean, 2, cold)}}, 0},
		{"the last of two may be less", "temp 30 CEL", [][]definition.Condition{{probes(definition.AggregateLast, 2, cold)}}, 0},
	} {
		if got := evaluation.Violated(gateOf(test.groups...), evaluation.Facts{}, measured(t, test.reading)[0]); len(got) != test.want {
			t.Errorf("%s: %+v; want %d", test.name, got, test.want)
		}
	}
}

// TestMissed: of all readings together, a curve that can't be met any more; what is merely unfinished, or a dwell, can.
func TestMissed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		gate, readings string
		want           bool
	}{
		"too long":                {"stirred-yoghurt 6", "product_temp 43 CEL @0; product_temp 19 CEL @7201", true},
		"too long and unfinished": {"stirred-yoghurt 6", "product_temp 43 CEL @0; product_temp 25 CEL @7201", true},
		"unfinished":              {"stirred-yoghurt 6", "product_temp 43 CEL @0; product_temp 25 CEL @7200", false},
		"in time":                 {"stirred-yoghurt 6", "product_temp 43 CEL @0; product_temp 19 CEL @7200", false},
		"never begun":             {"stirred-yoghurt 6", "product_temp 39 CEL @0; product_temp 35 CEL @9000", false},
		"one probe of three":      {"chilled-ready-meal 5", "core_temp 60 CEL @0; core_temp 20 CEL @9000", false},
		"a dwell":                 {"stirred-yoghurt 4", "holding_temp 60 CEL @0 @9000", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := evaluation.Missed(gate(t, test.gate), evaluation.Facts{}, measured(t, test.readings))
			if (len(found) > 0) != test.want {
				t.Errorf("%+v", found)
			}
		})
	}
}
