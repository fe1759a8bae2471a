package rule_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/scenario/rule"
)

const (
	kebab   = "doner-frozen"
	yoghurt = "stirred-yoghurt"
	meal    = "chilled-ready-meal"
)

// now is in the afternoon; the production day began at six.
var now = time.Date(2026, 10, 5, 14, 0, 0, 0, time.UTC)

// productionDay begins at six o'clock.
func productionDay(at time.Time) time.Time { return at.Add(-6 * time.Hour).Truncate(24 * time.Hour) }

// day is midnight of a day; month 22 is October of the next year.
func day(month time.Month, d int) *time.Time {
	at := time.Date(2026, month, d, 0, 0, 0, 0, time.UTC)
	return &at
}

var scenarios = sync.OnceValues(catalogue.All)

func scenario(t testing.TB, key string) *definition.Scenario {
	t.Helper()
	all, err := scenarios()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s *definition.Scenario) bool { return s.Key == key })
	if i < 0 {
		t.Fatalf("there is no scenario %s", key)
	}
	return all[i]
}

// in is a lot "CODE" of a type, made so long ago, of which so many kilograms are drawn.
func in(lotType, code string, age time.Duration, kg string, a rule.Attributes) rule.Input {
	i := rule.Input{Code: code, LotType: lotType, MadeAt: now.Add(-age), Attributes: a}
	if kg != "" {
		d := quantity.MustParse(kg)
		i.Kg = &d
	}
	return i
}

// fresh is a lot of an hour ago, about which nothing is known.
func fresh(lotType string) rule.Input {
	return in(lotType, lotType+"-1", time.Hour, "100", rule.Attributes{})
}

// madeOf gives a lot an ancestor of a species.
func madeOf(i rule.Input, lot, species string) rule.Input {
	i.Ancestors = map[string][]rule.Carrier{"species": {{Lot: lot, Value: species}}}
	return i
}

// like are single values: "species BEEF, sku K15".
func like(text string) rule.Attributes {
	a := rule.Attributes{Values: map[string]string{}}
	for part := range strings.SplitSeq(text, ", ") {
		name, value, _ := strings.Cut(part, " ")
		a.Values[name] = value
	}
	return a
}

func of(types ...string) []rule.Output {
	outputs := make([]rule.Output, len(types))
	for i, t := range types {
		outputs[i].LotType = t
	}
	return outputs
}

func apply(t *testing.T, key string, tr rule.Transformation) ([]rule.Attributes, fault.List) {
	t.Helper()
	if tr.Kind == "" {
		tr.Kind = rule.KindProcess
	}
	tr.At, tr.ProductionDay = now, productionDay
	return rule.Apply(scenario(t, key), tr)
}

// want compares faults with "field: text" lines; each text must be in the message.
func want(t *testing.T, name string, faults fault.List, lines ...string) {
	t.Helper()
	if len(faults) != len(lines) {
		t.Errorf("%s: %d faults, want %d:\n%v", name, len(faults), len(lines), faults)
		return
	}
	for i, line := range lines {
		field, says, _ := strings.Cut(line, ": ")
		if f := faults[i]; f.Code != fault.FailedPrecondition || f.Field != field || !strings.Contains(f.Message, says) {
			t.Errorf("%s: %s %s: %s; want FAILED_PRECONDITION %s", name, f.Code, f.Field, f.Message, line)
		}
	}
}

func TestAllowedInputs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		kind    rule.Kind
		inputs  []rule.Input
		outputs []rule.Output
		faults  []string
	}{
		{"as the flow has it", rule.KindProcess, []rule.Input{fresh("BULK"), fresh("ING")}, of("MIX"), nil},
		{"another type", rule.KindProcess, []rule.Input{fresh("RAW"), fresh("ING")}, of("MIX"), []string{"inputs[0]: RAW-1 is a RAW, and MIX is made of BULK, ING, REWORK (rule ALLOWED_INPUTS)"}},
		{"two others", rule.KindProcess, []rule.Input{fresh("RAW"), fresh("DEB")}, of("MIX"), []string{"inputs[0]: RAW-1", "inputs[1]: DEB-1"}},
		{"of each output", rule.KindProcess, []rule.Input{fresh("MIX")}, of("SKW15", "SKW30", "REWORK", "SAMPLE", "WASTE"), nil},
		{"one output doesn't allow it", rule.KindProcess, []rule.Input{fresh("BULK")}, of("MIX", "SAMPLE"), []string{"inputs[0]: SAMPLE is made of MIX, FG15, FG30"}},
		{"two outputs of one type", rule.KindProcess, []rule.Input{fresh("RAW")}, of("MIX", "MIX"), []string{"inputs[0]: RAW-1"}},
		{"what is received is made of nothing", rule.KindProcess, []rule.Input{fresh("DEB")}, of("RAW"), []string{"inputs[0]: RAW is made of nothing, since it is received"}},
		{"a receipt", rule.KindReceive, nil, of("RAW", "PKG"), nil},
		{"a receipt from another site", rule.KindReceive, nil, of("MIX"), nil},
		{"a receipt of something", rule.KindReceive, []rule.Input{fresh("RAW")}, of("RAW"), []string{"inputs[0]: a RECEIVE has no inputs, and RAW-1 is one"}},
		{"something of nothing", rule.KindProcess, nil, of("MIX"), []string{"outputs[0]: MIX is made of nothing"}},
		{"an unknown type", rule.KindProcess, []rule.Input{fresh("MIX")}, of("SOUP"), []string{"outputs[0]: SOUP is no lot type of the scenario doner-frozen 1.0.0"}},
		{"a split", rule.KindSplit, []rule.Input{fresh("BULK")}, of("BULK", "BULK"), nil},
		{"a merger", rule.KindMerge, []rule.Input{fresh("FG15"), fresh("FG15")}, of("FG15"), nil},
		{"a merger into another type", rule.KindMerge, []rule.Input{fresh("DEB"), fresh("DEB")}, of("BULK"), nil},
		{"a merger of two types into one of them", rule.KindMerge, []rule.Input{fresh("BULK"), fresh("DEB")}, of("BULK"), nil},
		{"a split into another type", rule.KindSplit, []rule.Input{fresh("RAW")}, of("RAW", "MIX"), []string{"inputs[0]: RAW-1 is a RAW, and MIX"}},
		{"a process is no split", rule.KindProcess, []rule.Input{fresh("BULK")}, of("BULK"), []string{"inputs[0]: BULK is made of DEB"}},
		{"rework", rule.KindRework, []rule.Input{fresh("SKW15")}, of("REWORK"), nil},
		{"rework of frozen rods", rule.KindRework, []rule.Input{fresh("FRZ15")}, of("REWORK"), []string{"inputs[0]: REWORK is made of MIX, SKW15, SKW30"}},
		{"waste", rule.KindWaste, []rule.Input{fresh("PAL")}, of("WASTE"), nil},
		{"a sample of raw meat", rule.KindSample, []rule.Input{fresh("RAW")}, of("SAMPLE"), []string{"inputs[0]: SAMPLE is made of"}},
		{"a shipment leaves nothing", rule.KindShip, []rule.Input{fresh("SHIP")}, nil, nil},
	} {
		_, faults := apply(t, kebab, rule.Transformation{Kind: test.kind, Inputs: test.inputs, Outputs: test.outputs})
		want(t, test.name, faults, test.faults...)
	}
}

func TestSameAttribute(t *testing.T) {
	t.Parallel()
	beef, chicken := like("species BEEF, category RED_MEAT"), like("species CHICKEN, category POULTRY")
	bulk := func(code string, a rule.Attributes) rule.Input { return in("BULK", code, time.Hour, "100", a) }
	spice := in("ING", "ING-1", time.Hour, "5", like("category DRY"))
	for _, test := range []struct {
		name   string
		tr     rule.Transformation
		takes  map[string]string
		faults []string
	}{
		{"the output takes species and category", rule.Transformation{Inputs: []rule.Input{bulk("A", beef), spice}, Outputs: of("MIX")}, beef.Values, nil},
		{
			"two species",
			rule.Transformation{Inputs: []rule.Input{bulk("A", beef), spice, bulk("B", chicken)}, Outputs: of("MIX")},
			map[string]string{},
			[]string{"inputs[2]: B has the species CHICKEN, and A has BEEF: all that MIX is made of has the same (rule SAME_ATTRIBUTE)"},
		},
		{
			"each other input is named",
			rule.Transformation{Inputs: []rule.Input{bulk("A", beef), bulk("B", chicken), bulk("C", chicken)}, Outputs: of("MIX")},
			map[string]string{},
			[]string{"inputs[1]: B has", "inputs[2]: C has"},
		},
		{
			"another species further back",
			rule.Transformation{Inputs: []rule.Input{bulk("A", beef), madeOf(spice, "RAW-7", "PORK")}, Outputs: of("MIX")},
			map[string]string{},
			[]string{"inputs[1]: RAW-7 has the species PORK and is in ING-1, and A has BEEF"},
		},
		{
			"another species behind the same input",
			rule.Transformation{Inputs: []rule.Input{madeOf(bulk("A", beef), "RAW-7", "PORK")}, Outputs: of("MIX")},
			map[string]string{},
			[]string{"inputs[0]: RAW-7 has the species PORK and is in A"},
		},
		{"the same species further back", rule.Transformation{Inputs: []rule.Input{madeOf(bulk("A", beef), "RAW-7", "BEEF")}, Outputs: of("MIX")}, beef.Values, nil},
		{"a species known further back alone", rule.Transformation{Inputs: []rule.Input{madeOf(fresh("BULK"), "RAW-7", "BEEF")}, Outputs: of("MIX")}, map[string]string{"species": "BEEF"}, nil},
		{"no species anywhere", rule.Transformation{Inputs: []rule.Input{fresh("BULK")}, Outputs: of("MIX")}, map[string]string{}, nil},
		{"the output is said to have it", rule.Transformation{Inputs: []rule.Input{bulk("A", beef)}, Outputs: []rule.Output{{LotType: "MIX", Attributes: like("species BEEF, state CHILLED")}}}, map[string]string{"species": "BEEF", "category": "RED_MEAT", "state": "CHILLED"}, nil},
		{
			"the output is said to have another",
			rule.Transformation{Inputs: []rule.Input{bulk("A", beef)}, Outputs: []rule.Output{{LotType: "MIX", Attributes: chicken}}},
			chicken.Values,
			[]string{"outputs[0]: it is said to have the species CHICKEN, and A, which it is made of, has BEEF"},
		},
		{"categories that differ", rule.Transformation{Inputs: []rule.Input{bulk("A", beef), bulk("B", like("species BEEF, category OFFAL"))}, Outputs: of("MIX")}, map[string]string{"species": "BEEF"}, nil},
		{"waste takes nothing", rule.Transformation{Inputs: []rule.Input{bulk("A", beef), bulk("B", chicken)}, Outputs: of("WASTE")}, map[string]string{}, nil},
	} {
		made, faults := apply(t, kebab, test.tr)
		want(t, test.name, faults, test.faults...)
		if diff := cmp.Diff(test.takes, made[0].Values); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestSameAttributeOfDirectInputs(t *testing.T) {
	t.Parallel()
	rod := func(code, sku string) rule.Input { return in("FG15", code, time.Hour, "15", like("sku "+sku)) }
	behind := rod("B", "K15")
	behind.Ancestors = map[string][]rule.Carrier{"sku": {{Lot: "FRZ", Value: "K30"}}}
	made, faults := apply(t, kebab, rule.Transformation{Kind: rule.KindPack, Inputs: []rule.Input{rod("A", "K15"), behind}, Outputs: of("PAL")})
	want(t, "one SKU", faults)
	if made[0].Values["sku"] != "K15" {
		t.Errorf("the pallet has the SKU %q; want K15", made[0].Values["sku"])
	}
	_, faults = apply(t, kebab, rule.Transformation{Kind: rule.KindPack, Inputs: []rule.Input{rod("A", "K15"), rod("B", "K15L")}, Outputs: of("PAL")})
	want(t, "two SKUs", faults, "inputs[1]: B has the sku K15L, and A has K15")
	_, faults = apply(t, kebab, rule.Transformation{Kind: rule.KindMerge, Inputs: []rule.Input{rod("A", "K15"), rod("B", "K15L")}, Outputs: of("FG15")})
	want(t, "a merger is allowed and not exempt", faults, "inputs[1]: B has the sku K15L")
}

func TestSameProductionDay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		age    time.Duration
		faults []string
	}{
		{"at the beginning of the day", 8 * time.Hour, nil},
		{"before it", 8*time.Hour + time.Second, []string{"inputs[1]: BULK-1 was made on the production day 2026-10-04, and MIX takes BULK of its own day alone, which is 2026-10-05 (rule SAME_PRODUCTION_DAY)"}},
	} {
		_, faults := apply(t, kebab, rule.Transformation{Inputs: []rule.Input{in("ING", "ING-1", 240*time.Hour, "5", rule.Attributes{}), in("BULK", "BULK-1", test.age, "100", rule.Attributes{})}, Outputs: of("MIX")})
		want(t, test.name, faults, test.faults...)
	}
	_, faults := apply(t, kebab, rule.Transformation{Kind: rule.KindWaste, Inputs: []rule.Input{in("BULK", "BULK-1", 48*time.Hour, "100", rule.Attributes{})}, Outputs: of("WASTE")})
	want(t, "waste of yesterday", faults)
}

func TestMaxAge(t *testing.T) {
	t.Parallel()
	deb := func(age time.Duration) []rule.Input {
		return []rule.Input{in("DEB", "DEB-1", age, "100", rule.Attributes{})}
	}
	three, four := 3, 4
	for _, test := range []struct {
		name   string
		tr     rule.Transformation
		faults []string
	}{
		{"just young enough", rule.Transformation{Phase: &three, Inputs: deb(2 * time.Hour), Outputs: of("BULK")}, nil},
		{"a second too old", rule.Transformation{Phase: &three, Inputs: deb(2*time.Hour + time.Second), Outputs: of("BULK")}, []string{"inputs[0]: DEB-1 is 2h0m1s old, and phase 3 takes a DEB of at most 2h0m0s (rule MAX_AGE)"}},
		{"with waste beside", rule.Transformation{Phase: &three, Inputs: deb(3 * time.Hour), Outputs: of("WASTE", "BULK")}, []string{"inputs[0]: DEB-1 is 3h0m0s old"}},
		{"in a phase that makes no such lots", rule.Transformation{Phase: &four, Inputs: deb(3 * time.Hour), Outputs: of("BULK")}, []string{"inputs[0]: DEB-1 is 3h0m0s old"}},
		{"in no phase that is named", rule.Transformation{Inputs: deb(3 * time.Hour), Outputs: of("BULK")}, []string{"inputs[0]: DEB-1 is 3h0m0s old"}},
		{"split", rule.Transformation{Kind: rule.KindSplit, Phase: &three, Inputs: deb(3 * time.Hour), Outputs: of("DEB", "DEB")}, nil},
		{"waste", rule.Transformation{Kind: rule.KindWaste, Phase: &three, Inputs: deb(3 * time.Hour), Outputs: of("WASTE")}, nil},
		{"waste by another kind", rule.Transformation{Phase: &three, Inputs: deb(3 * time.Hour), Outputs: of("WASTE")}, nil},
		{"waste that is fetched", rule.Transformation{Kind: rule.KindWaste, Phase: &three, Inputs: deb(3 * time.Hour)}, nil},
		{"shipped in another phase", rule.Transformation{Kind: rule.KindShip, Phase: &four, Inputs: deb(3 * time.Hour)}, nil},
		{"shipped", rule.Transformation{Kind: rule.KindShip, Phase: &three, Inputs: deb(3 * time.Hour)}, []string{"inputs[0]: DEB-1"}},
	} {
		_, faults := apply(t, kebab, test.tr)
		want(t, test.name, faults, test.faults...)
	}
}

// TestMaxAgeIsOfOnePhase: WIP may be old where it is sampled or sold, and not where trays are filled.
func TestMaxAgeIsOfOnePhase(t *testing.T) {
	t.Parallel()
	six := 6
	old := []rule.Input{in("WIP", "WIP-1", 48*time.Hour+time.Second, "100", rule.Attributes{})}
	for _, test := range []struct {
		name   string
		phase  *int
		output string
		faults []string
	}{
		{"a tray", nil, "TRAY", []string{"inputs[0]: WIP-1 is 48h0m1s old, and phase 7"}},
		{"rework, which phase 7 makes", nil, "REWORK", []string{"inputs[0]: WIP-1 is 48h0m1s old, and phase 7"}},
		{"a tray, said to be of phase 6", &six, "TRAY", []string{"inputs[0]: WIP-1 is 48h0m1s old, and phase 7"}},
		{"a sample", &six, "SAMPLE", nil},
	} {
		_, faults := apply(t, meal, rule.Transformation{Phase: test.phase, Inputs: old, Outputs: of(test.output)})
		want(t, test.name, faults, test.faults...)
	}
}

// TestATypeOfTwoPhasesIsMadeInTheOneThatIsNamed: the age that one of them allows says nothing about the other.
func TestATypeOfTwoPhasesIsMadeInTheOneThatIsNamed(t *testing.T) {
	t.Parallel()
	s := *scenario(t, kebab)
	s.Phases = slices.Clone(s.Phases)
	four := 4
	s.Phases[four].Creates = append(slices.Clone(s.Phases[four].Creates), "BULK")
	tr := rule.Transformation{
		Kind: rule.KindProcess, At: now, ProductionDay: productionDay, Phase: &four,
		Inputs: []rule.Input{in("DEB", "DEB-1", 3*time.Hour, "100", rule.Attributes{})}, Outputs: of("BULK"),
	}
	_, faults := rule.Apply(&s, tr)
	want(t, "in phase 4", faults)
	tr.Phase = nil
	_, faults = rule.Apply(&s, tr)
	want(t, "in either", faults, "inputs[0]: DEB-1 is 3h0m0s old, and phase 3")
}

func TestMaxShare(t *testing.T) {
	t.Parallel()
	lot := func(lotType, code, kg string) rule.Input { return in(lotType, code, time.Hour, kg, rule.Attributes{}) }
	for _, test := range []struct {
		name   string
		inputs []rule.Input
		faults []string
	}{
		{"just a tenth", []rule.Input{lot("BULK", "B", "90.000"), lot("REWORK", "R", "10.000")}, nil},
		{"a gram more", []rule.Input{lot("BULK", "B", "90.000"), lot("REWORK", "R", "10.001")}, []string{"inputs[1]: 10.001 of 100.001 kg are R: REWORK is at most 10 % of what goes into MIX (rule MAX_SHARE)"}},
		{"two together", []rule.Input{lot("REWORK", "R1", "6.000"), lot("BULK", "B", "90.000"), lot("REWORK", "R2", "6.000")}, []string{"inputs[0]: 12.000 of 102.000 kg are R1, R2"}},
		{"spices count too", []rule.Input{lot("BULK", "B", "85.000"), lot("ING", "I", "5.000"), lot("REWORK", "R", "10.000")}, nil},
		{"a count is no mass", []rule.Input{lot("BULK", "B", "90.000"), lot("ING", "I", ""), lot("REWORK", "R", "10.000")}, nil},
		{"not weighed", []rule.Input{lot("BULK", "B", "90.000"), lot("REWORK", "R", "")}, []string{"inputs[1]: how many kilograms of R are drawn isn't known, and MIX takes REWORK up to 10 %"}},
		{"one not weighed, and the other too much already", []rule.Input{lot("REWORK", "R1", ""), lot("BULK", "B", "80.000"), lot("REWORK", "R2", "20.000")}, []string{
			"inputs[0]: how many kilograms of R1", "inputs[2]: 20.000 of 100.000 kg are R2:",
		}},
		{"nothing but rework", []rule.Input{lot("REWORK", "R", "1.000")}, []string{"inputs[0]: 1.000 of 1.000 kg"}},
		{"more than a number holds", []rule.Input{lot("BULK", "B", "9999999999999999999"), lot("REWORK", "R", "9")}, []string{"inputs[1]: the share of REWORK in MIX can't be computed: the sum of"}},
	} {
		_, faults := apply(t, kebab, rule.Transformation{Inputs: test.inputs, Outputs: of("MIX")})
		want(t, test.name, faults, test.faults...)
	}
	_, faults := apply(t, kebab, rule.Transformation{Kind: rule.KindWaste, Inputs: []rule.Input{lot("REWORK", "R", "5.000")}, Outputs: of("WASTE")})
	want(t, "waste may be rework alone", faults)
}

func TestInheritUnion(t *testing.T) {
	t.Parallel()
	with := func(lotType string, allergens ...string) rule.Input {
		return in(lotType, lotType+"-1", time.Hour, "10", rule.Attributes{Lists: map[string][]string{"allergens": allergens}})
	}
	outputs := of("MIX", "WASTE")
	outputs[0].Attributes.Lists = map[string][]string{"allergens": {"MUSTARD"}}
	made, faults := apply(t, kebab, rule.Transformation{Inputs: []rule.Input{with("BULK", "SOY", "MILK"), with("ING", "CELERY", "MILK")}, Outputs: outputs})
	want(t, "a mix", faults)
	for i, list := range [][]string{{"CELERY", "MILK", "MUSTARD", "SOY"}, {"CELERY", "MILK", "SOY"}} {
		if diff := cmp.Diff(list, made[i].Lists["allergens"]); diff != "" {
			t.Errorf("allergens of %s (-want +got):\n%s", outputs[i].LotType, diff)
		}
	}
	if diff := cmp.Diff([]string{"MUSTARD"}, outputs[0].Attributes.Lists["allergens"]); diff != "" {
		t.Errorf("what was given was changed (-want +got):\n%s", diff)
	}
	outputs[0].Attributes.Lists["allergens"] = []string{"SOY", "MILK"}
	apply(t, kebab, rule.Transformation{Inputs: []rule.Input{with("BULK")}, Outputs: outputs})
	if diff := cmp.Diff([]string{"SOY", "MILK"}, outputs[0].Attributes.Lists["allergens"]); diff != "" {
		t.Errorf("what was given was sorted (-want +got):\n%s", diff)
	}
	made, _ = apply(t, kebab, rule.Transformation{Inputs: []rule.Input{with("BULK")}, Outputs: of("MIX")})
	if _, ok := made[0].Lists["allergens"]; ok {
		t.Errorf("of nothing it inherits %v", made[0].Lists)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	until := func(lotType string, best *time.Time) rule.Input {
		return in(lotType, lotType+"-1", time.Hour, "100", rule.Attributes{BestBefore: best})
	}
	said := func(lotType string, best *time.Time) []rule.Output {
		return []rule.Output{{LotType: lotType, Attributes: rule.Attributes{BestBefore: best}}}
	}
	for _, test := range []struct {
		name, scenario string
		tr             rule.Transformation
		want           *time.Time
		faults         []string
	}{
		{"its own days", kebab, rule.Transformation{Inputs: []rule.Input{until("RAW", day(10, 30))}, Outputs: of("DEB")}, day(10, 7), nil},
		{"an input's date is earlier", kebab, rule.Transformation{Inputs: []rule.Input{until("RAW", day(10, 6))}, Outputs: of("DEB")}, day(10, 6), nil},
		{"the earliest of the inputs", kebab, rule.Transformation{Inputs: []rule.Input{until("BULK", day(10, 7)), until("ING", nil), until("BULK", day(10, 6)), until("BULK", day(10, 8))}, Outputs: of("MIX")}, day(10, 6), nil},
		{"no input has a date", kebab, rule.Transformation{Inputs: []rule.Input{until("RAW", nil)}, Outputs: of("DEB")}, day(10, 7), nil},
		{"freezing begins anew", kebab, rule.Transformation{Inputs: []rule.Input{until("SKW15", day(10, 6))}, Outputs: of("FRZ15")}, day(22, 5), nil},
		{"cooking begins anew", meal, rule.Transformation{Inputs: []rule.Input{until("KIT", day(10, 6))}, Outputs: of("COOK")}, day(10, 14), nil},
		{"milk that nothing dates", yoghurt, rule.Transformation{Inputs: []rule.Input{until("STDM", nil)}, Outputs: of("PAST")}, nil, nil},
		{"waste", kebab, rule.Transformation{Inputs: []rule.Input{until("DEB", day(10, 6))}, Outputs: of("WASTE")}, nil, nil},
		{"it is said to expire earlier", kebab, rule.Transformation{Inputs: []rule.Input{until("RAW", nil)}, Outputs: said("DEB", day(10, 6))}, day(10, 6), nil},
		{"it is said to expire then", kebab, rule.Transformation{Inputs: []rule.Input{until("RAW", nil)}, Outputs: said("DEB", day(10, 7))}, day(10, 7), nil},
		{
			"it is said to expire later", kebab,
			rule.Transformation{Inputs: []rule.Input{until("RAW", nil)}, Outputs: said("DEB", day(10, 8))},
			day(10, 8),
			[]string{"outputs[0]: it is said to be best before 2026-10-08, and DEB is so before 2026-10-07 at the latest (rule EXPIRY)"},
		},
		{"a type without a shelf life is said to", yoghurt, rule.Transformation{Inputs: []rule.Input{until("STDM", nil)}, Outputs: said("PAST", day(10, 8))}, day(10, 8), nil},
		{"received with its date", kebab, rule.Transformation{Kind: rule.KindReceive, Outputs: said("FG15", day(12, 31))}, day(12, 31), nil},
		{"received without one", kebab, rule.Transformation{Kind: rule.KindReceive, Outputs: of("FG15")}, nil, nil},
		{"a split makes nothing new", kebab, rule.Transformation{Kind: rule.KindSplit, Inputs: []rule.Input{until("FRZ15", day(11, 1))}, Outputs: of("FRZ15", "FRZ15")}, day(11, 1), nil},
		{"nor does a merger", kebab, rule.Transformation{Kind: rule.KindMerge, Inputs: []rule.Input{until("FRZ15", day(11, 2)), until("FRZ15", day(11, 1))}, Outputs: of("FRZ15")}, day(11, 1), nil},
		{"goods of an unknown date have it after a split", kebab, rule.Transformation{Kind: rule.KindSplit, Inputs: []rule.Input{until("BULK", nil)}, Outputs: of("BULK")}, nil, nil},
		{"a merger into another type makes something new", kebab, rule.Transformation{Kind: rule.KindMerge, Inputs: []rule.Input{until("DEB", nil), until("DEB", nil)}, Outputs: of("BULK")}, day(10, 7), nil},
		{
			"a split doesn't prolong", kebab,
			rule.Transformation{Kind: rule.KindSplit, Inputs: []rule.Input{until("FRZ15", day(11, 1))}, Outputs: said("FRZ15", day(11, 2))},
			day(11, 2),
			[]string{"outputs[0]: it is said to be best before 2026-11-02, and FRZ15 is so before 2026-11-01 at the latest"},
		},
		{"a split under a rule", kebab, rule.Transformation{Kind: rule.KindSplit, Inputs: []rule.Input{until("BULK", day(10, 6))}, Outputs: of("BULK")}, day(10, 6), nil},
	} {
		made, faults := apply(t, test.scenario, test.tr)
		want(t, test.name, faults, test.faults...)
		if diff := cmp.Diff(test.want, made[0].BestBefore); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestSplitAndMergeKeepWhatTheGoodsAre(t *testing.T) {
	t.Parallel()
	lot := func(code, attributes string, allergens ...string) rule.Input {
		a := like(attributes)
		a.Lists = map[string][]string{"allergens": allergens, "claims": {"HALAL"}}
		a.BestBefore = day(10, 9)
		return in("WIP", code, time.Hour, "10", a)
	}
	made, faults := apply(t, meal, rule.Transformation{Kind: rule.KindMerge, Outputs: of("WIP"), Inputs: []rule.Input{
		lot("A", "state CHILLED, species CHICKEN, supplier X, sku M1", "MILK"), lot("B", "state CHILLED, species CHICKEN, supplier Y, grade 2", "SOY"),
	}})
	want(t, "a merger", faults)
	expected := rule.Attributes{
		Values: map[string]string{"state": "CHILLED", "species": "CHICKEN"},
		Lists:  map[string][]string{"allergens": {"MILK", "SOY"}, "claims": {"HALAL"}}, BestBefore: day(10, 9),
	}
	if diff := cmp.Diff(expected, made[0]); diff != "" {
		t.Errorf("a merger (-want +got):\n%s", diff)
	}
	outputs := []rule.Output{{LotType: "WIP", Attributes: like("state FROZEN")}}
	made, _ = apply(t, meal, rule.Transformation{Kind: rule.KindSplit, Outputs: outputs, Inputs: []rule.Input{lot("A", "state CHILLED, sku M1")}})
	if diff := cmp.Diff(map[string]string{"state": "FROZEN", "sku": "M1"}, made[0].Values); diff != "" {
		t.Errorf("a split (-want +got):\n%s", diff)
	}
	outputs = of("TRAY")
	made, _ = apply(t, meal, rule.Transformation{Outputs: outputs, Inputs: []rule.Input{lot("A", "state CHILLED, sku M1")}})
	if len(made[0].Values) > 0 {
		t.Errorf("a process hands on %v; want nothing that no rule names", made[0].Values)
	}
}

// TestAllFaultsAtOnce breaks four rules in one transformation.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, faults := apply(t, kebab, rule.Transformation{Outputs: of("MIX"), Inputs: []rule.Input{
		in("BULK", "B", 30*time.Hour, "50", like("species BEEF")),
		in("REWORK", "R", time.Hour, "50", like("species PORK")),
		fresh("PKG"),
	}})
	want(t, "a mix", faults,
		"inputs[2]: PKG-1 is a PKG, and MIX is made of BULK, ING, REWORK (rule ALLOWED_INPUTS)",
		"inputs[1]: R has the species PORK, and B has BEEF: all that MIX is made of has the same (rule SAME_ATTRIBUTE)",
		"inputs[0]: B was made on the production day 2026-10-04, and MIX takes BULK of its own day alone, which is 2026-10-05 (rule SAME_PRODUCTION_DAY)",
		"inputs[1]: 50 of 200 kg are R: REWORK is at most 10 % of what goes into MIX (rule MAX_SHARE)")
}

func TestTraced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scenario string
		outputs  []rule.Output
		want     []string
	}{
		{kebab, of("WASTE", "PAL"), []string{"species"}},
		{kebab, of("WASTE"), nil},
		{kebab, nil, nil},
		{meal, of("FG"), nil}, // of direct inputs
	} {
		if diff := cmp.Diff(test.want, rule.Traced(scenario(t, test.scenario), test.outputs)); diff != "" {
			t.Errorf("%v of %s (-want +got):\n%s", test.outputs, test.scenario, diff)
		}
	}
}
