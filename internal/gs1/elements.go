package gs1

import "flowviz/internal/fault"

// isAI reports whether s has the form of an application identifier: two to four digits.
func isAI(s string) bool {
	return isDigits(s) && len(s) >= 2 && len(s) <= 4
}

// elements are the values of a label or of a Digital Link by their AI.
type elements map[string]string

// add notes a value; an error where the AI has another one already.
func (e elements) add(ai, value string) error {
	if old, ok := e[ai]; ok && old != value {
		return fault.BadInput("", "AI (%s) is given twice: %s and %s", ai, quote(old), quote(value))
	}
	e[ai] = value
	return nil
}

// key makes a Key of what identifies: a logistic unit before an item, since a pallet's label also says what is on it.
func (e elements) key() (Key, error) {
	if sscc, ok := e["00"]; ok {
		if err := ValidSSCC(sscc); err != nil {
			return Key{}, err
		}
		return Key{SSCC: sscc}, nil
	}
	if gtin, ok := e["01"]; ok {
		return e.itemKey(gtin)
	}
	if gln, ok := e["414"]; ok {
		return e.locationKey(gln)
	}
	if gln, ok := e["417"]; ok {
		if err := ValidGLN(gln); err != nil {
			return Key{}, err
		}
		return Key{PartyGLN: gln}, nil
	}
	return Key{}, ErrNotGS1
}

// itemKey leaves a consumer product variant, AI (22), out: lots are numbered within the GTIN, not within its variants.
func (e elements) itemKey(gtin string) (Key, error) {
	gtin, err := NormalGTIN(gtin)
	if err != nil {
		return Key{}, err
	}
	if _, ok := e["235"]; ok { // leaving it out would turn one piece into its whole kind
		return Key{}, fault.BadInput("", "a serial number of a third party, AI (235), is not understood here: use AI (10) or (21)")
	}
	k := Key{GTIN: gtin}
	var given bool
	if k.Lot, given = e["10"]; given {
		if err := checkText("lot", k.Lot); err != nil {
			return Key{}, err
		}
	}
	if k.Serial, given = e["21"]; given {
		if err := checkText("serial number", k.Serial); err != nil {
			return Key{}, err
		}
	}
	return k, nil
}

func (e elements) locationKey(gln string) (Key, error) {
	if err := ValidGLN(gln); err != nil {
		return Key{}, err
	}
	if extension, ok := e["254"]; ok {
		return newLocation(gln, extension)
	}
	return Key{GLN: gln}, nil
}
