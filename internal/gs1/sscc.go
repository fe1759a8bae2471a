package gs1

import (
	"fmt"
	"strconv"

	"flowviz/internal/fault"
)

// NewSSCC numbers a logistic unit: an extension digit '0' to '9', which only adds capacity, the company's GS1 prefix of 4
// to 12 digits, and a serial number, padded with zeros to the 17 digits that the check digit follows. BAD_USER_INPUT where
// one of them does not fit.
func NewSSCC(extension byte, companyPrefix string, serial uint64) (Key, error) {
	if extension < '0' || extension > '9' {
		return Key{}, fault.BadInput("", "the extension digit %q of an SSCC is not a digit", extension)
	}
	if err := ValidCompanyPrefix(companyPrefix); err != nil {
		return Key{}, err
	}
	room := 16 - len(companyPrefix)
	number := strconv.FormatUint(serial, 10)
	if len(number) > room {
		return Key{}, fault.BadInput("", "the serial number %s does not fit: with the company prefix %s an SSCC has room for %d digits", number, companyPrefix, room)
	}
	digits := fmt.Sprintf("%c%s%0*d", extension, companyPrefix, room, serial)
	return Key{SSCC: digits + string(checkDigit(digits))}, nil
}

// ValidCompanyPrefix checks a GS1 company prefix, 4 to 12 digits (GS1 General Specifications, section 1.4); its error says what is
// wrong. EPC URNs have room for 6 and more alone.
func ValidCompanyPrefix(s string) error {
	if !isDigits(s) || len(s) < 4 || len(s) > 12 {
		return fault.BadInput("", "the company prefix %s does not have 4 to 12 digits", quote(s))
	}
	return nil
}
