package gs1_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"flowviz/internal/fault"
	"flowviz/internal/gs1"
)

// TestCheckDigit uses numbers that GS1 prints: its check digit page, section 7.9.1 of the General Specifications, and the
// examples of its standards.
func TestCheckDigit(t *testing.T) {
	t.Parallel()
	for digits, want := range map[string]byte{
		"629104150021":      '3', // GTIN-13, worked example
		"37610425002123456": '9', // SSCC, worked example of section 7.9.1
		"8061414112345":     '8', // GTIN-14
		"950600013435":      '2', // GTIN-13
		"061414112345":      '2', // GLN
		"61414112345":       '2', // GTIN-12
		"9501234":           '6', // GTIN-8
		"10614141234567890": '8', // SSCC
		"0":                 '0',
	} {
		if got, err := gs1.CheckDigit(digits); err != nil || got != want {
			t.Errorf("CheckDigit(%s) = %c, %v; want %c", digits, got, err, want)
		}
	}
	for _, digits := range []string{"", "12a", " 12", "-1", "１２"} {
		if got, err := gs1.CheckDigit(digits); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("CheckDigit(%q) = %c, %v; want BAD_USER_INPUT", digits, got, err)
		}
	}
}

// TestCheckDigitFindsErrors: one wrong digit is always found (GS1 General Specifications, section 7.9.1).
func TestCheckDigitFindsErrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{17}`).Draw(t, "digits")
		check, err := gs1.CheckDigit(digits)
		if err != nil {
			t.Fatal(err)
		}
		sscc := []byte(digits + string(check))
		if err := gs1.ValidSSCC(string(sscc)); err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, 17).Draw(t, "at")
		sscc[at] = '0' + (sscc[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if gs1.ValidSSCC(string(sscc)) == nil {
			t.Fatalf("%s passes, and %s is right", sscc, digits+string(check))
		}
	})
}

func TestValidNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		valid func(string) error
		in    string
		says  string // "" where it is valid
	}{
		{"GTIN-8", gs1.ValidGTIN, "95012346", ""},
		{"GTIN-12", gs1.ValidGTIN, "614141123452", ""},
		{"GTIN-13", gs1.ValidGTIN, "6291041500213", ""},
		{"GTIN-14", gs1.ValidGTIN, "80614141123458", ""},
		{"GTIN of 11 digits", gs1.ValidGTIN, "61414112345", "11 digits; a GTIN has 8, 12, 13 or 14"},
		{"GTIN with a wrong digit", gs1.ValidGTIN, "6291041500214", "ends in 4, but the check digit of its other digits is 3"},
		{"GTIN with a letter", gs1.ValidGTIN, "629104150021X", "not all digits"},
		{"no GTIN", gs1.ValidGTIN, "", "not all digits"},
		{"SSCC", gs1.ValidSSCC, "376104250021234569", ""},
		{"SSCC without check digit", gs1.ValidSSCC, "37610425002123456", "the check digit is missing, that is 9"},
		{"SSCC of 20 digits", gs1.ValidSSCC, "00376104250021234569", "20 digits; it takes 18"},
		{"GLN", gs1.ValidGLN, "9506000134376", ""},
		{"GLN with a letter", gs1.ValidGLN, "950600013437x", "not all digits"},
		{"GLN with a wrong digit", gs1.ValidGLN, "9506000134377", "is 6"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.valid(test.in)
			if test.says == "" && err != nil {
				t.Error(err)
			}
			if test.says != "" && (!fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("%v; want BAD_USER_INPUT with %q", err, test.says)
			}
		})
	}
}

func TestValidLot(t *testing.T) {
	t.Parallel()
	for _, lot := range []string{"A", "SHK260101DUNA0001", "12345678901234567890", `!"%&'()*+,-./:;<=>?_`} {
		if err := gs1.ValidLot(lot); err != nil {
			t.Errorf("%q: %v", lot, err)
		}
	}
	for _, lot := range []string{"", "123456789012345678901", "A B", "A\x1d", "é", "A#", "A@", "A[", "A\\", "A^", "A`", "A{", "A~", "A$"} {
		if err := gs1.ValidLot(lot); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%q: %v; want BAD_USER_INPUT", lot, err)
		}
	}
}

func TestNewSSCC(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		extension byte
		prefix    string
		serial    uint64
		want      string // "" where it is refused
	}{
		{'1', "0614141", 234567890, "106141412345678908"}, // the EPC Tag Data Standard's example
		{'0', "950600", 1, "095060000000000015"},
		{'9', "950600013437", 9999, "995060001343799997"},
		{'9', "950600013437", 10000, ""},
		{'x', "0614141", 1, ""},
		{'1', "0614", 1, "106140000000000013"},
		{'1', "061", 1, ""},
		{'1', "0614141123456", 1, ""},
		{'1', "06141a1", 1, ""},
	} {
		k, err := gs1.NewSSCC(test.extension, test.prefix, test.serial)
		if test.want == "" {
			if !fault.Is(err, fault.BadUserInput) {
				t.Errorf("%c %s %d = %+v, %v; want BAD_USER_INPUT", test.extension, test.prefix, test.serial, k, err)
			}
			continue
		}
		if err != nil || k != (gs1.Key{SSCC: test.want}) || gs1.ValidSSCC(k.SSCC) != nil {
			t.Errorf("%c %s %d = %+v, %v; want %s", test.extension, test.prefix, test.serial, k, err, test.want)
		}
	}
}
