package quantity

import (
	"math/big"
	"strings"
)

// The kinds of what is measured.
const (
	kindTemperature = "a temperature"
	kindTime        = "a time"
	kindLength      = "a length"
	kindVolume      = "a volume"
	kindMass        = "a mass"
	kindShare       = "a share"
	kindAcidity     = "an acidity"
	kindCount       = "a count"
)

// unitRow is a unit by its codes, of both standards: base = (v + zero) × factor, written as fractions.
type unitRow struct{ codes, symbol, zero, factor string }

// unitRows are the units of measurements, by kind; massUnits has those of masses.
//
// Codes: UN/ECE Recommendation 20, revision 17 (2021), and UCUM 2.1. Factors: a degree Celsius is a kelvin and its scale
// begins at 273.15 K, a degree Fahrenheit is 5/9 of one and begins at 459.67 °F below (SI Brochure, 9th edition, 2.3.1; NIST
// SP 811, appendix B.8); the inch is 25.4 mm exactly, since 1959; minute, hour and day are as in the SI Brochure, table 8;
// the US gallon is 231 cubic inches, the imperial one 4.54609 L (NIST Handbook 44, appendix C). A month and a year have no
// length of their own and are left out. A pH is a number on one scale (Q30; UCUM's [pH]), and 1 % is 1/100: as a fraction
// nobody writes it here, so the count 1 is no share.
var unitRows = map[string][]unitRow{
	kindTemperature: {
		{"KEL K", "K", "0", "1"},
		{"CEL Cel", "°C", "273.15", "1"},
		{"FAH [degF]", "°F", "459.67", "5/9"},
	},
	kindTime: {
		{"C26 ms", "ms", "0", "1/1000"},
		{"SEC s", "s", "0", "1"},
		{"MIN min", "min", "0", "60"},
		{"HUR h", "h", "0", "3600"},
		{"DAY d", "days", "0", "86400"},
		{"WEE wk", "weeks", "0", "604800"},
	},
	kindLength: {
		{"4H um", "µm", "0", "1/1000000"},
		{"MMT mm", "mm", "0", "1/1000"},
		{"CMT cm", "cm", "0", "1/100"},
		{"DMT dm", "dm", "0", "1/10"},
		{"MTR m", "m", "0", "1"},
		{"KMT km", "km", "0", "1000"},
		{"INH [in_i]", "in", "0", "0.0254"},
		{"FOT [ft_i]", "ft", "0", "0.3048"},
		{"YRD [yd_i]", "yd", "0", "0.9144"},
		{"SMI [mi_i]", "mi", "0", "1609.344"},
	},
	kindVolume: { // in litres
		{"MLT CMQ ml mL cm3", "mL", "0", "1/1000"},
		{"CLT cl cL", "cL", "0", "1/100"},
		{"DLT dl dL", "dL", "0", "1/10"},
		{"LTR DMQ l L dm3", "L", "0", "1"},
		{"HLT hl hL", "hL", "0", "100"},
		{"MTQ m3", "m³", "0", "1000"},
		{"GLL [gal_us]", "US gal", "0", "3.785411784"},
		{"GLI [gal_br]", "UK gal", "0", "4.54609"},
	},
	kindShare: {
		{"P1 %", "%", "0", "1/100"},
		{"NX [ppth]", "‰", "0", "1/1000"},
		{"59 [ppm]", "ppm", "0", "1/1000000"},
	},
	kindAcidity: {{"Q30 [pH]", "", "0", "1"}},
	kindCount:   {{"C62 EA H87", "", "0", "1"}},
}

// massSymbols are the masses that people write otherwise than UCUM does.
var massSymbols = map[string]string{
	"KGM": "kg", "GRM": "g", "MGM": "mg", "MC": "µg", "ug": "µg", "TNE": "t", "LBR": "lb", "[lb_av]": "lb", "ONZ": "oz", "[oz_av]": "oz",
}

// scales are all units that Convert knows, by code.
var scales = func() map[string]scale {
	known := map[string]scale{}
	for kind, rows := range unitRows {
		for _, row := range rows {
			s := scale{kind, row.symbol, fraction(row.zero), fraction(row.factor)}
			for code := range strings.FieldsSeq(row.codes) {
				known[code] = s
			}
		}
	}
	for code, kilograms := range massUnits {
		symbol, ok := massSymbols[code]
		if !ok {
			symbol = code
		}
		known[code] = scale{kindMass, symbol, new(big.Rat), kilograms.rat()}
	}
	return known
}()

// fraction reads a constant of this file.
func fraction(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("quantity: " + s + " is no fraction")
	}
	return r
}
