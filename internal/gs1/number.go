package gs1

import (
	"errors"
	"slices"

	"flowviz/internal/fault"
)

var gtinLengths = []int{8, 12, 13, 14}

// ReadGTIN reads a GTIN of 8, 12, 13 or 14 digits, bare or in any spelling that Parse knows, as 14 digits. What a label says beside it,
// such as a lot, is left out. Its error says what is wrong, with the check digit that it should have.
func ReadGTIN(s string) (string, error) {
	key, err := readKey(s, gtinLengths...)
	if err != nil || key.GTIN != "" {
		return key.GTIN, err
	}
	return NormalGTIN(s)
}

// LooksLikeGTIN reports whether a text has the form of a GTIN, bare or in a spelling, right or wrong.
func LooksLikeGTIN(s string) bool {
	if isDigits(s) && slices.Contains(gtinLengths, len(s)) {
		return true
	}
	_, err := Parse(s)
	return !errors.Is(err, ErrNotGS1)
}

// ReadSSCC reads an SSCC, bare or in any spelling that Parse knows, as 18 digits.
func ReadSSCC(s string) (string, error) {
	key, err := readKey(s, 18)
	if err != nil || key.SSCC != "" {
		return key.SSCC, err
	}
	return s, ValidSSCC(s)
}

// ReadGLN reads the GLN of a party or a place, bare or in any spelling that Parse knows, as 13 digits. A place inside the place, AI (254),
// has no GLN of its own and is refused.
func ReadGLN(s string) (string, error) {
	key, err := readKey(s, 13)
	switch {
	case err != nil:
		return "", err
	case key.Extension != "":
		return "", fault.BadInput("", "%s is a place inside the GLN %s, AI (254): give the GLN alone", quote(s), key.GLN)
	case key.GLN != "":
		return key.GLN, nil
	case key.PartyGLN != "":
		return key.PartyGLN, nil
	}
	return s, ValidGLN(s)
}

// readKey reads a key in a spelling; the zero Key where it is none, or digits as bare numbers of one of these lengths are.
func readKey(s string, lengths ...int) (Key, error) {
	if isDigits(s) && slices.Contains(lengths, len(s)) {
		return Key{}, nil
	}
	key, err := Parse(s)
	if errors.Is(err, ErrNotGS1) {
		return Key{}, nil
	}
	return key, err
}

// NthSSCC is the number of a company's logistic units one after the other, from 0: first those with the extension digit 0, then 1, and so
// on. FAILED_PRECONDITION where the prefix has none left.
func NthSSCC(companyPrefix string, n int64) (Key, error) {
	if err := ValidCompanyPrefix(companyPrefix); err != nil {
		return Key{}, err
	}
	most := int64(1) // serial numbers of one extension digit
	for range 16 - len(companyPrefix) {
		most *= 10
	}
	if n < 0 || n/most > 9 {
		return Key{}, fault.New(fault.FailedPrecondition, "", "the company prefix %s has no SSCC left: take a further one", companyPrefix)
	}
	return NewSSCC(byte('0'+n/most), companyPrefix, uint64(n%most))
}
