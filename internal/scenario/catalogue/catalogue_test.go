package catalogue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/quantity"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
)

func all(t *testing.T) []*definition.Scenario {
	t.Helper()
	scenarios, err := catalogue.All()
	if err != nil {
		t.Fatal(err)
	}
	return scenarios
}

// size counts the parts of a scenario, so that none is lost unseen.
type size struct {
	Streams, LotTypes, Phases, Buffers, Equipment, Gates, CCPs, Limits, Assumed, Questions, Rules int
}

func TestAll(t *testing.T) {
	t.Parallel()
	got := map[string]size{}
	for _, s := range all(t) {
		n := size{
			Streams: len(s.Streams), LotTypes: len(s.LotTypes), Phases: len(s.Phases), Buffers: len(s.Buffers),
			Equipment: len(s.Equipment), Gates: len(s.Gates), Rules: len(s.Rules),
		}
		for _, g := range s.Gates {
			if g.Kind == definition.KindCCP {
				n.CCPs++
			}
			n.Questions += len(g.Checklist)
			n.Limits += len(g.Limits)
			for _, l := range g.Limits {
				if l.Assumed {
					n.Assumed++
				}
			}
		}
		got[s.Key] = n
		if s.Version != "1.0.0" {
			t.Errorf("%s has version %s", s.Key, s.Version)
		}
	}
	want := map[string]size{
		"chilled-ready-meal": {Streams: 3, LotTypes: 15, Phases: 12, Buffers: 6, Equipment: 9, Gates: 10, CCPs: 5, Limits: 18, Assumed: 9, Questions: 23, Rules: 22},
		"doner-frozen":       {Streams: 3, LotTypes: 17, Phases: 11, Buffers: 6, Equipment: 7, Gates: 13, CCPs: 4, Limits: 20, Assumed: 6, Questions: 29, Rules: 26},
		"stirred-yoghurt":    {Streams: 3, LotTypes: 15, Phases: 12, Buffers: 7, Equipment: 9, Gates: 14, CCPs: 6, Limits: 18, Assumed: 11, Questions: 25, Rules: 21},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAllIsSortedByKey(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, s := range all(t) {
		keys = append(keys, s.Key)
	}
	if diff := cmp.Diff([]string{"chilled-ready-meal", "doner-frozen", "stirred-yoghurt"}, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCriticalLimits holds the limits of the cooking, cooling, pasteurizing and freezing gates against their sources.
func TestCriticalLimits(t *testing.T) {
	t.Parallel()
	dwell := func(value string, seconds int) definition.Condition {
		return definition.Condition{Op: definition.OpGE, Unit: "CEL", Value: number(value), ForAtLeastS: seconds}
	}
	probes := func(c definition.Condition, parameter string, fn definition.AggregateFn) definition.Condition {
		c.Parameter = parameter
		if fn != "" {
			c.Aggregate = &definition.Aggregate{Fn: fn, Probes: 3}
		}
		return c
	}
	curve := func(from, to string, seconds int) definition.Condition {
		return definition.Condition{Op: definition.OpLE, Unit: "CEL", FromValue: number(from), ToValue: number(to), WithinS: seconds}
	}
	for name, c := range map[string]struct {
		scenario, gate, source string
		want                   [][]definition.Condition
	}{
		"cooking": {"chilled-ready-meal", "4", "UK FSA time and temperature equivalents", [][]definition.Condition{
			{probes(dwell("70", 120), "core_temp", definition.AggregateMin)},
			{probes(dwell("75", 30), "core_temp", definition.AggregateMin)},
			{probes(dwell("80", 6), "core_temp", definition.AggregateMin)},
		}},
		"cooling": {"chilled-ready-meal", "5", "USDA FSIS Appendix B, option 1", [][]definition.Condition{{
			probes(curve("54.4", "26.7", 5400), "core_temp", definition.AggregateMax),
			probes(curve("26.7", "4.4", 18000), "core_temp", definition.AggregateMax),
		}}},
		"pasteurizing": {"stirred-yoghurt", "4", "Reg. (EC) 853/2004 Annex III Section IX", [][]definition.Condition{
			{probes(dwell("72", 15), "holding_temp", "")},
			{probes(dwell("63", 1800), "holding_temp", "")},
		}},
		"freezing": {"doner-frozen", "7", "Directive 89/108/EEC", [][]definition.Condition{{
			probes(definition.Condition{Op: definition.OpLE, Unit: "CEL", Value: number("-18")}, "core_temp", definition.AggregateMax),
		}}},
	} {
		for _, s := range all(t) {
			if s.Key != c.scenario {
				continue
			}
			gate, ok := s.Gate(quantity.MustParse(c.gate))
			if !ok || gate.Kind != definition.KindCCP || gate.Mode != definition.ModeBlocking {
				t.Fatalf("%s: gate %s is no blocking CCP: %+v", name, c.gate, gate)
			}
			if diff := cmp.Diff(c.want, gate.Limits[0].AnyOf); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if gate.Limits[0].Source != c.source || gate.Limits[0].Assumed {
				t.Errorf("%s: source %q, assumed %v", name, gate.Limits[0].Source, gate.Limits[0].Assumed)
			}
		}
	}
}

func number(s string) *definition.Number {
	return &definition.Number{Decimal: quantity.MustParse(s)}
}
