package quantity_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

func TestArithmetic(t *testing.T) {
	t.Parallel()
	add, sub, mul := quantity.Decimal.Add, quantity.Decimal.Sub, quantity.Decimal.Mul
	for _, test := range []struct {
		name string
		op   func(d, e quantity.Decimal) (quantity.Decimal, error)
		d, e string
		want string // "" where it does not fit
	}{
		{"the larger scale stays", add, "12.34", "0.1", "12.44"},
		{"zeros of the scale stay", add, "1.500", "0.5", "2.000"},
		{"to zero", add, "-0.001", "0.001", "0.000"},
		{"19 digits fit", add, "9999999999999999998", "1", "9999999999999999999"},
		{"20 digits do not", add, "9999999999999999999", "1", ""},
		{"a small addend is not lost", add, "9999999999999999999", "0.001", ""},
		{"minus", sub, "9876.000", "10000", "-124.000"},
		{"minus a negative", sub, "1", "-1", "2"},
		{"beyond 19 digits below zero", sub, "-9999999999999999999", "1", ""},
		{"scales add up", mul, "12.340", "0.45359237", "5.59732984580"},
		{"signs", mul, "-2", "-1.5", "3.0"},
		{"zero has no sign", mul, "-2", "0.0", "0.0"},
		{"largest coefficient", mul, "9999999999999999999", "1", "9999999999999999999"},
		{"overflow of 64 bits", mul, "9999999999999999999", "10", ""},
		{"beyond 19 digits within 64 bits", mul, "6000000000000000000", "2", ""},
		{"too many decimals", mul, "0.0000000001", "0.0000000001", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.op(quantity.MustParse(test.d), quantity.MustParse(test.e))
			if test.want == "" {
				if !fault.Is(err, fault.BadUserInput) {
					t.Fatalf("%s, %s = %s, %v; want BAD_USER_INPUT", test.d, test.e, got, err)
				}
				return
			}
			if err != nil || got.String() != test.want {
				t.Errorf("%s, %s = %s, %v; want %s", test.d, test.e, got, err, test.want)
			}
		})
	}
}

func TestRound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		d     string
		scale int
		want  string
	}{
		{"12.3405", 3, "12.341"},
		{"12.3404999", 3, "12.340"},
		{"-12.3405", 3, "-12.341"},
		{"0.0005", 3, "0.001"},
		{"-0.0004", 3, "0.000"},
		{"12.3", 3, "12.300"},
		{"12.340", 3, "12.340"},
		{"9.9995", 3, "10.000"},
		{"999999999999999.9999", 0, "1000000000000000"},
		{"0.9999999999999999999", 18, "1.000000000000000000"},
		{"9999999999999999.999", 19, "9999999999999999.999"},
		{"5", -1, "5"},
	} {
		if got := quantity.MustParse(test.d).Round(test.scale).String(); got != test.want {
			t.Errorf("%s rounded to %d = %s; want %s", test.d, test.scale, got, test.want)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	small, large := quantity.MustParse("-0.5"), quantity.MustParse("12.340")
	if small.Cmp(large) != -1 || large.Cmp(small) != 1 || large.Cmp(quantity.MustParse("12.34")) != 0 {
		t.Error("Cmp does not order by value")
	}
	if !large.Equal(quantity.MustParse("12.34")) || large.Equal(small) {
		t.Error("Equal does not compare by value")
	}
	if small.Sign() != -1 || large.Sign() != 1 || !quantity.MustParse("0.000").IsZero() || large.IsZero() {
		t.Error("Sign or IsZero is wrong")
	}
	if got := large.Neg().String(); got != "-12.340" {
		t.Errorf("Neg = %s", got)
	}
	if got := quantity.Grams(-12340).String(); got != "-12.340" {
		t.Errorf("Grams(-12340) = %s", got)
	}
	if got := quantity.FromInt(100).String(); got != "100" {
		t.Errorf("FromInt(100) = %s", got)
	}
	var zero quantity.Decimal
	if !zero.IsZero() || zero.String() != "0" {
		t.Errorf("the zero value is %s", zero)
	}
}

// decimals draws any Decimal.
func decimals() *rapid.Generator[quantity.Decimal] {
	return rapid.Custom(func(t *rapid.T) quantity.Decimal {
		return quantity.MustParse(rapid.StringMatching(`-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,6})?`).Draw(t, "decimal"))
	})
}

func rational(d quantity.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic(d.String())
	}
	return r
}

// TestAgainstRationals compares every operation with exact fractions.
func TestAgainstRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, e := decimals().Draw(t, "d"), decimals().Draw(t, "e")
		sum, errAdd := d.Add(e)
		diff, errSub := d.Sub(e)
		product, errMul := d.Mul(e)
		if errAdd != nil || errSub != nil {
			t.Fatalf("%v, %v", errAdd, errSub)
		}
		x, y := rational(d), rational(e)
		if rational(sum).Cmp(new(big.Rat).Add(x, y)) != 0 || rational(diff).Cmp(new(big.Rat).Sub(x, y)) != 0 {
			t.Fatalf("%s ± %s = %s, %s", d, e, sum, diff)
		}
		if want := new(big.Rat).Mul(x, y); errMul == nil && rational(product).Cmp(want) != 0 {
			t.Fatalf("%s × %s = %s; want %s", d, e, product, want)
		}
		if d.Cmp(e) != x.Cmp(y) || d.Sign() != x.Sign() {
			t.Fatalf("%s compares with %s as %d", d, e, d.Cmp(e))
		}
		scale := rapid.IntRange(0, 8).Draw(t, "scale")
		// FloatString rounds halves away from zero and writes a minus before what became zero.
		if got, want := d.Round(scale), x.FloatString(scale); rational(got).Cmp(mustRat(want)) != 0 || got.Scale() != scale {
			t.Fatalf("%s rounded to %d = %s; want %s", d, scale, got, want)
		}
	})
}

func mustRat(s string) *big.Rat {
	r, _ := new(big.Rat).SetString(s)
	return r
}
