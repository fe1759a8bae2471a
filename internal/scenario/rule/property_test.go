package rule_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/rule"
)

// anyInput is a lot that may go into a mix, or not, by its type, species, day and weight.
func anyInput(t *rapid.T, i int) rule.Input {
	lot := rule.Input{
		Code: fmt.Sprint("LOT-", i), LotType: rapid.SampledFrom([]string{"BULK", "ING", "REWORK", "DEB"}).Draw(t, "type"),
		MadeAt: now.Add(-time.Duration(rapid.IntRange(0, 30).Draw(t, "hours")) * time.Hour),
		Attributes: rule.Attributes{
			Values: map[string]string{"species": rapid.SampledFrom([]string{"", "BEEF", "PORK"}).Draw(t, "species")},
			Lists:  map[string][]string{"allergens": rapid.SliceOfN(rapid.SampledFrom([]string{"MILK", "SOY", "EGG"}), 0, 3).Draw(t, "allergens")},
		},
	}
	kg := quantity.Grams(rapid.Int64Range(0, 10_000_000).Draw(t, "grams"))
	lot.Kg = &kg
	if days := rapid.IntRange(-5, 5).Draw(t, "days"); days != 0 { // on the same day it isn't known
		at := day(10, 5).AddDate(0, 0, days)
		lot.Attributes.BestBefore = &at
	}
	return lot
}

func anyInputs(t *rapid.T) []rule.Input {
	inputs := make([]rule.Input, rapid.IntRange(1, 6).Draw(t, "count"))
	for i := range inputs {
		inputs[i] = anyInput(t, i)
	}
	return inputs
}

func mix(t testing.TB, inputs []rule.Input) (rule.Attributes, fault.List) {
	t.Helper()
	made, faults := rule.Apply(scenario(t, kebab), rule.Transformation{
		Kind: rule.KindProcess, At: now, ProductionDay: productionDay, Inputs: inputs, Outputs: of("MIX"),
	})
	return made[0], faults
}

// broken counts faults by their rule.
func broken(faults fault.List) map[string]int {
	counts := map[string]int{}
	for _, f := range faults {
		_, by, _ := strings.Cut(f.Message, "(rule ")
		counts[strings.TrimSuffix(by, ")")]++
	}
	return counts
}

// TestRulesAreKeptAsTheyAreDefined compares each rule with its definition, written as plainly as it can be.
func TestRulesAreKeptAsTheyAreDefined(t *testing.T) {
	t.Parallel()
	whole := t
	rapid.Check(t, func(t *rapid.T) {
		inputs := anyInputs(t)
		made, faults := mix(whole, inputs)
		want := map[string]int{}
		species, allergens := map[string]bool{}, map[string]bool{}
		var rework, all int64
		best := day(10, 7) // two days from its production day
		for _, in := range inputs {
			if in.LotType == "DEB" {
				want["ALLOWED_INPUTS"]++
			}
			if early := in.MadeAt.Before(now.Add(-8 * time.Hour)); early && (in.LotType == "BULK" || in.LotType == "REWORK") {
				want["SAME_PRODUCTION_DAY"]++
			}
			if s := in.Attributes.Values["species"]; s != "" {
				species[s] = true
			}
			for _, a := range in.Attributes.Lists["allergens"] {
				allergens[a] = true
			}
			g := grams(t, *in.Kg)
			if all += g; in.LotType == "REWORK" {
				rework += g
			}
			if b := in.Attributes.BestBefore; b != nil && b.Before(*best) {
				best = b
			}
		}
		if rework*10 > all {
			want["MAX_SHARE"]++
		}
		got := broken(faults)
		if (got["SAME_ATTRIBUTE"] > 0) != (len(species) > 1) {
			t.Fatalf("species %v: %v", species, faults)
		}
		delete(got, "SAME_ATTRIBUTE")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("broken rules (-want +got):\n%s\n%v", diff, faults)
		}
		if list := slices.Sorted(maps.Keys(allergens)); !slices.Equal(list, made.Lists["allergens"]) {
			t.Fatalf("allergens %v; want %v", made.Lists["allergens"], list)
		}
		if !made.BestBefore.Equal(*best) {
			t.Fatalf("best before %s; want %s", made.BestBefore, best)
		}
	})
}

// grams are those of kilograms with three decimals.
func grams(t *rapid.T, kg quantity.Decimal) int64 {
	g, err := strconv.ParseInt(strings.Replace(kg.String(), ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestTheOrderOfInputsMeansNothing: neither what is refused nor what is inherited depends on it.
func TestTheOrderOfInputsMeansNothing(t *testing.T) {
	t.Parallel()
	whole := t
	rapid.Check(t, func(t *rapid.T) {
		inputs := anyInputs(t)
		made, faults := mix(whole, inputs)
		other, others := mix(whole, rapid.Permutation(inputs).Draw(t, "order"))
		for _, rule := range []string{"ALLOWED_INPUTS", "SAME_PRODUCTION_DAY", "MAX_SHARE"} {
			if a, b := broken(faults)[rule], broken(others)[rule]; a != b {
				t.Fatalf("%s is broken %d and %d times:\n%v\n%v", rule, a, b, faults, others)
			}
		}
		if len(faults) > 0 || len(others) > 0 {
			if (len(faults) > 0) != (len(others) > 0) {
				t.Fatalf("refused in one order alone:\n%v\n%v", faults, others)
			}
			return
		}
		if diff := cmp.Diff(made, other); diff != "" {
			t.Fatalf("another order inherits something else:\n%s", diff)
		}
	})
}
