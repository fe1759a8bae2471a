package evaluation_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/catalogue"
	"flowviz/internal/scenario/definition"
)

var start = time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC)

var scenarios = sync.OnceValues(catalogue.All)

// gate is one of the catalogue's: "chilled-ready-meal 4".
func gate(t *testing.T, name string) definition.Gate {
	t.Helper()
	key, number, _ := strings.Cut(name, " ")
	all, err := scenarios()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Key == key {
			if g, ok := s.Gate(quantity.MustParse(number)); ok {
				return g
			}
		}
	}
	t.Fatalf("there is no gate %s", name)
	return definition.Gate{}
}

// gateOf is a gate with one limit.
func gateOf(groups ...[]definition.Condition) definition.Gate {
	return definition.Gate{
		Number: quantity.MustParse("4"), Name: definition.Text{En: "Test"},
		Limits: []definition.Limit{{Code: "LIM", Name: definition.Text{En: "Limit"}, AnyOf: groups}},
	}
}

func num(s string) *definition.Number { return &definition.Number{Decimal: quantity.MustParse(s)} }

func dec(s string) *quantity.Decimal {
	d := quantity.MustParse(s)
	return &d
}

// measured reads "core_temp 70/71/70.5 CEL @0 @60; ph 4.6 Q30": a parameter, the value of each probe, the unit, and the seconds
// at which they were read; without any it is at once.
func measured(t *testing.T, text string) []evaluation.Measurement {
	t.Helper()
	var all []evaluation.Measurement
	for part := range strings.SplitSeq(text, ";") {
		fields := strings.Fields(part)
		if len(fields) == 0 || fields[0] == "=" {
			continue
		}
		times := fields[3:]
		if len(times) == 0 {
			times = []string{"@0"}
		}
		values := strings.Split(fields[1], "/")
		for _, at := range times {
			s, err := strconv.ParseFloat(at[1:], 64)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				m := evaluation.Measurement{
					Parameter: fields[0], Value: quantity.MustParse(v), Unit: fields[2], At: start.Add(time.Duration(s * float64(time.Second))),
				}
				if len(values) > 1 {
					m.Probe = strconv.Itoa(i + 1)
				}
				all = append(all, m)
			}
		}
	}
	return all
}

// derived reads "= yield 60/70": a parameter and its values; endless and ? are values too.
func derived(text string) map[string][]evaluation.Derived {
	facts := map[string][]evaluation.Derived{}
	for part := range strings.SplitSeq(text, ";") {
		fields := strings.Fields(part)
		if len(fields) == 0 || fields[0] != "=" {
			continue
		}
		for v := range strings.SplitSeq(fields[2], "/") {
			switch v {
			case "endless":
				facts[fields[1]] = append(facts[fields[1]], evaluation.Derived{Endless: true})
			case "?":
				facts[fields[1]] = append(facts[fields[1]], evaluation.Derived{Of: "SALT"})
			default:
				facts[fields[1]] = append(facts[fields[1]], evaluation.Derived{Value: dec(v)})
			}
		}
	}
	return facts
}

// evaluated is the finding about one limit or item.
func evaluated(t *testing.T, in evaluation.Input, code string) evaluation.Finding {
	t.Helper()
	r, err := evaluation.Evaluate(in)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	for _, f := range r.Findings {
		if f.Code == code {
			return f
		}
	}
	t.Fatalf("nothing was found about %s", code)
	return evaluation.Finding{}
}
