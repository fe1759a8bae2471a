package quantity_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0":                      "0",
		"-0":                     "0",
		"0.000":                  "0.000",
		"12.340":                 "12.340",
		"-0.5":                   "-0.5",
		"007.50":                 "7.50",
		"9999999999999999999":    "9999999999999999999",
		"-9999999999999999999":   "-9999999999999999999",
		"9223372036854775808":    "9223372036854775808",
		"0.9999999999999999999":  "0.9999999999999999999",
		"-0.0000000000000000001": "-0.0000000000000000001",
	} {
		got, err := quantity.Parse(in)
		if err != nil || got.String() != want {
			t.Errorf("Parse(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const form, long = "write digits with a point before the decimals", "has more than 19 digits or decimals"
	for in, want := range map[string]string{
		"":                       form,
		"-":                      form,
		".":                      form,
		".5":                     form,
		"5.":                     form,
		"+5":                     form,
		"--5":                    form,
		"12,5":                   form,
		" 5":                     form,
		"5 kg":                   form,
		"1e3":                    form,
		"1.2.3":                  form,
		"١٢":                     form,
		"NaN":                    form,
		"10000000000000000000":   long,
		"99999999999999999999":   long,
		"18446744073709551616":   long,
		"1.0000000000000000000":  long,
		"0.00000000000000000000": long,
		strings.Repeat("9", 1e6): long,
	} {
		_, err := quantity.Parse(in)
		if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.40q) = %v; want BAD_USER_INPUT with %q", in, err, want)
		} else if len(err.Error()) > 200 {
			t.Errorf("Parse(%.40q) answers with %d bytes", in, len(err.Error()))
		}
	}
}

func TestParseJSONNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0":                                 "0",
		"10000.0":                           "10000.0",
		"1e3":                               "1000",
		"1.5E+3":                            "1500",
		"-1.5e-3":                           "-0.0015",
		"12.340e0":                          "12.34",
		"1e18":                              "1000000000000000000",
		"1e-19":                             "0.0000000000000000001",
		"100e-2":                            "1",
		"1000000000000000000000000e-24":     "1",
		"0.0000000000000000000000001234e25": "1.234",
		"0e999999999999":                    "0",
		"0.00e5":                            "0",
	} {
		got, err := quantity.ParseJSONNumber(in)
		if err != nil || got.String() != want {
			t.Errorf("ParseJSONNumber(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "-", "01", "1.", ".5", "+1", "1e", "1e+", "1e+-3", "1e--3", "1e1.5", "0x10", "NaN", "Infinity", " 1", "1 ", `"1"`,
		"1e19", "1e-20", "1e400", "1e99999999999999999999", "1e-99999999999999999999", "12345678901234567890", "1e9223372036854775807",
	} {
		if got, err := quantity.ParseJSONNumber(in); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("ParseJSONNumber(%q) = %s, %v; want BAD_USER_INPUT", in, got, err)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	type weighing struct{ Gross, Net, Tare *quantity.Decimal }
	var got weighing
	if err := json.Unmarshal([]byte(`{"Gross": "12.340", "Net": 1.2e1, "Tare": null}`), &got); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"Gross":"12.340","Net":"12","Tare":null}`, string(out)); diff != "" {
		t.Error(diff)
	}
	for _, in := range []string{`"1e3"`, `true`, `[]`, `{}`, `"12,5"`} {
		var d quantity.Decimal
		if err := json.Unmarshal([]byte(in), &d); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("reading %s: %v; want BAD_USER_INPUT", in, err)
		}
	}
}

func TestGraphQL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   any
		want string // "" where it is refused
		says string
	}{
		{in: "12.340", want: "12.340"},
		{in: json.Number("12.340"), want: "12.340"},
		{in: json.Number("1e3"), want: "1000"},
		{in: 5, want: "5"},
		{in: int32(-5), want: "-5"},
		{in: int64(1) << 62, want: "4611686018427387904"},
		{in: 12.5, says: `write the decimal as a string, such as "12.340"`},
		{in: float32(12.5), says: "not exact"},
		{in: "12,5", says: "such as 12.340"},
		{in: json.Number("1e30"), says: "more than 19 digits"},
		{in: nil, says: "not null"},
		{in: true, says: "not a boolean"},
		{in: []any{"1"}, says: "not a list"},
		{in: map[string]any{}, says: "not an object"},
	} {
		var d quantity.Decimal
		err := d.UnmarshalGQL(test.in)
		if test.want == "" {
			if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%#v: %v; want BAD_USER_INPUT with %q", test.in, err, test.says)
			}
			continue
		}
		if err != nil || d.String() != test.want {
			t.Errorf("%#v = %s, %v; want %s", test.in, d, err, test.want)
		}
		var lending bytes.Buffer
		var plain strings.Builder
		for _, w := range []io.Writer{&lending, &plain} {
			d.MarshalGQL(w)
		}
		if want := `"` + test.want + `"`; lending.String() != want || plain.String() != want {
			t.Errorf("wrote %s and %s; want %s", lending.String(), plain.String(), want)
		}
	}
}

func TestWritingAllocatesNothing(t *testing.T) { // not parallel: AllocsPerRun counts the whole process
	d := quantity.MustParse("-1234567890123456.789")
	buf := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { buf = d.AppendText(buf[:0]) }); n != 0 {
		t.Errorf("AppendText allocates %v times", n)
	}
	w := bytes.NewBuffer(make([]byte, 0, 64))
	if n := testing.AllocsPerRun(100, func() { w.Reset(); d.MarshalGQL(w) }); n != 0 {
		t.Errorf("MarshalGQL allocates %v times", n)
	}
}

var (
	plainForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	jsonForm  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
)

// FuzzParse checks what is accepted against the grammar and the value against an exact fraction.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"12.340", "-0", "1e3", "1.5e-3", "0.0000000000000000001", "9999999999999999999", "+5", "1_000", "0x1p4", "1/3", "１２"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := quantity.Parse(s); err == nil {
			check(t, s, d, plainForm)
			if again, err := quantity.Parse(d.String()); err != nil || again != d {
				t.Errorf("%q is written %s, which reads as %s, %v", s, d, again, err)
			}
		}
		if d, err := quantity.ParseJSONNumber(s); err == nil {
			check(t, s, d, jsonForm)
		}
	})
}

func check(t *testing.T, s string, d quantity.Decimal, form *regexp.Regexp) {
	t.Helper()
	if !form.MatchString(s) {
		t.Fatalf("%q is accepted", s)
	}
	if d.IsZero() { // an exponent may be absurd then, too large for big.Rat
		if strings.ContainsAny(strings.ToLower(strings.SplitN(strings.ToLower(s), "e", 2)[0]), "123456789") {
			t.Fatalf("%q reads as zero", s)
		}
		return
	}
	if want, ok := new(big.Rat).SetString(s); !ok || rational(d).Cmp(want) != 0 {
		t.Fatalf("%q reads as %s", s, d)
	}
}
