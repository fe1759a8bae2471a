// Package quantity holds amounts exactly: kilograms to the gram, degrees, counts, and the units that documents give them in.
//
// A Decimal is a decimal number with a scale, the number of its decimals: 12.34 and 12.340 are equal and are written
// differently. No amount ever passes through a float, and no operation rounds unless its name says so: what does not fit
// into 19 significant digits is a fault, never a nearby number. PostgreSQL numeric(12,3) needs 12 of them.
package quantity

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/govalues/decimal"

	"flowviz/internal/fault"
)

// maxDigits is how many significant digits, and how many decimals, a Decimal can hold.
const maxDigits = decimal.MaxPrec

// maxCoefficient is the largest number of maxDigits digits.
const maxCoefficient uint64 = 9_999_999_999_999_999_999

// pow10 holds the powers of ten that fit into a uint64.
var pow10 = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// Decimal is an exact decimal number of at most 19 significant digits, up to 19 of them decimals. Its zero value is 0.
// It is a small value: pass it by value, and use *Decimal where the amount may be unknown.
// Compare with Equal or Cmp: == tells 12.34 from 12.340.
type Decimal struct{ d decimal.Decimal }

// FromInt makes the Decimal n, without decimals.
func FromInt(n int64) Decimal {
	return New(n, 0)
}

// Grams makes the kilograms that g grams are, with three decimals: Grams(12340) is 12.340.
func Grams(g int64) Decimal {
	return New(g, 3)
}

// New makes n / 10^scale: New(12340, 3) is 12.340. scale is within 0..19, so it can't fail: an int64 has at most 19 digits.
func New(n int64, scale int) Decimal {
	d, _ := decimal.New(n, scale)
	return Decimal{d}
}

// fromCoefficient makes ±coef / 10^scale; ok is false where that needs more than 19 digits or decimals.
func fromCoefficient(neg bool, coef uint64, scale int) (d Decimal, ok bool) {
	switch {
	case coef > maxCoefficient || scale < 0 || scale > maxDigits:
		return Decimal{}, false
	case coef <= math.MaxInt64:
		n := int64(coef)
		if neg {
			n = -n
		}
		return New(n, scale), true
	default:
		// decimal has no constructor from uint64; the few coefficients between 2^63 and 10^19 go by way of their digits.
		v, err := decimal.Parse(plain(neg, coef, scale))
		return Decimal{v}, err == nil
	}
}

// Equal reports whether both are the same number: 12.34 equals 12.340.
func (d Decimal) Equal(e Decimal) bool { return d.d.Equal(e.d) }

// Cmp is -1, 0 or +1: d is less than, equal to or greater than e, whatever their scales.
func (d Decimal) Cmp(e Decimal) int { return d.d.Cmp(e.d) }

// Sign is -1, 0 or +1.
func (d Decimal) Sign() int { return d.d.Sign() }

// IsZero reports whether d is 0, 0.000 and the like.
func (d Decimal) IsZero() bool { return d.d.IsZero() }

// Scale is the number of decimals, 0 to 19: 3 for 12.340.
func (d Decimal) Scale() int { return d.d.Scale() }

// Coefficient is the number without its point, which New makes it of again with the scale: 12340 of 12.340. ok is false beyond an int64.
func (d Decimal) Coefficient() (n int64, ok bool) {
	coef := d.d.Coef()
	if coef > math.MaxInt64 {
		return 0, false
	}
	if d.d.IsNeg() {
		return -int64(coef), true
	}
	return int64(coef), true
}

// Neg is -d, with the same scale.
func (d Decimal) Neg() Decimal { return Decimal{d.d.Neg()} }

// Add is d + e, with the larger of the two scales. BAD_USER_INPUT where the sum needs more than 19 digits.
func (d Decimal) Add(e Decimal) (Decimal, error) {
	sum, err := d.d.AddExact(e.d, max(d.Scale(), e.Scale()))
	if err != nil {
		return Decimal{}, fault.BadInput("", "the sum of %s and %s has more than %d digits", d, e, maxDigits)
	}
	return Decimal{sum}, nil
}

// Sub is d - e, with the larger of the two scales. BAD_USER_INPUT where the difference needs more than 19 digits.
func (d Decimal) Sub(e Decimal) (Decimal, error) {
	diff, err := d.d.SubExact(e.d, max(d.Scale(), e.Scale()))
	if err != nil {
		return Decimal{}, fault.BadInput("", "the difference of %s and %s has more than %d digits", d, e, maxDigits)
	}
	return Decimal{diff}, nil
}

// Mul is d × e, with the sum of the two scales. BAD_USER_INPUT where the product needs more than 19 digits or decimals;
// round a factor first where that can happen.
func (d Decimal) Mul(e Decimal) (Decimal, error) {
	hi, coef := bits.Mul64(d.d.Coef(), e.d.Coef())
	p, ok := fromCoefficient(d.Sign()*e.Sign() < 0, coef, d.Scale()+e.Scale())
	if hi != 0 || !ok {
		return Decimal{}, fault.BadInput("", "the product of %s and %s has more than %d digits", d, e, maxDigits)
	}
	return p, nil
}

// Round gives d exactly scale decimals: "12.3" rounded to 3 is "12.300". Ties go away from zero, 0.0005 to 0.001, because
// PostgreSQL's round() and its cast to numeric(12,3) do the same ("the numeric type rounds ties away from zero",
// PostgreSQL 17, section 8.1.2): a kilogram rounded here and one rounded in SQL are the same gram.
// Scales outside 0..19 count as the nearest one inside, and zeros are appended only as far as 19 digits reach.
func (d Decimal) Round(scale int) Decimal {
	scale = min(max(scale, 0), maxDigits)
	if scale >= d.Scale() {
		return Decimal{d.d.Pad(scale)}
	}
	unit := pow10[d.Scale()-scale]
	coef, rest := d.d.Coef()/unit, d.d.Coef()%unit
	if rest >= unit-rest {
		coef++
	}
	r, _ := fromCoefficient(d.Sign() < 0, coef, scale) // fits: at least one digit went
	return r
}

// mulRound is d × e rounded once, to scale; ties away from zero, as in Round. ok is false where the result does not fit.
// It is for factors such as 0.028349523125 kg an ounce, whose exact product with a document's quantity Mul could refuse.
func (d Decimal) mulRound(e Decimal, scale int) (p Decimal, ok bool) {
	coef := new(big.Int).SetUint64(d.d.Coef())
	coef.Mul(coef, new(big.Int).SetUint64(e.d.Coef()))
	shift := int64(scale - d.Scale() - e.Scale())
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(shift, -shift)), nil)
	if shift >= 0 {
		coef.Mul(coef, unit)
	} else {
		rest := new(big.Int)
		coef.QuoRem(coef, unit, rest)
		if rest.Lsh(rest, 1).Cmp(unit) >= 0 {
			coef.Add(coef, big.NewInt(1))
		}
	}
	if !coef.IsUint64() {
		return Decimal{}, false
	}
	return fromCoefficient(d.Sign()*e.Sign() < 0, coef.Uint64(), scale)
}
