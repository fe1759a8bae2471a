package quantity_test

import (
	"math/big"
	"strings"
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ v, from, to, want string }{
		{"39.2", "FAH", "CEL", "4"},
		{"0", "FAH", "CEL", "-17.777777777778"}, // no end: rounded once
		{"-40", "FAH", "CEL", "-40"},
		{"-18", "CEL", "FAH", "-0.4"},
		{"72", "Cel", "[degF]", "161.6"},
		{"273.15", "KEL", "CEL", "0"},
		{"277.15", "K", "CEL", "4"},
		{"4", "CEL", "KEL", "277.15"},
		{"32", "FAH", "KEL", "273.15"},
		{"4.50", "CEL", "CEL", "4.50"}, // as it was written
		{"4.50", "Cel", "CEL", "4.5"},
		{"90", "SEC", "MIN", "1.5"},
		{"1", "SEC", "MIN", "0.016666666667"},
		{"1", "SEC", "DAY", "0.000011574074"},
		{"2", "HUR", "MIN", "120"},
		{"1.5", "d", "h", "36"},
		{"1", "wk", "DAY", "7"},
		{"1500", "ms", "s", "1.5"},
		{"1", "INH", "MMT", "25.4"},
		{"25.4", "mm", "[in_i]", "1"},
		{"1", "[ft_i]", "INH", "12"},
		{"1", "YRD", "FOT", "3"},
		{"1", "SMI", "YRD", "1760"},
		{"2.5", "MMT", "CMT", "0.25"},
		{"1500", "4H", "mm", "1.5"},
		{"250", "GRM", "KGM", "0.25"},
		{"1", "LBR", "KGM", "0.45359237"},
		{"1", "LBR", "ONZ", "16"},
		{"9999.65", "TNE", "[oz_av]", "352727273.6091217760"}, // 12 decimals would make 21 digits
		{"-0.25", "KGM", "g", "-250"},
		{"1", "GLL", "LTR", "3.785411784"},
		{"1", "m3", "LTR", "1000"},
		{"5", "%", "P1", "5"},
		{"5", "NX", "P1", "0.5"},
		{"4.6", "[pH]", "Q30", "4.6"},
		{"7", "BAR", "BAR", "7"}, // not known, and the same all the same
		{"12", "EA", "C62", "12"},
	} {
		got, err := quantity.Convert(quantity.MustParse(test.v), test.from, test.to)
		if err != nil || got.String() != test.want {
			t.Errorf("%s %s = %s %s, %v; want %s", test.v, test.from, got, test.to, err, test.want)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ v, from, to, says string }{
		{"1", "cel", "CEL", `"cel" is not known`},
		{"1", "CEL", "°C", `"°C" is not known`},
		{"1", "", "CEL", `"" is not known`},
		{"1", "MIN", "CEL", "MIN measures a time and CEL measures a temperature"},
		{"1", "C62", "P1", "C62 measures a count and P1 measures a share"},
		{"1", "MON", "DAY", `"MON" is not known`},
		{"9999999999999999999", "TNE", "GRM", "more than 19 digits"},
	} {
		_, err := quantity.Convert(quantity.MustParse(test.v), test.from, test.to)
		if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s %s in %s: %v; want BAD_USER_INPUT with %q", test.v, test.from, test.to, err, test.says)
		}
	}
	long := strings.Repeat("K", 1000)
	if _, err := quantity.Convert(quantity.FromInt(1), long, "CEL"); len(err.Error()) > 300 {
		t.Errorf("the refusal has %d bytes", len(err.Error()))
	}
}

func TestSymbol(t *testing.T) {
	t.Parallel()
	for unit, want := range map[string]string{"CEL": "°C", "Cel": "°C", "P1": "%", "Q30": "", "MIN": "min", "KGM": "kg", "GRN": "GRN", "BAR": "BAR"} {
		if got := quantity.Symbol(unit); got != want {
			t.Errorf("%s is written %q; want %q", unit, got, want)
		}
	}
	if !quantity.IsUnit("[degF]") || quantity.IsUnit("BAR") {
		t.Error("[degF] is a unit, and BAR is none that is known")
	}
}

// FuzzConvert goes there and back: what comes back differs by what one rounding can do, and what is more stays more, to
// that rounding.
func FuzzConvert(f *testing.F) {
	groups := [][]string{
		{"CEL", "FAH", "KEL", "Cel", "[degF]", "K"},
		{"SEC", "MIN", "HUR", "DAY", "ms", "wk"},
		{"MMT", "CMT", "INH", "[ft_i]", "YRD", "um"},
		{"KGM", "GRM", "LBR", "[oz_av]", "TNE"},
		{"LTR", "GLL", "m3"},
		{"P1", "NX", "59"},
	}
	f.Add(int64(393), 1, 0, 1, 0)
	f.Add(int64(-180), 1, 0, 0, 1)
	f.Add(int64(1), 0, 1, 0, 3)
	f.Add(int64(999999), 6, 2, 0, 2)
	f.Fuzz(func(t *testing.T, n int64, scale, group, from, to int) {
		units := groups[index(group, len(groups))]
		a, b := units[index(from, len(units))], units[index(to, len(units))]
		v, err := quantity.Parse(new(big.Rat).SetFrac64(n%1e9, power(index(scale, 7))).FloatString(index(scale, 7)))
		if err != nil {
			t.Fatal(err)
		}
		there, err := quantity.Convert(v, a, b)
		if err != nil {
			t.Fatal(err)
		}
		back, err := quantity.Convert(there, b, a)
		if err != nil {
			t.Fatal(err)
		}
		// A rounding is at most half of the last of 12 decimals; on the way back it grows at most by 604,800,000, weeks in ms.
		off := new(big.Rat).Sub(rational(back), rational(v))
		if most := big.NewRat(1, 3000); off.Abs(off).Cmp(most) > 0 {
			t.Errorf("%s %s is %s %s, which is %s %s", v, a, there, b, back, a)
		}
		more, err := v.Add(quantity.MustParse("0.000001"))
		if err != nil {
			t.Fatal(err)
		}
		above, err := quantity.Convert(more, a, b)
		if err != nil {
			t.Fatal(err)
		}
		step := new(big.Rat).Sub(rational(above), rational(there))
		if rounding := big.NewRat(-1, 1e12); step.Cmp(rounding) < 0 {
			t.Errorf("%s %s is %s %s, and %s %s is %s: the order turned", v, a, there, b, more, a, above)
		}
	})
}

func index(n, count int) int { return int(uint(n) % uint(count)) }

func power(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
