package quantity_test

import (
	"strings"
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

func TestKilograms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v, unit string
		want    string
	}{
		{"10000.0", "KGM", "10000.000"},
		{"12.340", "kg", "12.340"},
		{"1", "58", "1.000"},
		{"1500", "GRM", "1.500"},
		{"0.5", "GRM", "0.001"},  // a tie goes away from zero
		{"0.49", "GRM", "0.000"}, // half a gram is the most that is lost
		{"-0.5", "g", "-0.001"},
		{"2500000", "MGM", "2.500"},
		{"12", "TNE", "12000.000"},
		{"1", "DTN", "100.000"},
		{"1", "KTN", "1000000.000"},
		{"100", "LBR", "45.359"},
		{"100000", "LBR", "45359.237"}, // NIST Handbook 44: 1 lb = 0.453 592 37 kg exactly
		{"1000000", "ONZ", "28349.523"},
		{"16", "[oz_av]", "0.454"},
		{"100000", "STN", "90718474.000"},
		{"10000000", "LTN", "10160469088.000"},
		{"100000000", "CWI", "5080234544.000"},
		{"1000000", "CWA", "45359237.000"},
		{"100000000", "STI", "635029318.000"},
		{"10000000000", "APZ", "311034768.000"},
		{"100000000000", "GRN", "6479891.000"},
		// The exact product has 25 decimals: more than a Decimal holds, and rounded once all the same.
		{"0.1234567890123", "[oz_av]", "0.003"},
		{"999999999999999999", "MGM", "1000000000000.000"},
	} {
		kg, isMass, err := quantity.Kilograms(quantity.MustParse(test.v), test.unit)
		if err != nil || !isMass || kg.String() != test.want {
			t.Errorf("%s %s = %s kg, %v, %v; want %s", test.v, test.unit, kg, isMass, err, test.want)
		}
	}
}

// TestPoundsAreConsistent holds the factors against how the units are defined by each other.
func TestPoundsAreConsistent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ count, unit, is, of string }{
		{"1600000000", "ONZ", "100000000", "LBR"},
		{"25600000000", "[dr_av]", "100000000", "LBR"},
		{"700000000000", "GRN", "100000000", "LBR"},
		{"1000000000", "STI", "14000000000", "LBR"},
		{"1000000", "CWA", "100000000", "LBR"},
		{"100000000", "CWI", "11200000000", "LBR"},
		{"100000", "STN", "200000000", "LBR"},
		{"10000000", "LTN", "22400000000", "LBR"},
		{"10000000000", "APZ", "4800000000000", "GRN"},
		{"1", "[stone_av]", "1", "STI"},
		{"1", "[scwt_av]", "1", "CWA"},
		{"1", "[lcwt_av]", "1", "CWI"},
		{"1", "[ston_av]", "1", "STN"},
		{"1", "[lton_av]", "1", "LTN"},
		{"10000000", "[oz_tr]", "10000000", "APZ"},
	} {
		one, _, err := quantity.Kilograms(quantity.MustParse(test.count), test.unit)
		other, _, errOther := quantity.Kilograms(quantity.MustParse(test.is), test.of)
		if err != nil || errOther != nil || one != other {
			t.Errorf("%s %s = %s kg, %s %s = %s kg", test.count, test.unit, one, test.is, test.of, other)
		}
	}
}

func TestKilogramsOfOtherUnits(t *testing.T) {
	t.Parallel()
	for unit := range strings.FieldsSeq("C62 EA H87 PR DZN CS XCS XBX XPX X4H XZZ LTR MLT MTQ GLL FAH CEL MTR L mL [gal_us] 1") {
		if _, isMass, err := quantity.Kilograms(quantity.FromInt(1), unit); isMass || err != nil {
			t.Errorf("%s: mass %v, %v; want a known unit that is no mass", unit, isMass, err)
		}
	}
	if _, isMass, err := quantity.Kilograms(quantity.FromInt(1), ""); isMass || err != nil {
		t.Errorf("no unit: mass %v, %v; want a count", isMass, err)
	}
}

func TestKilogramsRefuses(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"KG", "Kgm", "kgm", "LB", "lb", "KGS", "X", "XC", "Xcs", "XCSS", " KGM", "stück", strings.Repeat("K", 1000)} {
		_, isMass, err := quantity.Kilograms(quantity.FromInt(1), unit)
		if isMass || !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), "KGM") || len(err.Error()) > 300 {
			t.Errorf("%.20q: mass %v, %v; want BAD_USER_INPUT with examples", unit, isMass, err)
		}
	}
	_, _, err := quantity.Kilograms(quantity.MustParse("9999999999999999999"), "TNE")
	if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), "9999999999999999999 TNE") {
		t.Errorf("a weight beyond 19 digits: %v", err)
	}
}
