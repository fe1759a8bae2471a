package quantity

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/jackc/pgx/v5/pgtype"
)

// RegisterTypes makes a connection read and write Decimal in PostgreSQL's own binary form, without a big.Int between: call
// it once for each connection's type map. Without it a Decimal is read and written all the same, through pgtype.Numeric,
// about ten times slower, and a zero comes back without its decimals.
func RegisterTypes(m *pgtype.Map) {
	numeric := &pgtype.Type{Name: "numeric", OID: pgtype.NumericOID, Codec: numericCodec{}}
	m.RegisterType(numeric)
	m.RegisterType(&pgtype.Type{Name: "_numeric", OID: pgtype.NumericArrayOID, Codec: &pgtype.ArrayCodec{ElementType: numeric}})
	m.RegisterDefaultPgType(Decimal{}, "numeric")
	m.RegisterDefaultPgType([]Decimal{}, "_numeric")
	m.RegisterDefaultPgType([]*Decimal{}, "_numeric")
}

var (
	errNull      = errors.New("cannot read NULL into quantity.Decimal: read it into *quantity.Decimal")
	errNotFinite = errors.New("cannot read NaN or infinity into quantity.Decimal")
)

// ScanNumeric implements pgtype.NumericScanner, for connections without RegisterTypes.
func (d *Decimal) ScanNumeric(v pgtype.Numeric) error {
	if !v.Valid {
		return errNull
	}
	if v.NaN || v.InfinityModifier != pgtype.Finite {
		return errNotFinite
	}
	coef, exp := v.Int, int(v.Exp)
	if exp > maxDigits {
		return tooPrecise(v)
	}
	if exp > 0 { // pgtype writes 1200 as 12e2
		coef = new(big.Int).Mul(coef, new(big.Int).SetUint64(pow10[exp]))
		exp = 0
	}
	abs := new(big.Int).Abs(coef)
	if !abs.IsUint64() {
		return tooPrecise(v)
	}
	var ok bool
	if *d, ok = fromCoefficient(coef.Sign() < 0, abs.Uint64(), -exp); !ok {
		return tooPrecise(v)
	}
	return nil
}

// NumericValue implements pgtype.NumericValuer, for connections without RegisterTypes.
func (d Decimal) NumericValue() (pgtype.Numeric, error) {
	coef := new(big.Int).SetUint64(d.d.Coef())
	if d.Sign() < 0 {
		coef.Neg(coef)
	}
	return pgtype.Numeric{Int: coef, Exp: int32(-d.Scale()), Valid: true}, nil
}

func tooPrecise(v any) error {
	return fmt.Errorf("cannot read the numeric %v into quantity.Decimal: it has more than %d digits or decimals; cast it in SQL, such as to numeric(12,3)", v, maxDigits)
}
