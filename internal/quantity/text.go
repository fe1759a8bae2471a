package quantity

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"flowviz/internal/fault"
)

// Parse reads a number as people and forms write it: an optional minus, digits, and optionally a point and decimals, which
// are kept: "12.340" has three. Neither exponent, plus sign, comma, spaces nor a point without digits at both sides.
// BAD_USER_INPUT for anything else, and for what has more than 19 digits.
func Parse(s string) (Decimal, error) {
	digits, neg := strings.CutPrefix(s, "-")
	whole, frac, point := strings.Cut(digits, ".")
	if !isDigits(whole) || point && !isDigits(frac) {
		return Decimal{}, fault.BadInput("", "%s is no decimal number: write digits with a point before the decimals, such as 12.340", quote(s))
	}
	coef, ok := accumulate(0, whole)
	if ok {
		coef, ok = accumulate(coef, frac)
	}
	d, fits := fromCoefficient(neg, coef, len(frac))
	if !ok || !fits {
		return Decimal{}, tooLong(s)
	}
	return d, nil
}

// MustParse is Parse for constants and tests: it panics where s is no decimal number.
func MustParse(s string) Decimal {
	d, err := Parse(s)
	if err != nil {
		panic("quantity: " + err.Error())
	}
	return d
}

// ParseJSONNumber reads a JSON number (RFC 8259, section 6) exactly, exponent and all, as other people's documents write
// quantities: "1.5e3" is 1500, "10000.0" keeps its decimal. BAD_USER_INPUT for anything else, and for what has more than
// 19 digits or decimals.
func ParseJSONNumber(s string) (Decimal, error) {
	digits, neg := strings.CutPrefix(s, "-")
	mantissa, exponent := digits, ""
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		mantissa, exponent = digits[:i], strings.TrimPrefix(digits[i+1:], "+")
		if !isDigits(strings.TrimPrefix(exponent, "-")) || strings.HasPrefix(digits[i+1:], "+-") {
			return Decimal{}, notJSON(s)
		}
	}
	whole, frac, point := strings.Cut(mantissa, ".")
	if !isDigits(whole) || point && !isDigits(frac) || len(whole) > 1 && whole[0] == '0' {
		return Decimal{}, notJSON(s)
	}
	if exponent == "" {
		return Parse(s)
	}
	return scientific(s, neg, whole+frac, len(frac), exponent)
}

// scientific is ±digits / 10^scale × 10^exponent; s is how all that was written.
func scientific(s string, neg bool, digits string, scale int, exponent string) (Decimal, error) {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return Decimal{}, nil
	}
	// Zeros at the end are the exponent's in another spelling: 1.50e-19 is 15e-20, and 100e-2 is 1.
	significant := strings.TrimRight(digits, "0")
	exp, err := strconv.Atoi(exponent)
	coef, ok := accumulate(0, significant)
	// Beyond ±2^31 nothing fits anyway, and the sums below can't overflow.
	if err != nil || !ok || exp < math.MinInt32 || exp > math.MaxInt32 {
		return Decimal{}, tooLong(s)
	}
	scale -= exp + len(digits) - len(significant)
	for ; scale < 0; scale++ {
		if coef > maxCoefficient/10 {
			return Decimal{}, tooLong(s)
		}
		coef *= 10
	}
	d, ok := fromCoefficient(neg, coef, scale)
	if !ok {
		return Decimal{}, tooLong(s)
	}
	return d, nil
}

func notJSON(s string) error {
	return fault.BadInput("", "%s is no JSON number", quote(s))
}

func tooLong(s string) error {
	return fault.BadInput("", "%s has more than %d digits or decimals", quote(s), maxDigits)
}

// quote shows what was written, cut where it is long, so that an error's length does not depend on its sender.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// isDigits reports whether s is one or more of 0 to 9.
func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// accumulate appends digits to coef; ok is false beyond 19 digits.
func accumulate(coef uint64, digits string) (sum uint64, ok bool) {
	for i := range len(digits) {
		digit := uint64(digits[i] - '0')
		if coef > (maxCoefficient-digit)/10 {
			return 0, false
		}
		coef = coef*10 + digit
	}
	return coef, true
}

// plain writes ±coef / 10^scale.
func plain(neg bool, coef uint64, scale int) string {
	digits := strconv.FormatUint(coef, 10)
	if short := scale + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	point := len(digits) - scale
	sign := ""
	if neg {
		sign = "-"
	}
	if scale == 0 {
		return sign + digits
	}
	return sign + digits[:point] + "." + digits[point:]
}

// AppendText appends what String returns, and allocates nothing where b has room for 22 bytes.
func (d Decimal) AppendText(b []byte) []byte {
	b, _ = d.d.AppendText(b) // its error is always nil
	return b
}

// String writes all decimals: "12.340", "-0.5", "0.000". Parse reads it back.
func (d Decimal) String() string { return d.d.String() }

// MarshalJSON writes a string, "12.340" in quotes: many readers turn a JSON number into a float.
func (d Decimal) MarshalJSON() ([]byte, error) {
	return d.appendQuoted(make([]byte, 0, 24)), nil
}

// UnmarshalJSON reads a string as Parse does and a number as ParseJSONNumber does; null changes nothing.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var err error
	if len(data) > 0 && data[0] == '"' {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*d, err = Parse(s)
		return err
	}
	*d, err = ParseJSONNumber(string(data))
	return err
}

// MarshalGQL writes the GraphQL scalar Decimal: a string, "12.340" in quotes.
func (d Decimal) MarshalGQL(w io.Writer) {
	// A bytes.Buffer and a bufio.Writer lend their free space, which saves an allocation a field.
	var b []byte
	if lender, ok := w.(interface{ AvailableBuffer() []byte }); ok {
		b = lender.AvailableBuffer()
	}
	_, _ = w.Write(d.appendQuoted(b)) // gqlgen's writers collect in memory; the transport reports its own errors
}

// UnmarshalGQL reads the GraphQL scalar Decimal: a string as Parse does, or a number that arrived exactly. A decimal
// written into the query text itself has become a float by then and is refused.
func (d *Decimal) UnmarshalGQL(v any) error {
	var err error
	switch v := v.(type) {
	case string:
		*d, err = Parse(v)
	case json.Number:
		*d, err = ParseJSONNumber(v.String())
	case int:
		*d = FromInt(int64(v))
	case int32:
		*d = FromInt(int64(v))
	case int64:
		*d = FromInt(v)
	case float32, float64:
		err = fault.BadInput("", "%v is a float, which is not exact: write the decimal as a string, such as \"12.340\"", v)
	default:
		err = fault.BadInput("", "a decimal is a string such as \"12.340\", not %s", kindOf(v))
	}
	return err
}

// kindOf names a decoded JSON value as its sender would.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}

func (d Decimal) appendQuoted(b []byte) []byte {
	b = append(b, '"')
	b = d.AppendText(b)
	return append(b, '"')
}
