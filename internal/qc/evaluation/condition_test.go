package evaluation_test

import (
	"strings"
	"testing"

	"flowviz/internal/qc/evaluation"
	"flowviz/internal/scenario/definition"
)

// limitTest evaluates one condition on values, and says what the message must hold.
type limitTest struct {
	name, values string
	want         evaluation.Status
	says         string
}

func (test limitTest) run(t *testing.T, groups ...[]definition.Condition) {
	t.Helper()
	f := evaluated(t, evaluation.Input{
		Gate: gateOf(groups...), Measurements: measured(t, test.values), Facts: evaluation.Facts{Derived: derived(test.values)},
	}, "LIM")
	if f.Status != test.want || !strings.Contains(f.Message, test.says) {
		t.Errorf("%s: %s is %s: %s; want %s with %q", test.name, test.values, f.Status, f.Message, test.want, test.says)
	}
}

func celsius(op definition.Op, value string) definition.Condition {
	return definition.Condition{Parameter: "temp", Unit: "CEL", Op: op, Value: num(value)}
}

func probes(fn definition.AggregateFn, count int, k definition.Condition) definition.Condition {
	k.Aggregate = &definition.Aggregate{Fn: fn, Probes: count}
	return k
}

func TestInstants(t *testing.T) {
	t.Parallel()
	for _, test := range []limitTest{
		{"one of several readings misses it", "temp 3 CEL @0; temp 4.5 CEL @60; temp 3 CEL @120", evaluation.StatusNotMet, "temp is 4.5 °C (2026-10-05T08:01:00Z), and must be at most 4 °C"},
		{"one of several probes misses it", "temp 3/5/4.5 CEL", evaluation.StatusNotMet, "5 °C (probe 2, 2026-10-05T08:00:00Z)"},
		{"the one nearest to the limit is told", "temp 1/3.9/2 CEL", evaluation.StatusMet, "3.9 °C (probe 2"},
		{"another unit is told as it was read", "temp 39.3 FAH", evaluation.StatusNotMet, "39.3 °F, which is 4.0556 °C"},
		{"nothing was measured", "", evaluation.StatusMissing, "temp is not measured, and must be at most 4 °C"},
		{"something else was measured", "ph 4 Q30", evaluation.StatusMissing, "not measured"},
	} {
		test.run(t, []definition.Condition{celsius(definition.OpLE, "4")})
	}
	for _, test := range []limitTest{
		{"equal in another scale", "temp 4.00 CEL", evaluation.StatusMet, "exactly 4 °C"},
		{"above", "temp 4.01 CEL", evaluation.StatusNotMet, "4.01 °C"},
		{"below", "temp 3.99 CEL", evaluation.StatusNotMet, "3.99 °C"},
	} {
		test.run(t, []definition.Condition{celsius(definition.OpEQ, "4")})
	}
	band := definition.Condition{Parameter: "temp", Unit: "CEL", Op: definition.OpBetween, Min: num("40"), Max: num("45")}
	for _, test := range []limitTest{
		{"lower end", "temp 40 CEL", evaluation.StatusMet, "from 40 to 45 °C"},
		{"upper end", "temp 45 CEL", evaluation.StatusMet, "45 °C"},
		{"below, beside a good one", "temp 39.9/42 CEL", evaluation.StatusNotMet, "39.9 °C"},
		{"two below", "temp 39/39.5 CEL", evaluation.StatusNotMet, "is 39 °C"},
		{"above, beside a good one", "temp 45.1/42 CEL", evaluation.StatusNotMet, "45.1 °C"},
	} {
		test.run(t, []definition.Condition{band})
	}
}

func TestProbesAreAggregated(t *testing.T) {
	t.Parallel()
	type step struct {
		fn definition.AggregateFn
		op definition.Op
		limitTest
	}
	for _, test := range []step{
		{definition.AggregateMax, definition.OpLE, limitTest{"the warmest", "temp -19/-17.9/-20 CEL", evaluation.StatusNotMet, "-17.9 °C (probe 2"}},
		{definition.AggregateMax, definition.OpLE, limitTest{"the warmest just meets it", "temp -19/-18/-20 CEL", evaluation.StatusMet, "-18 °C (probe 2"}},
		{definition.AggregateMax, definition.OpLE, limitTest{"too few probes", "temp -19/-20 CEL", evaluation.StatusMissing, "read by 2 at the same time of the 3 probes needed"}},
		{definition.AggregateMax, definition.OpLE, limitTest{"too few probes, and one too warm", "temp -19/-10 CEL", evaluation.StatusNotMet, "-10 °C (probe 2"}},
		{definition.AggregateMax, definition.OpLE, limitTest{"too few probes at the later moment, one too warm", "temp -19/-19/-19 CEL @0; temp -19/-10 CEL @600", evaluation.StatusNotMet, "-10 °C"}},
		{definition.AggregateMax, definition.OpLE, limitTest{"one probe thrice", "temp -19 CEL @0 @1 @2", evaluation.StatusMissing, "read by 1"}},
		{definition.AggregateMax, definition.OpLE, limitTest{"two moments, one too warm", "temp -19/-19/-19 CEL @0; temp -19/-19/-17 CEL @600", evaluation.StatusNotMet, "-17 °C (probe 3"}},
		{definition.AggregateMin, definition.OpGE, limitTest{"the coldest", "temp -18/-18.1/0 CEL", evaluation.StatusNotMet, "-18.1 °C (probe 2"}},
		{definition.AggregateMin, definition.OpGE, limitTest{"the coldest just meets it", "temp -18/-17/0 CEL", evaluation.StatusMet, "-18 °C (probe 1"}},
		{definition.AggregateMin, definition.OpGE, limitTest{"too few probes, and one too cold", "temp -19/0 CEL", evaluation.StatusNotMet, "-19 °C (probe 1"}},
		{definition.AggregateMin, definition.OpLE, limitTest{"too few probes to tell the coldest", "temp -17/-10 CEL", evaluation.StatusMissing, "read by 2"}},
		{definition.AggregateMax, definition.OpGE, limitTest{"too few probes to tell the warmest", "temp -19/-20 CEL", evaluation.StatusMissing, "read by 2"}},
		{definition.AggregateMean, definition.OpLE, limitTest{"the mean", "temp -20/-18/-16 CEL", evaluation.StatusMet, "-18 °C (mean of 3 probes"}},
		{definition.AggregateMean, definition.OpLE, limitTest{"the mean is a third of a hundredth above", "temp -20/-18/-15.99 CEL", evaluation.StatusNotMet, "-17.9967 °C (mean of 3 probes"}},
		{definition.AggregateMean, definition.OpLE, limitTest{"too few probes for a mean", "temp 20/20 CEL", evaluation.StatusMissing, "read by 2"}},
		{definition.AggregateLast, definition.OpLE, limitTest{"the last moment", "temp -10/-10/-10 CEL @0; temp -19/-19/-19 CEL @600", evaluation.StatusMet, "-19 °C"}},
		{definition.AggregateLast, definition.OpLE, limitTest{"an earlier moment does not help", "temp -19/-19/-19 CEL @0; temp -10/-10/-10 CEL @600", evaluation.StatusNotMet, "-10 °C"}},
		{definition.AggregateLast, definition.OpLE, limitTest{"of one instant the worst", "temp -19/-10/-19 CEL", evaluation.StatusNotMet, "-10 °C (probe 2"}},
	} {
		test.run(t, []definition.Condition{probes(test.fn, 3, celsius(test.op, "-18"))})
	}
}

func TestProbesAreOfOneMomentWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	k := probes(definition.AggregateMax, 2, celsius(definition.OpLE, "4"))
	for lag, want := range map[string]evaluation.Status{"5": evaluation.StatusMet, "5.001": evaluation.StatusMissing} {
		ms := measured(t, "temp 3/3 CEL @0; temp 3/3 CEL @"+lag)
		in := evaluation.Input{Gate: gateOf([]definition.Condition{k}), Measurements: []evaluation.Measurement{ms[0], ms[3]}}
		if f := evaluated(t, in, "LIM"); f.Status != want {
			t.Errorf("%s s apart it is %s: %s; want %s", lag, f.Status, f.Message, want)
		}
	}
}

func dwell(op definition.Op, value string, s int) definition.Condition {
	k := celsius(op, value)
	k.ForAtLeastS = s
	return k
}

func TestDwells(t *testing.T) {
	t.Parallel()
	for _, test := range []limitTest{
		{"both ends meet it", "temp 70 CEL @0 @60 @120", evaluation.StatusMet, "at least 70 °C for 120 s from 2026-10-05T08:00:00Z to 2026-10-05T08:02:00Z"},
		{"one reading stands for no time", "temp 90 CEL @0", evaluation.StatusNotMet, "for 0 s from"},
		{"a gap of a minute", "temp 70 CEL @0 @60 @120", evaluation.StatusMet, ""},
		{"a longer gap breaks it", "temp 70 CEL @0 @61 @121", evaluation.StatusNotMet, "for 60 s from"},
		{"one reading breaks it", "temp 70 CEL @0 @40 @80 @100 @140; temp 69.9 CEL @60", evaluation.StatusNotMet, "for 60 s from"},
		{"it holds later", "temp 69 CEL @0; temp 70 CEL @60 @120 @180; temp 60 CEL @200", evaluation.StatusMet, "for 120 s from"},
		{"it holds earlier", "temp 75 CEL @0 @60 @120; temp 10 CEL @180 @240", evaluation.StatusMet, "for 120 s from"},
		{"in any order", "temp 70 CEL @120 @0 @60", evaluation.StatusMet, "for 120 s from"},
		{"never", "temp 69.9 CEL @0 @60 @120", evaluation.StatusNotMet, "never met it"},
		{"both probes", "temp 70/71 CEL @0 @60 @120", evaluation.StatusMet, ""},
		{"one of two probes doesn't", "temp 70/69 CEL @0 @60 @120", evaluation.StatusNotMet, "never met it"},
		{"nothing was measured", "", evaluation.StatusMissing, "must be at least 70 °C for 120 s"},
	} {
		test.run(t, []definition.Condition{dwell(definition.OpGE, "70", 120)})
	}
}

func TestALongDwellHasGapsOfATenth(t *testing.T) {
	t.Parallel()
	for _, test := range []limitTest{
		{"every three minutes", "temp 63 CEL @0 @180 @360 @540 @720 @900 @1080 @1260 @1440 @1620 @1800", evaluation.StatusMet, ""},
		{"one gap is a second longer", "temp 63 CEL @0 @181 @360 @540 @720 @900 @1080 @1260 @1440 @1620 @1800", evaluation.StatusNotMet, "for 1619 s from"},
	} {
		test.run(t, []definition.Condition{dwell(definition.OpGE, "63", 1800)})
	}
}

func TestDwellsOfProbes(t *testing.T) {
	t.Parallel()
	for _, test := range []limitTest{
		{"the coldest holds", "temp 80/81/82 CEL @0 @6", evaluation.StatusMet, "for 6 s from"},
		{"the coldest doesn't", "temp 80/81/79 CEL @0 @6", evaluation.StatusNotMet, "never met it"},
		{"too few probes", "temp 80/81 CEL @0 @6", evaluation.StatusMissing, "read by 2 at the same time of the 3 probes needed"},
		{"too few probes between say nothing", "temp 80/81/82 CEL @0 @10; temp 85/85 CEL @6", evaluation.StatusMet, "for 10 s from"},
		{"too few probes between, one too cold", "temp 80/81/82 CEL @0 @10; temp 85/79 CEL @6", evaluation.StatusNotMet, "for 0 s from"},
	} {
		test.run(t, []definition.Condition{probes(definition.AggregateMin, 3, dwell(definition.OpGE, "80", 6))})
	}
}

// TestADwellCountsFromTheEndsThatAreWorse: readings of one moment lie up to five seconds apart.
func TestADwellCountsFromTheEndsThatAreWorse(t *testing.T) {
	t.Parallel()
	k := probes(definition.AggregateMin, 2, dwell(definition.OpGE, "80", 6))
	ms := measured(t, "temp 80/80 CEL @0 @2 @8 @10")
	early, late := []evaluation.Measurement{ms[0], ms[3]}, []evaluation.Measurement{ms[4], ms[7]} // probe 1 at 0 and 8, probe 2 at 2 and 10
	in := evaluation.Input{Gate: gateOf([]definition.Condition{k}), Measurements: append(early, late...)}
	if f := evaluated(t, in, "LIM"); f.Status != evaluation.StatusMet || !strings.Contains(f.Message, "for 6 s from") {
		t.Errorf("%s: %s; want 6 s, from 2 to 8", f.Status, f.Message)
	}
}

func curve(op definition.Op, from, to string, s int) definition.Condition {
	return definition.Condition{Parameter: "temp", Unit: "CEL", Op: op, FromValue: num(from), ToValue: num(to), WithinS: s}
}

func TestCurves(t *testing.T) {
	t.Parallel()
	for _, test := range []limitTest{
		{"in time", "temp 60 CEL @0; temp 30 CEL @3600; temp 20 CEL @7200", evaluation.StatusMet, "took 7200 s from 60 °C"},
		{"a second too late", "temp 60 CEL @0; temp 20 CEL @7201", evaluation.StatusNotMet, "took 7201 s"},
		{"from the last reading at its start", "temp 60 CEL @0; temp 40 CEL @1000; temp 39.9 CEL @1100; temp 20 CEL @8200", evaluation.StatusMet, "took 7200 s from 40 °C"},
		{"to the first reading at its end", "temp 40 CEL @0; temp 20 CEL @100; temp 10 CEL @9000", evaluation.StatusMet, "took 100 s"},
		{"warmed again and too slow then", "temp 40 CEL @0; temp 20 CEL @100; temp 41 CEL @200; temp 20 CEL @9000", evaluation.StatusNotMet, "took 8800 s from 41 °C"},
		{"warmed again and not cooled yet", "temp 40 CEL @0; temp 20 CEL @100; temp 41 CEL @200; temp 30 CEL @300", evaluation.StatusMissing, "has not come to its end: it is 30 °C"},
		{"not there yet", "temp 40 CEL @0; temp 20.1 CEL @7200", evaluation.StatusMissing, "has not come to its end"},
		{"not there in time", "temp 40 CEL @0; temp 20.1 CEL @7201", evaluation.StatusNotMet, "took 7201 s"},
		{"an unfinished way hides no slow one", "temp 40 CEL @0; temp 20 CEL @9000; temp 41 CEL @9100; temp 30 CEL @9200", evaluation.StatusNotMet, "took 9000 s"},
		{"begun too late", "temp 39.9 CEL @0; temp 20 CEL @100", evaluation.StatusMissing, "never read at 40 °C or before it"},
		{"one of two probes too slow", "temp 40/40 CEL @0; temp 20/25 CEL @100; temp 20/20 CEL @7300", evaluation.StatusNotMet, "probe 2"},
		{"one of two probes not begun", "temp 40/30 CEL @0; temp 20/20 CEL @100", evaluation.StatusMissing, "never read"},
	} {
		test.run(t, []definition.Condition{curve(definition.OpLE, "40", "20", 7200)})
	}
	for _, test := range []limitTest{
		{"rising in time", "temp 5 CEL @0; temp 65 CEL @7200", evaluation.StatusMet, "warmed from 5 to 63 °C or more within 7200 s"},
		{"rising too slowly", "temp 5 CEL @0; temp 62.9 CEL @7200; temp 63 CEL @7201", evaluation.StatusNotMet, "took 7201 s"},
		{"rising, begun too late", "temp 5.1 CEL @0; temp 65 CEL @10", evaluation.StatusMissing, "never read at 5 °C"},
	} {
		test.run(t, []definition.Condition{curve(definition.OpGE, "5", "63", 7200)})
	}
	for _, test := range []limitTest{
		{"the warmest counts", "temp 60/40 CEL @0; temp 21/10 CEL @100; temp 20/10 CEL @200", evaluation.StatusMet, "took 200 s"},
		{"a moment of too few probes is no end", "temp 60/40 CEL @0; temp 10 CEL @100; temp 20/10 CEL @200", evaluation.StatusMet, "took 200 s"},
		{"reheated, as one of two probes says", "temp 40/39 CEL @0; temp 20/20 CEL @100; temp 41 CEL @200; temp 20/20 CEL @9000", evaluation.StatusNotMet, "took 8800 s from 41 °C"},
		{"reheated and not cooled yet, as one says", "temp 40/39 CEL @0; temp 20/20 CEL @100; temp 41 CEL @200", evaluation.StatusMissing, "has not come to its end: it is 41 °C"},
		{"one that is cool says nothing of the other", "temp 40/39 CEL @0; temp 20/20 CEL @100; temp 21 CEL @200", evaluation.StatusMet, "took 100 s"},
		{"never enough probes", "temp 60 CEL @0; temp 20 CEL @100", evaluation.StatusMissing, "by enough probes"},
	} {
		test.run(t, []definition.Condition{probes(definition.AggregateMax, 2, curve(definition.OpLE, "40", "20", 7200))})
	}
}

// TestTooFewProbesSayThatACurveIsBackOnlyWhereTheOthersCantDeny: of a rising one the coldest does.
func TestTooFewProbesSayThatACurveIsBackOnlyWhereTheOthersCantDeny(t *testing.T) {
	t.Parallel()
	const cooled, warmed = "temp 40/40 CEL @0; temp 20/20 CEL @100; temp 41 CEL @200", "temp 5/5 CEL @0; temp 63/63 CEL @100; temp 4 CEL @200"
	for _, test := range []struct {
		fn   definition.AggregateFn
		k    definition.Condition
		temp string
		want evaluation.Status
	}{
		{definition.AggregateMax, curve(definition.OpLE, "40", "20", 7200), cooled, evaluation.StatusMissing},
		{definition.AggregateMin, curve(definition.OpLE, "40", "20", 7200), cooled, evaluation.StatusMet},
		{definition.AggregateMean, curve(definition.OpLE, "40", "20", 7200), cooled, evaluation.StatusMet},
		{definition.AggregateMin, curve(definition.OpGE, "5", "63", 7200), warmed, evaluation.StatusMissing},
		{definition.AggregateMax, curve(definition.OpGE, "5", "63", 7200), warmed, evaluation.StatusMet},
	} {
		limitTest{string(test.fn), test.temp, test.want, ""}.run(t, []definition.Condition{probes(test.fn, 2, test.k)})
	}
}

func TestDerivedValues(t *testing.T) {
	t.Parallel()
	band := definition.Condition{Parameter: "component_deviation", Unit: "P1", Op: definition.OpBetween, Min: num("-2"), Max: num("2"), Derived: true}
	for _, test := range []limitTest{
		{"all within", "= component_deviation 2/-2/0", evaluation.StatusMet, "component_deviation is 2 %"},
		{"one beyond", "= component_deviation 0/2.1", evaluation.StatusNotMet, "2.1 %, and must be from -2 to 2 %"},
		{"one unknown", "= component_deviation 0/?", evaluation.StatusUndecidable, "component_deviation of SALT is not known"},
		{"one unknown, one beyond", "= component_deviation 3/?", evaluation.StatusNotMet, "3 %"},
		{"none known", "", evaluation.StatusUndecidable, "component_deviation is not known"},
		{"endless is within no band", "= component_deviation endless", evaluation.StatusNotMet, "without end"},
	} {
		test.run(t, []definition.Condition{band})
	}
	days := definition.Condition{Parameter: "remaining_days", Unit: "DAY", Op: definition.OpGE, Value: num("0"), Derived: true}
	limitTest{"endless is more than any", "= remaining_days endless", evaluation.StatusMet, "without end"}.run(t, []definition.Condition{days})
	days.Op = definition.OpLE
	limitTest{"endless is not less", "= remaining_days endless", evaluation.StatusNotMet, "without end"}.run(t, []definition.Condition{days})
}

func TestGroups(t *testing.T) {
	t.Parallel()
	ph := definition.Condition{Parameter: "ph", Unit: "Q30", Op: definition.OpLE, Value: num("4.6")}
	yield := definition.Condition{Parameter: "yield", Unit: "P1", Op: definition.OpGE, Value: num("60"), Derived: true}
	cold, hot := celsius(definition.OpLE, "4"), celsius(definition.OpGE, "60")
	for _, test := range []struct {
		limitTest
		groups [][]definition.Condition
	}{
		{limitTest{"both hold", "temp 4 CEL; ph 4.6 Q30", evaluation.StatusMet, "at most 4 °C and ph"}, [][]definition.Condition{{cold, ph}}},
		{limitTest{"one doesn't", "temp 5 CEL; ph 4.6 Q30", evaluation.StatusNotMet, "5 °C"}, [][]definition.Condition{{cold, ph}}},
		{limitTest{"one is missing", "temp 4 CEL", evaluation.StatusMissing, "ph is not measured"}, [][]definition.Condition{{cold, ph}}},
		{limitTest{"one doesn't, one is missing", "temp 5 CEL", evaluation.StatusNotMet, "5 °C"}, [][]definition.Condition{{cold, ph}}},
		{limitTest{"one is undecidable, one is missing", "", evaluation.StatusUndecidable, "yield is not known"}, [][]definition.Condition{{yield, ph}}},
		{limitTest{"one doesn't, one is undecidable", "temp 5 CEL", evaluation.StatusNotMet, "5 °C"}, [][]definition.Condition{{yield, cold}}},
		{limitTest{"the first alternative", "temp 4 CEL", evaluation.StatusMet, "at most 4"}, [][]definition.Condition{{cold}, {hot}}},
		{limitTest{"the second alternative", "temp 60 CEL", evaluation.StatusMet, "at least 60"}, [][]definition.Condition{{cold}, {hot}}},
		{limitTest{"neither", "temp 30 CEL", evaluation.StatusNotMet, "at most 4 °C; or temp is 30 °C"}, [][]definition.Condition{{cold}, {hot}}},
		{limitTest{"the other could still be", "temp 30 CEL", evaluation.StatusMissing, "ph is not measured"}, [][]definition.Condition{{cold}, {ph}}},
		{limitTest{"halves of two alternatives make no whole", "temp 4 CEL; ph 7 Q30; = yield 70", evaluation.StatusNotMet, "; or "}, [][]definition.Condition{{cold, ph}, {hot, yield}}},
	} {
		test.run(t, test.groups...)
	}
}
