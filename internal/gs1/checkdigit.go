package gs1

import (
	"flowviz/internal/fault"
)

// CheckDigit computes the check digit, '0' to '9', that follows digits: from the right they count 3, 1, 3, 1 …, and the
// check digit fills their sum up to a multiple of ten (GS1 General Specifications, section 7.9.1). It is the same for
// GTIN-8 to GTIN-14, SSCC and GLN. BAD_USER_INPUT where digits is empty or holds anything but 0 to 9.
func CheckDigit(digits string) (byte, error) {
	if !isDigits(digits) {
		return 0, fault.BadInput("", "%s is not all digits", quote(digits))
	}
	return checkDigit(digits), nil
}

// checkDigit is CheckDigit of what is known to be digits.
func checkDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

// ValidGTIN checks a GTIN of 8, 12, 13 or 14 digits; its error says what is wrong.
func ValidGTIN(s string) error {
	_, err := NormalGTIN(s)
	return err
}

// ValidSSCC checks an SSCC, 18 digits; its error says what is wrong.
func ValidSSCC(s string) error { return checkNumber("SSCC", s, 18) }

// ValidGLN checks a GLN, 13 digits; its error says what is wrong.
func ValidGLN(s string) error { return checkNumber("GLN", s, 13) }

// NormalGTIN checks a GTIN of 8, 12, 13 or 14 digits, and pads it with zeros to 14, which changes no check digit; its error says what
// is wrong.
func NormalGTIN(s string) (string, error) {
	if !isDigits(s) {
		return "", fault.BadInput("", "the GTIN %s is not all digits", quote(s))
	}
	switch len(s) {
	case 8, 12, 13, 14:
	default:
		return "", fault.BadInput("", "the GTIN %s has %d digits; a GTIN has 8, 12, 13 or 14", quote(s), len(s))
	}
	return "00000000000000"[len(s):] + s, checkNumber("GTIN", s, len(s))
}

// checkNumber checks that s has length digits, the last of which is the check digit. name is GTIN, SSCC or GLN.
func checkNumber(name, s string, length int) error {
	if !isDigits(s) {
		return fault.BadInput("", "the %s %s is not all digits", name, quote(s))
	}
	if len(s) == length-1 {
		return fault.BadInput("", "the %s %s has %d digits; it takes %d: where only the check digit is missing, that is %c",
			name, quote(s), len(s), length, checkDigit(s))
	}
	if len(s) != length {
		return fault.BadInput("", "the %s %s has %d digits; it takes %d", name, quote(s), len(s), length)
	}
	last := len(s) - 1
	if want := checkDigit(s[:last]); s[last] != want {
		return fault.BadInput("", "the %s %s ends in %c, but the check digit of its other digits is %c: one of them is wrong",
			name, quote(s), s[last], want)
	}
	return nil
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
