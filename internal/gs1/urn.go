package gs1

import (
	"net/url"
	"strings"

	"flowviz/internal/fault"
)

// parseURN reads an EPC pure identity or class URN (EPC Tag Data Standard, section 6.3). Its first part is the company prefix,
// 6 to 12 digits; check digits are not in it and are computed.
func parseURN(s string) (Key, error) {
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return Key{}, ErrNotGS1
	}
	switch scheme {
	case "class:lgtin":
		gtin, lot, err := itemAndText(s, rest, "lot")
		return Key{GTIN: gtin, Lot: lot}, err
	case "id:sgtin":
		gtin, serial, err := itemAndText(s, rest, "serial number")
		return Key{GTIN: gtin, Serial: serial}, err
	case "idpat:sgtin":
		return parseItemPattern(s, rest)
	case "id:sscc":
		sscc, err := ssccOfURN(s, rest)
		return Key{SSCC: sscc}, err
	case "id:sgln":
		return parseLocation(s, rest)
	case "id:pgln":
		prefix, party, _ := strings.Cut(rest, ".")
		gln, err := glnOfURN(s, prefix, party)
		return Key{PartyGLN: gln}, err
	}
	return Key{}, ErrNotGS1 // an asset, a document, a coupon …, or a tag: no key of this package
}

// cutScheme splits "urn:epc:id:sgtin:CP.ITEM.SERIAL" into "id:sgtin" and "CP.ITEM.SERIAL". "urn" and "epc" are
// case-insensitive (RFC 8141, section 3.1), the rest is not.
func cutScheme(s string) (scheme, rest string, ok bool) {
	const start = "urn:epc:"
	if !hasPrefixFold(s, start) {
		return "", "", false
	}
	s = s[len(start):]
	kind, s, _ := strings.Cut(s, ":")
	name, rest, ok := strings.Cut(s, ":")
	return kind + ":" + name, rest, ok
}

// itemAndText reads CP.ITEM.TEXT; name says what the text is.
func itemAndText(s, rest, name string) (gtin, text string, err error) {
	prefix, item, escaped, err := cutThree(s, rest)
	if err != nil {
		return "", "", err
	}
	if gtin, err = gtinOfURN(s, prefix, item); err != nil {
		return "", "", err
	}
	if text, err = unescape(s, escaped); err != nil {
		return "", "", err
	}
	if err = checkText(name, text); err != nil {
		return "", "", err
	}
	return gtin, text, nil
}

// parseItemPattern reads CP.ITEM.*, all pieces of a GTIN. CP.*.* and the like name no single kind of item.
func parseItemPattern(s, rest string) (Key, error) {
	prefix, item, serial, err := cutThree(s, rest)
	if err != nil {
		return Key{}, err
	}
	if prefix == "*" || item == "*" {
		return Key{}, ErrNotGS1
	}
	if serial != "*" {
		return Key{}, fault.BadInput("", "the pattern %s does not end in .*; one piece is written urn:epc:id:sgtin:", quote(s))
	}
	gtin, err := gtinOfURN(s, prefix, item)
	return Key{GTIN: gtin}, err
}

// parseLocation reads CP.LOCATION.EXTENSION, where the extension "0" stands for none (EPC Tag Data Standard, section 6.3.3).
func parseLocation(s, rest string) (Key, error) {
	prefix, location, escaped, err := cutThree(s, rest)
	if err != nil {
		return Key{}, err
	}
	gln, err := glnOfURN(s, prefix, location)
	if err != nil {
		return Key{}, err
	}
	extension, err := unescape(s, escaped)
	if err != nil {
		return Key{}, err
	}
	return newLocation(gln, extension)
}

// newLocation makes the key of a checked GLN and an extension that is not checked yet.
func newLocation(gln, extension string) (Key, error) {
	if extension == "0" {
		return Key{GLN: gln}, nil
	}
	if err := checkText("GLN extension", extension); err != nil {
		return Key{}, err
	}
	return Key{GLN: gln, Extension: extension}, nil
}

// gtinOfURN moves the indicator digit, which an item reference starts with, before the company prefix and appends the check
// digit: 0614141 and 712345 are the GTIN 7 0614141 12345 and 1.
func gtinOfURN(s, prefix, item string) (string, error) {
	if err := checkParts(s, prefix, item, 13, "GTIN"); err != nil {
		return "", err
	}
	digits := item[:1] + prefix + item[1:] // the prefix has at most 12 of the 13 digits
	return digits + string(checkDigit(digits)), nil
}

// ssccOfURN moves the extension digit, which a serial reference starts with, before the company prefix and appends the check
// digit.
func ssccOfURN(s, rest string) (string, error) {
	prefix, serial, _ := strings.Cut(rest, ".")
	if err := checkParts(s, prefix, serial, 17, "SSCC"); err != nil {
		return "", err
	}
	digits := serial[:1] + prefix + serial[1:] // the prefix has at most 12 of the 17 digits
	return digits + string(checkDigit(digits)), nil
}

func glnOfURN(s, prefix, location string) (string, error) {
	if err := checkParts(s, prefix, location, 12, "GLN"); err != nil {
		return "", err
	}
	digits := prefix + location
	return digits + string(checkDigit(digits)), nil
}

// checkParts checks that a company prefix and the reference behind it are digits, and together as many as the key has
// without its check digit.
func checkParts(s, prefix, reference string, together int, name string) error {
	if err := checkPrefix(prefix); err != nil {
		return fault.BadInput("", "%s: %v", quote(s), err)
	}
	if reference != "" && !isDigits(reference) {
		return fault.BadInput("", "%s has %s after its company prefix, where only digits can stand", quote(s), quote(reference))
	}
	if have := len(prefix) + len(reference); have != together {
		return fault.BadInput("", "%s has %d digits in company prefix and reference; the %s of an EPC URN takes %d, without check digit", quote(s), have, name, together)
	}
	return nil
}

func checkPrefix(prefix string) error {
	if !isDigits(prefix) || len(prefix) < 6 || len(prefix) > 12 {
		return fault.BadInput("", "the company prefix %s does not have 6 to 12 digits", quote(prefix))
	}
	return nil
}

// cutThree splits at the first two points; the third part may hold more.
func cutThree(s, rest string) (first, second, third string, err error) {
	parts := strings.SplitN(rest, ".", 3)
	if len(parts) != 3 {
		return "", "", "", fault.BadInput("", "%s takes three parts with a point between them after its last colon, and has %d", quote(s), len(parts))
	}
	return parts[0], parts[1], parts[2], nil
}

// unescape decodes the %XX of a URN's or URI's part.
func unescape(s, part string) (string, error) {
	text, err := url.PathUnescape(part)
	if err != nil {
		return "", fault.BadInput("", "%s holds a %% that is not followed by two hexadecimal digits", quote(s))
	}
	return text, nil
}
