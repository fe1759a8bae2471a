package quantity_test

import (
	"encoding/hex"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"

	"flowviz/internal/quantity"
)

// registered is a connection's type map after RegisterTypes; plain is one without.
func registered() *pgtype.Map {
	m := pgtype.NewMap()
	quantity.RegisterTypes(m)
	return m
}

func plain() *pgtype.Map { return pgtype.NewMap() }

// TestBinary holds both ways against bytes that PostgreSQL 17's numeric_send returns.
func TestBinary(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0":                      "0000 0000 0000 0000",
		"0.000":                  "0000 0000 0000 0003",
		"12.340":                 "0002 0000 0000 0003 000c 0d48",
		"-0.001":                 "0001 ffff 4000 0003 000a",
		"10000.000":              "0001 0001 0000 0003 0001",
		"123456.7":               "0003 0001 0000 0001 000c 0d80 1b58",
		"0.00001":                "0001 fffe 0000 0005 03e8",
		"9999999999999999999":    "0005 0004 0000 0000 03e7 270f 270f 270f 270f",
		"-0.9999999999999999999": "0005 ffff 4000 0013 270f 270f 270f 270f 2706",
	} {
		src, err := hex.DecodeString(strings.ReplaceAll(want, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		d := quantity.MustParse(text)
		got, err := registered().Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, d, nil)
		if diff := cmp.Diff(src, got); err != nil || diff != "" {
			t.Errorf("writing %s: %v\n%s", text, err, diff)
		}
		var back quantity.Decimal
		if err := registered().Scan(pgtype.NumericOID, pgtype.BinaryFormatCode, src, &back); err != nil || back != d {
			t.Errorf("reading %s: %s, %v", text, back, err)
		}
	}
}

// anyDecimal draws from all that a Decimal can hold, large and small.
func anyDecimal() *rapid.Generator[quantity.Decimal] {
	return rapid.Custom(func(t *rapid.T) quantity.Decimal {
		digits := rapid.StringMatching(`[0-9]{0,19}`).Draw(t, "digits")
		if rapid.Bool().Draw(t, "round") { // long runs of zeros are where base 10,000 is hard
			digits = digits[:len(digits)/2] + strings.Repeat("0", len(digits)-len(digits)/2)
		}
		scale := rapid.IntRange(0, len(digits)).Draw(t, "scale")
		s := "0" + digits[:len(digits)-scale]
		if scale > 0 {
			s += "." + digits[len(digits)-scale:]
		}
		if rapid.Bool().Draw(t, "negative") {
			s = "-" + s
		}
		return quantity.MustParse(s)
	})
}

// TestCodecAgainstPgx: what the codec writes, pgx's own codec reads as the same number, and the other way round, in both
// formats, registered or not.
func TestCodecAgainstPgx(t *testing.T) {
	t.Parallel()
	fast, slow := registered(), plain()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDecimal().Draw(t, "d")
		for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
			for _, m := range []*pgtype.Map{fast, slow} {
				src, err := m.Encode(pgtype.NumericOID, format, d, nil)
				if err != nil {
					t.Fatalf("writing %s: %v", d, err)
				}
				var n pgtype.Numeric
				if err := slow.Scan(pgtype.NumericOID, format, src, &n); err != nil || rationalOf(n).Cmp(rational(d)) != 0 {
					t.Fatalf("pgx reads %s as %v, %v", d, n, err)
				}
				var exact, equal quantity.Decimal
				if err := fast.Scan(pgtype.NumericOID, format, src, &exact); err != nil || exact != d {
					t.Fatalf("%s comes back as %s, %v", d, exact, err)
				}
				if err := slow.Scan(pgtype.NumericOID, format, src, &equal); err != nil || !equal.Equal(d) {
					t.Fatalf("without RegisterTypes %s comes back as %s, %v", d, equal, err)
				}
			}
		}
	})
}

func rationalOf(n pgtype.Numeric) *big.Rat {
	r := new(big.Rat).SetInt(n.Int)
	factor := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n.Exp, -n.Exp))), nil))
	if n.Exp < 0 {
		factor.Inv(factor)
	}
	return r.Mul(r, factor)
}

func TestNull(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*pgtype.Map{"registered": registered(), "plain": plain()} {
		for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
			var d quantity.Decimal
			if err := m.Scan(pgtype.NumericOID, format, nil, &d); err == nil || !strings.Contains(err.Error(), "*quantity.Decimal") {
				t.Errorf("%s: reading NULL into a Decimal: %v", name, err)
			}
			p := &d
			if err := m.Scan(pgtype.NumericOID, format, nil, &p); err != nil || p != nil {
				t.Errorf("%s: reading NULL into a *Decimal: %v, %v", name, p, err)
			}
			src, err := m.Encode(pgtype.NumericOID, format, p, nil)
			if err != nil || src != nil {
				t.Errorf("%s: a nil *Decimal is written %x, %v; want NULL", name, src, err)
			}
			twelve := quantity.MustParse("12.340")
			if src, err = m.Encode(pgtype.NumericOID, format, &twelve, nil); err != nil {
				t.Errorf("%s: writing a *Decimal: %v", name, err)
			}
			if err := m.Scan(pgtype.NumericOID, format, src, &p); err != nil || p == nil || *p != twelve {
				t.Errorf("%s: reading a *Decimal: %v, %v", name, p, err)
			}
		}
	}
}

// TestArrays: unnest(@kg::numeric[]) is how rows are written together.
func TestArrays(t *testing.T) {
	t.Parallel()
	twelve := quantity.MustParse("12.340")
	want := []*quantity.Decimal{&twelve, nil}
	for name, m := range map[string]*pgtype.Map{"registered": registered(), "plain": plain()} {
		for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
			src, err := m.Encode(pgtype.NumericArrayOID, format, want, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var got []*quantity.Decimal
			if err := m.Scan(pgtype.NumericArrayOID, format, src, &got); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

// TestOtherGoTypes: the registered codec must leave numerics that are no Decimal to pgx.
func TestOtherGoTypes(t *testing.T) {
	t.Parallel()
	m := registered()
	src, err := m.Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, int64(42), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	var f float64
	if err := m.Scan(pgtype.NumericOID, pgtype.BinaryFormatCode, src, &n); err != nil || n != 42 {
		t.Errorf("int64: %d, %v", n, err)
	}
	if err := m.Scan(pgtype.NumericOID, pgtype.BinaryFormatCode, src, &f); err != nil || f != 42 {
		t.Errorf("float64: %v, %v", f, err)
	}
}

func TestReadingWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"20 digits":              "0005 0004 0000 0000 0bb8 0000 0000 0000 0001",
		"20 decimals":            "0001 fffb 0000 0014 0001",
		"20 zeros after a one":   "0001 0005 0000 0000 0001",
		"the largest weight":     "0001 7fff 0000 0000 0001",
		"the smallest weight":    "0001 8000 0000 0003 0001",
		"decimals beyond scale":  "0001 ffff 0000 0003 0001",
		"NaN":                    "0000 0000 c000 0000",
		"infinity":               "0000 0000 d000 0000",
		"minus infinity":         "0000 0000 f000 0000",
		"no digit of base 10000": "0001 0000 0000 0000 2710",
		"a digit missing":        "0002 0000 0000 0000 0001",
		"a digit too many":       "0000 0000 0000 0000 0001",
		"nothing":                "",
		"a header without scale": "0000 0000 0000",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(src, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		var d quantity.Decimal
		if err := registered().Scan(pgtype.NumericOID, pgtype.BinaryFormatCode, b, &d); err == nil {
			t.Errorf("%s reads as %s", name, d)
		}
	}
	for _, text := range []string{"NaN", "Infinity", "-Infinity", "12345678901234567890", "0.33333333333333333333"} {
		for name, m := range map[string]*pgtype.Map{"registered": registered(), "plain": plain()} {
			var d quantity.Decimal
			if err := m.Scan(pgtype.NumericOID, pgtype.TextFormatCode, []byte(text), &d); err == nil {
				t.Errorf("%s: %s reads as %s", name, text, d)
			}
		}
	}
}

// FuzzBinary: whatever arrives is read as pgx reads it, or refused.
func FuzzBinary(f *testing.F) {
	for _, d := range []string{"0.000", "12.340", "-0.001", "9999999999999999999", "-0.9999999999999999999"} {
		src, err := registered().Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, quantity.MustParse(d), nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	fast, slow := registered(), plain()
	f.Fuzz(func(t *testing.T, src []byte) {
		var d quantity.Decimal
		if src == nil || fast.Scan(pgtype.NumericOID, pgtype.BinaryFormatCode, src, &d) != nil {
			return
		}
		var n pgtype.Numeric
		if err := slow.Scan(pgtype.NumericOID, pgtype.BinaryFormatCode, src, &n); err != nil {
			t.Fatalf("%x reads as %s, which pgx refuses: %v", src, d, err)
		}
		if math.Abs(float64(n.Exp)) < 100 && rationalOf(n).Cmp(rational(d)) != 0 {
			t.Fatalf("%x reads as %s; pgx: %v", src, d, n)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	for name, m := range map[string]*pgtype.Map{"registered": registered(), "pgtype.Numeric": plain()} {
		b.Run(name, func(b *testing.B) {
			src, err := m.Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, quantity.MustParse("1234.560"), nil)
			if err != nil {
				b.Fatal(err)
			}
			var d quantity.Decimal
			plan := m.PlanScan(pgtype.NumericOID, pgtype.BinaryFormatCode, &d) // pgx plans once a column
			b.ReportAllocs()
			for b.Loop() {
				if err := plan.Scan(src, &d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkScanNullable(b *testing.B) {
	for name, m := range map[string]*pgtype.Map{"registered": registered(), "pgtype.Numeric": plain()} {
		b.Run(name, func(b *testing.B) {
			src, err := m.Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, quantity.MustParse("1234.560"), nil)
			if err != nil {
				b.Fatal(err)
			}
			var d *quantity.Decimal
			plan := m.PlanScan(pgtype.NumericOID, pgtype.BinaryFormatCode, &d)
			b.ReportAllocs()
			for b.Loop() {
				if err := plan.Scan(src, &d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for name, m := range map[string]*pgtype.Map{"registered": registered(), "pgtype.Numeric": plain()} {
		b.Run(name, func(b *testing.B) {
			var value any = quantity.MustParse("1234.560")
			buf := make([]byte, 0, 64)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Encode(pgtype.NumericOID, pgtype.BinaryFormatCode, value, buf[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendText(b *testing.B) {
	d := quantity.MustParse("1234.560")
	buf := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		buf = d.AppendText(buf[:0])
	}
}
