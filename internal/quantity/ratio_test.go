package quantity_test

import (
	"testing"

	"flowviz/internal/quantity"
)

func TestMulQuo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		d, mul, div string
		scale       int
		want        string
	}{
		{"10.000", "1", "3.000", 3, "3.333"},
		{"20.000", "1", "3.000", 3, "6.667"},
		{"-20.000", "1", "3.000", 3, "-6.667"},
		{"1.000", "1", "8.000", 2, "0.13"}, // 0.125: a tie goes away from zero
		{"650.250", "100", "1000.000", 1, "65.0"},
		{"999999999.999", "999999999.999", "999999999.999", 3, "999999999.999"}, // the product alone would not fit
		{"0.000", "5", "7", 3, "0.000"},
	} {
		got, err := quantity.MustParse(tc.d).MulQuo(quantity.MustParse(tc.mul), quantity.MustParse(tc.div), tc.scale)
		if err != nil || got.String() != tc.want {
			t.Errorf("%s × %s ÷ %s to %d = %s, %v; want %s", tc.d, tc.mul, tc.div, tc.scale, got, err, tc.want)
		}
	}
	one := quantity.MustParse("1")
	if _, err := one.MulQuo(one, quantity.MustParse("0.000"), 3); err == nil {
		t.Error("1 × 1 ÷ 0 gave no error")
	}
	if _, err := quantity.MustParse("9999999999999999999").MulQuo(quantity.MustParse("10"), one, 0); err == nil {
		t.Error("a result of 20 digits gave no error")
	}
}
