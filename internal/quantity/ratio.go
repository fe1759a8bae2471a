package quantity

import (
	"math/big"

	"flowviz/internal/fault"
)

// MulQuo is d × mul ÷ div, rounded once, to scale; ties away from zero, as in Round. It is for shares and yields, whose
// exact quotient has no end. BAD_USER_INPUT where div is zero or the result does not fit in 19 digits.
func (d Decimal) MulQuo(mul, div Decimal, scale int) (Decimal, error) {
	if div.IsZero() {
		return Decimal{}, fault.BadInput("", "nothing can be divided by zero")
	}
	num := product(d, mul)
	den := new(big.Int).SetUint64(div.d.Coef())
	// d·mul has d.Scale + mul.Scale decimals, div has div.Scale: shift so that the quotient has scale.
	shift := int64(scale + div.Scale() - d.Scale() - mul.Scale())
	if shift >= 0 {
		num.Mul(num, power10(shift))
	} else {
		den.Mul(den, power10(-shift))
	}
	rest := new(big.Int)
	num.QuoRem(num, den, rest)
	if rest.Lsh(rest, 1).Cmp(den) >= 0 {
		num.Add(num, big.NewInt(1))
	}
	if num.IsUint64() {
		if q, ok := fromCoefficient(d.Sign()*mul.Sign()*div.Sign() < 0, num.Uint64(), scale); ok {
			return q, nil
		}
	}
	return Decimal{}, fault.BadInput("", "%s × %s ÷ %s has more than %d digits", d, mul, div, maxDigits)
}

func product(d, e Decimal) *big.Int {
	p := new(big.Int).SetUint64(d.d.Coef())
	return p.Mul(p, new(big.Int).SetUint64(e.d.Coef()))
}

func power10(n int64) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}
