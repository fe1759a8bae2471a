package gs1

import (
	"strconv"
	"strings"

	"flowviz/internal/fault"
)

// mostCharacters is how long a lot, a serial number and a GLN extension can be (GS1 General Specifications: AI (10), (21)
// and (254) have the format X..20).
const mostCharacters = 20

// ValidLot checks what a label can carry as lot number, AI (10): 1 to 20 of the 82 characters that GS1 allows, which are
// A–Z a–z 0–9 and ! " % & ' ( ) * + , - . / : ; < = > ? _ and no space ("GS1 AI encodable character set 82" of the GS1
// General Specifications). BAD_USER_INPUT says what is wrong.
func ValidLot(s string) error { return checkText("lot", s) }

// checkText checks a lot, serial number or extension; name says which.
func checkText(name, s string) error {
	if s == "" {
		return fault.BadInput("", "the %s is empty", name)
	}
	if len(s) > mostCharacters {
		return fault.BadInput("", "the %s %s has %d characters; GS1 allows %d", name, quote(s), len(s), mostCharacters)
	}
	for _, c := range s {
		if !inCharset82(c) {
			return fault.BadInput("", "the %s %s holds %q, which GS1 does not allow: use letters, digits and ! \" %% & ' ( ) * + , - . / : ; < = > ? _", name, quote(s), c)
		}
	}
	return nil
}

func inCharset82(c rune) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.ContainsRune(`!"%&'()*+,-./:;<=>?_`, c)
}

// quote shows what was written, cut where it is long, so that an error's length does not depend on its sender.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// percentEncode writes everything but RFC 3986's unreserved characters as %XX.
func percentEncode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
