package gs1

import (
	"errors"
	"strings"

	"flowviz/internal/fault"
)

// separator is what a scanner sends for FNC1: it ends a value of variable length.
const separator = '\x1d'

// parseBracketed reads "(01)09506000134352(10)ABC", as people write element strings and as labels print them below a bar
// code. A bracket that belongs to a value is written \( there.
func parseBracketed(s string) (Key, error) {
	e := elements{}
	for rest := s; rest != ""; {
		ai, after, closed := strings.Cut(rest[1:], ")") // rest starts with a bracket
		if !closed || !isAI(ai) {
			if len(e) == 0 {
				return Key{}, ErrNotGS1
			}
			return Key{}, fault.BadInput("", `%s has a bracket that starts no AI: write \( for one that belongs to a value`, quote(s))
		}
		var value string
		value, rest = cutValue(after)
		if err := e.add(ai, strings.TrimSpace(value)); err != nil {
			return Key{}, err
		}
	}
	return e.key()
}

// cutValue splits before the next bracket that is not escaped, and unescapes the value.
func cutValue(s string) (value, rest string) {
	end := len(s)
	for i := range len(s) {
		if s[i] == '(' && (i == 0 || s[i-1] != '\\') {
			end = i
			break
		}
	}
	return strings.ReplaceAll(s[:end], `\(`, "("), s[end:]
}

// parseScanned reads an element string as a scanner sends it: maybe a symbology identifier such as ]d2 first, then AIs and
// values, with a separator only after values of variable length.
//
// Any text of digits could look like that. So one without identifier and separator is GS1 only when everything in it is
// right, and where something isn't, it is taken for a code of somebody's own making.
func parseScanned(s string) (Key, error) {
	data, marked := cutSymbology(s)
	marked = marked || strings.ContainsRune(data, separator)
	if !marked && (len(s) < 2 || !isDigits(s[:2])) {
		return Key{}, ErrNotGS1 // most codes that are looked up end here
	}
	k, err := readScanned(s, data)
	if err != nil && !marked {
		return Key{}, ErrNotGS1
	}
	return k, err
}

// cutSymbology removes what a scanner says about the symbol: GS1-128 ]C1, GS1 DataBar ]e0, GS1 DataMatrix ]d2, GS1 QR ]Q3,
// GS1 DotCode ]J1 (ISO/IEC 15424), or a bare FNC1.
func cutSymbology(s string) (data string, found bool) {
	for _, id := range []string{"]C1", "]e0", "]d2", "]Q3", "]J1", string(separator)} {
		if data, found = strings.CutPrefix(s, id); found {
			return data, true
		}
	}
	return s, false
}

func readScanned(s, data string) (Key, error) {
	e := elements{}
	for data != "" {
		ai, value, rest, err := cutElement(data)
		if err != nil {
			return Key{}, fault.BadInput("", "the element string %s can't be read: %v", quote(s), err)
		}
		if err := e.add(ai, value); err != nil {
			return Key{}, err
		}
		data = strings.TrimPrefix(rest, string(separator))
	}
	return e.key()
}

var (
	errNoAI  = errors.New("where an application identifier should start, there is none that GS1 has")
	errShort = errors.New("it ends inside a value")
)

// cutElement splits one AI and its value from the start of data.
func cutElement(data string) (ai, value, rest string, err error) {
	if len(data) < 2 {
		return "", "", "", errNoAI
	}
	digits, total := shape(data[:2])
	if digits == 0 || len(data) < digits || !isDigits(data[:digits]) {
		return "", "", "", errNoAI
	}
	if total == 0 {
		value, rest, _ = strings.Cut(data[digits:], string(separator))
		return data[:digits], value, rest, nil
	}
	if len(data) < total {
		return "", "", "", errShort
	}
	return data[:digits], data[digits:total], data[total:], nil
}

// shape tells from an AI's first two digits how many digits it has, and how many characters it has together with its value
// where that is fixed for good, else 0 (GS1 General Specifications, section 7.8: element strings with predefined length).
// digits is 0 where no AI starts so.
func shape(start string) (digits, total int) {
	switch start {
	case "00":
		return 2, 20
	case "01", "02", "03":
		return 2, 16
	case "04":
		return 2, 18
	case "11", "12", "13", "14", "15", "16", "17", "18", "19":
		return 2, 8
	case "20":
		return 2, 4
	case "10", "21", "22", "30", "37", "90", "91", "92", "93", "94", "95", "96", "97", "98", "99":
		return 2, 0
	case "31", "32", "33", "34", "35", "36":
		return 4, 10
	case "41":
		return 3, 16
	case "23", "24", "25", "40", "42", "71":
		return 3, 0
	case "39", "43", "70", "72", "80", "81", "82":
		return 4, 0
	}
	return 0, 0
}
