package quantity

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"
)

// numericCodec reads and writes Decimal in PostgreSQL's forms directly, and leaves every other Go type to pgx.
type numericCodec struct{ pgtype.NumericCodec }

// PlanScan implements pgtype.Codec.
func (c numericCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	switch target.(type) {
	case *Decimal:
		return scanPlan{decoderOf(format)}
	case **Decimal:
		return scanNullPlan{decoderOf(format)}
	}
	return c.NumericCodec.PlanScan(m, oid, format, target)
}

// PlanEncode implements pgtype.Codec.
func (c numericCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	switch value.(type) {
	case Decimal, *Decimal:
		if format == pgtype.BinaryFormatCode {
			return encodePlan{appendBinary}
		}
		return encodePlan{func(buf []byte, d Decimal) []byte { return d.AppendText(buf) }}
	}
	return c.NumericCodec.PlanEncode(m, oid, format, value)
}

// decoder reads one value that is not NULL.
type decoder func(src []byte) (Decimal, error)

func decoderOf(format int16) decoder {
	if format == pgtype.BinaryFormatCode {
		return DecodeBinary
	}
	return decodeText
}

type scanPlan struct{ decode decoder }

func (p scanPlan) Scan(src []byte, target any) error {
	if src == nil {
		return errNull
	}
	d, err := p.decode(src)
	*target.(*Decimal) = d
	return err
}

type scanNullPlan struct{ decode decoder }

func (p scanNullPlan) Scan(src []byte, target any) error {
	to := target.(**Decimal)
	if src == nil {
		*to = nil
		return nil
	}
	d, err := p.decode(src)
	*to = &d
	return err
}

type encodePlan struct {
	write func(buf []byte, d Decimal) []byte
}

func (p encodePlan) Encode(value any, buf []byte) ([]byte, error) {
	if d, ok := value.(Decimal); ok {
		return p.write(buf, d), nil
	}
	if d := value.(*Decimal); d != nil {
		return p.write(buf, *d), nil
	}
	return nil, nil // NULL
}

func decodeText(src []byte) (Decimal, error) {
	switch s := string(src); s {
	case "NaN", "Infinity", "-Infinity":
		return Decimal{}, errNotFinite
	default:
		d, err := Parse(s)
		if err != nil {
			return Decimal{}, tooPrecise(s)
		}
		return d, nil
	}
}

// The binary form (numeric_send in PostgreSQL's utils/adt/numeric.c): four 16-bit numbers, which are the count of digits, the
// weight of the first one, the sign and the scale; then the digits, of base 10,000, the first worth 10,000^weight. Zeros at
// both ends are left out, and the point falls between two digits: 12.340 has the digits 12 and 3400, weight 0 and scale 3.
const (
	base         = 10_000
	baseDecimals = 4

	signPlus  = 0x0000
	signMinus = 0x4000
)

var errBadNumeric = errors.New("not a numeric in PostgreSQL's binary form")

// DecodeBinary reads a numeric in the form of PostgreSQL's numeric_send.
func DecodeBinary(src []byte) (Decimal, error) {
	if len(src) < 8 {
		return Decimal{}, errBadNumeric
	}
	count := int(binary.BigEndian.Uint16(src))
	weight := int(int16(binary.BigEndian.Uint16(src[2:])))
	sign := binary.BigEndian.Uint16(src[4:])
	scale := int(binary.BigEndian.Uint16(src[6:]))
	digits := src[8:]
	switch {
	case sign != signPlus && sign != signMinus:
		return Decimal{}, errNotFinite
	case len(digits) != 2*count:
		return Decimal{}, errBadNumeric
	}
	coef, ok := coefficient(digits, weight, scale)
	d, fits := fromCoefficient(sign == signMinus, coef, scale)
	if !ok || !fits {
		return Decimal{}, tooPrecise(fmt.Sprintf("of scale %d and weight %d", scale, weight))
	}
	return d, nil
}

// coefficient is the number that the digits make, times 10^scale. ok is false beyond 19 digits.
func coefficient(digits []byte, weight, scale int) (coef uint64, ok bool) {
	if len(digits) == 0 {
		return 0, true
	}
	for ; len(digits) > 0; digits = digits[2:] {
		digit := uint64(binary.BigEndian.Uint16(digits))
		// All four decimals of the digit count, or, where the scale ends inside it, the first of them.
		decimals := min(baseDecimals, scale+baseDecimals*(weight+1))
		if digit >= base || decimals < 0 || digit%pow10[baseDecimals-decimals] != 0 {
			return 0, false // no digit, or decimals beyond the scale: PostgreSQL sends neither
		}
		digit /= pow10[baseDecimals-decimals]
		if coef > (maxCoefficient-digit)/pow10[decimals] {
			return 0, false
		}
		coef = coef*pow10[decimals] + digit
		weight--
	}
	// Zeros that were left out at the end. weight is now that of the next digit.
	missing := scale + baseDecimals*(weight+1)
	if missing <= 0 {
		return coef, true
	}
	if missing > maxDigits || coef > maxCoefficient/pow10[missing] {
		return 0, false
	}
	return coef * pow10[missing], true
}

func appendBinary(buf []byte, d Decimal) []byte {
	scale := d.Scale()
	whole, frac := d.d.Coef(), uint64(0)
	if scale > 0 {
		whole, frac = d.d.Coef()/pow10[scale], d.d.Coef()%pow10[scale]
	}
	// Ten digits of base 10,000: 19 decimal digits take five on each side of the point at most.
	var digits [10]uint16
	for i := 4; i >= 0; i-- {
		digits[i] = uint16(whole % base)
		whole /= base
	}
	last := 4
	for left := scale; left > 0; left -= baseDecimals {
		last++
		if left >= baseDecimals {
			unit := pow10[left-baseDecimals]
			digits[last] = uint16(frac / unit)
			frac %= unit
		} else {
			digits[last] = uint16(frac * pow10[baseDecimals-left])
		}
	}
	first := 0
	for first <= last && digits[first] == 0 {
		first++
	}
	for last > first && digits[last] == 0 {
		last--
	}
	return appendNumeric(buf, digits[first:last+1], 4-first, d.Sign() < 0, scale)
}

// appendNumeric writes the four numbers and the digits.
func appendNumeric(buf []byte, digits []uint16, weight int, neg bool, scale int) []byte {
	sign := uint16(signPlus)
	if neg {
		sign = signMinus
	}
	if len(digits) == 0 {
		weight = 0
	}
	buf = binary.BigEndian.AppendUint16(buf, uint16(len(digits)))
	buf = binary.BigEndian.AppendUint16(buf, uint16(int16(weight)))
	buf = binary.BigEndian.AppendUint16(buf, sign)
	buf = binary.BigEndian.AppendUint16(buf, uint16(scale))
	for _, digit := range digits {
		buf = binary.BigEndian.AppendUint16(buf, digit)
	}
	return buf
}
