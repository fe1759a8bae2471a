package quantity

import (
	"math/big"

	"flowviz/internal/fault"
)

// finestScale is how many decimals a conversion keeps whose result has no end, such as 39.3 °F in °C. It is far finer than
// what is measured: even of seconds in days, where one is 1/86400, two values with six decimals stay apart, and none lands on
// a limit that it misses.
const finestScale = 12

// Convert gives v of one unit in another of the same kind: 39.2 FAH is 4 CEL. Units are codes of UN/ECE Recommendation 20
// (CEL, MIN, MMT, KGM, P1, Q30) or case-sensitive UCUM codes (Cel, min, mm, kg, %, [pH]), mixed as one likes. A temperature is
// a point on its scale, not a difference.
//
// The result is exact where it has an end within 19 digits, else rounded once to 12 decimals, or to as many as 19 digits
// leave, ties away from zero. From a unit to itself v stays as it was written, also where the unit is not known here.
// BAD_USER_INPUT for an unknown unit, for units of two kinds, and for a result of more than 19 digits.
func Convert(v Decimal, from, to string) (Decimal, error) {
	if from == to {
		return v, nil
	}
	source, ok := scales[from]
	if !ok {
		return Decimal{}, unmeasured(from)
	}
	target, ok := scales[to]
	if !ok {
		return Decimal{}, unmeasured(to)
	}
	if source.kind != target.kind {
		return Decimal{}, fault.BadInput("", "%s measures %s and %s measures %s: write a unit of %s, such as %s", from, source.kind, to, target.kind, target.kind, to)
	}
	return decimalOf(target.from(source.to(v.rat())), v, from, to)
}

// IsUnit reports whether a unit is one that Convert knows.
func IsUnit(unit string) bool {
	_, ok := scales[unit]
	return ok
}

// Symbol is how people write a unit: °C for CEL, % for P1, nothing for a pH. A code that is not known here is its own.
func Symbol(unit string) string {
	if s, ok := scales[unit]; ok {
		return s.symbol
	}
	return unit
}

func unmeasured(unit string) error {
	return fault.BadInput("", "the unit %s is not known: write a UN/ECE Recommendation 20 code such as CEL, FAH, SEC, MIN, MMT, KGM, P1 or Q30, "+
		"or a UCUM code such as Cel, [degF], s, min, mm, kg, %% or [pH]", quote(unit))
}

// scale is a unit as a way to its kind's base unit: base = (v + zero) × factor.
type scale struct {
	kind         string
	symbol       string
	zero, factor *big.Rat
}

func (s scale) to(v *big.Rat) *big.Rat {
	sum := new(big.Rat).Add(v, s.zero)
	return sum.Mul(sum, s.factor)
}

func (s scale) from(base *big.Rat) *big.Rat {
	v := new(big.Rat).Quo(base, s.factor)
	return v.Sub(v, s.zero)
}

// rat is d as a fraction.
func (d Decimal) rat() *big.Rat {
	num := new(big.Int).SetUint64(d.d.Coef())
	if d.Sign() < 0 {
		num.Neg(num)
	}
	return new(big.Rat).SetFrac(num, power10(int64(d.Scale())))
}

// decimalOf is r, which v of a unit is in another.
func decimalOf(r *big.Rat, v Decimal, from, to string) (Decimal, error) {
	decimals, exact := r.FloatPrec()
	if !exact || decimals > maxDigits {
		decimals = finestScale
	}
	d, err := Parse(r.FloatString(decimals)) // FloatString rounds ties away from zero
	for decimals = min(decimals, finestScale); err != nil && decimals >= 0; decimals-- {
		d, err = Parse(r.FloatString(decimals))
	}
	if err != nil {
		return Decimal{}, fault.BadInput("", "%s %s in %s has more than %d digits", v, from, to, maxDigits)
	}
	return d, nil
}
