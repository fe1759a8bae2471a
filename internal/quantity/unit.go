package quantity

import (
	"strings"

	"flowviz/internal/fault"
)

// kilogramScale is the scale of a weight in kilograms: to the gram, as numeric(12,3) stores it.
const kilogramScale = 3

// Kilograms converts v of a unit to kilograms with three decimals, rounded once, ties away from zero (see Round); half a
// gram is the most that a conversion can change.
//
// unit is a common code of UN/ECE Recommendation 20 (KGM, LBR, EA), a package of Recommendation 21 behind its X (XCS, a
// case), or a case-sensitive UCUM code (kg, [lb_av]). "" is known too: in EPCIS a quantity without a unit is a count.
// isMass is false for a known unit that measures no mass: kg is then zero and means nothing.
// BAD_USER_INPUT for an unknown unit, and for a weight of more than 19 digits.
func Kilograms(v Decimal, unit string) (kg Decimal, isMass bool, err error) {
	factor, ok := massUnits[unit]
	if !ok {
		if isOtherUnit(unit) {
			return Decimal{}, false, nil
		}
		return Decimal{}, false, unknownUnit(unit)
	}
	kg, ok = v.mulRound(factor, kilogramScale)
	if !ok {
		return Decimal{}, true, fault.BadInput("", "%s %s in kilograms has more than %d digits", v, unit, maxDigits)
	}
	return kg, true, nil
}

func unknownUnit(unit string) error {
	return fault.BadInput("", "the unit %s is not known: write a UN/ECE Recommendation 20 code such as KGM, GRM, TNE, LBR, LTR or EA, "+
		"a Recommendation 21 package such as XCS, or a UCUM code such as kg or [lb_av]", quote(unit))
}

// massUnits holds the kilograms in one of each unit, exactly.
//
// The codes are those that UN/ECE Recommendation 20, revision 17 (2021), Annex I lists under "mass" and that goods are
// traded in, and those of UCUM. The factors are not Recommendation 20's: it rounds them to seven digits, and its troy
// ounce is ten times too light. They follow from the international pound of 1959, 0.45359237 kg exactly, which is 7,000
// grains, 16 ounces of 16 drams, 1/14 stone, 1/100 US and 1/112 UK hundredweight, 1/2,000 short and 1/2,240 long ton (NIST
// Handbook 44, appendix C); a troy ounce is 480 grains.
var massUnits = map[string]Decimal{
	"KGM": MustParse("1"),
	"58":  MustParse("1"), // net kilogram
	"GRM": MustParse("0.001"),
	"HGM": MustParse("0.1"),
	"DJ":  MustParse("0.01"), // decagram
	"DG":  MustParse("0.0001"),
	"CGM": MustParse("0.00001"),
	"MGM": MustParse("0.000001"),
	"MC":  MustParse("0.000000001"), // microgram
	"TNE": MustParse("1000"),
	"2U":  MustParse("1000"), // megagram
	"DTN": MustParse("100"),  // decitonne, the metric quintal
	"KTN": MustParse("1000000"),
	"M86": MustParse("0.5"), // German Pfund
	"LBR": MustParse("0.45359237"),
	"ONZ": MustParse("0.028349523125"),
	"GRN": MustParse("0.00006479891"),
	"APZ": MustParse("0.0311034768"), // troy ounce
	"STI": MustParse("6.35029318"),   // stone
	"CWA": MustParse("45.359237"),    // hundredweight, US
	"CWI": MustParse("50.80234544"),  // hundredweight, UK
	"STN": MustParse("907.18474"),    // short ton, US
	"LTN": MustParse("1016.0469088"), // long ton, UK

	"kg":         MustParse("1"),
	"hg":         MustParse("0.1"),
	"dag":        MustParse("0.01"),
	"g":          MustParse("0.001"),
	"dg":         MustParse("0.0001"),
	"cg":         MustParse("0.00001"),
	"mg":         MustParse("0.000001"),
	"ug":         MustParse("0.000000001"),
	"t":          MustParse("1000"),
	"Mg":         MustParse("1000"),
	"[lb_av]":    MustParse("0.45359237"),
	"[oz_av]":    MustParse("0.028349523125"),
	"[dr_av]":    MustParse("0.0017718451953125"),
	"[gr]":       MustParse("0.00006479891"),
	"[oz_tr]":    MustParse("0.0311034768"),
	"[stone_av]": MustParse("6.35029318"),
	"[scwt_av]":  MustParse("45.359237"),
	"[lcwt_av]":  MustParse("50.80234544"),
	"[ston_av]":  MustParse("907.18474"),
	"[lton_av]":  MustParse("1016.0469088"),
}

// otherUnits are the units of food documents that measure no mass. Two-letter packages such as CS stood in
// Recommendation 20 until they moved to Recommendation 21 as XCS, and are still written. KG is left out on purpose: there
// it is a keg, and whoever writes it means KGM.
var otherUnits = func() map[string]bool {
	known := map[string]bool{"": true}
	for _, codes := range []string{
		// Counts.
		"C62 EA H87 PCE NAR NIU PR NPR DZN DZP DPC GRO CEN MIL SET HEA NMP KT LO AS P1 E48",
		// Packages.
		"AE BA BE BG BK BO BX CA CR CS CT DR EN JR NT PA PC PF PK PL PU PX RO SA TB TK TN TU TY",
		// Volumes.
		"LTR MLT CLT DLT HLT A44 K6 4G MTQ DMQ CMQ MMQ GLL GLI QTL QTI PTL PTI PTD OZA OZI BLL BUA BUI INQ FTQ YDQ G21 G24 G25",
		// Lengths and areas.
		"MTR MMT CMT DMT KMT INH FOT YRD SMI MTK CMK MMK KMK HAR FTK INK YDK ACR",
		// Temperatures, times, energy: sensor reports.
		"CEL FAH KEL SEC MIN HUR DAY WEE MON ANN KWH JOU KJO",
		// UCUM.
		"1 % L l dL dl cL cl mL ml uL ul hL hl m3 dm3 cm3 [gal_us] [qt_us] [pt_us] [foz_us] [gal_br] [qt_br] [pt_br] [foz_br]",
		"m cm mm km [in_i] [ft_i] [yd_i] m2 cm2 ar Cel [degF] K s min h d wk mo a",
	} {
		for code := range strings.FieldsSeq(codes) {
			known[code] = true
		}
	}
	return known
}()

func isOtherUnit(unit string) bool {
	return otherUnits[unit] || isPackage(unit)
}

// isPackage reports whether unit has the form of a Recommendation 21 package: X and two letters or digits, XCS or X4H.
// Recommendation 20 has no mass under X, so the form is enough.
func isPackage(unit string) bool {
	if len(unit) != 3 || unit[0] != 'X' {
		return false
	}
	for _, c := range []byte(unit[1:]) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
