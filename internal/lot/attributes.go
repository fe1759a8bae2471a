package lot

import (
	"slices"
	"unicode/utf8"

	"flowviz/internal/fault"
)

const (
	maxAttribute = 200 // characters
	maxAllergens = 50  // Regulation (EU) 1169/2011, Annex II, names 14 kinds, and plants divide some of them
)

// states are those that limits distinguish.
var states = []string{"CHILLED", "FROZEN", "AMBIENT"}

// Check finds all that is wrong with attributes as somebody gives them; path stands before the names of their fields.
func (a *Attributes) Check(path string) fault.List {
	if a == nil {
		return nil
	}
	var faults fault.List
	for _, text := range []struct {
		field string
		value *string
	}{
		{"species", a.Species}, {"category", a.Category}, {"sku", a.Sku}, {"description", a.Description}, {"supplierLotCode", a.SupplierLotCode},
	} {
		if text.value != nil && !isText(*text.value) {
			faults = append(faults, fault.BadInput(path+text.field, "give 1 to %d characters", maxAttribute))
		}
	}
	if a.State != nil && !slices.Contains(states, *a.State) {
		faults = append(faults, fault.BadInput(path+"state", "give CHILLED, FROZEN or AMBIENT"))
	}
	if len(a.Allergens) > maxAllergens || !all(a.Allergens, isText) {
		faults = append(faults, fault.Bounded(path+"allergens", len(a.Allergens), maxAllergens, "give at most %d, of 1 to %d characters each", maxAllergens, maxAttribute))
	}
	return faults
}

func isText(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= maxAttribute
}

func all(list []string, so func(string) bool) bool {
	return !slices.ContainsFunc(list, func(one string) bool { return !so(one) })
}
