package lot

import (
	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

// Bounds of rule 13 of the domain: -50 to 100 °C. That of a lot's weight is its site's, 10,000 kg or more, or its type's where that is
// more: silos.
var coldest, warmest = quantity.MustParse("-50"), quantity.MustParse("100")

const (
	amountDecimals  = 3 // grams
	celsiusDecimals = 2
)

// CheckAmount finds what is wrong with kilograms or pieces that a lot has; nil is nothing said.
func CheckAmount(field string, amount *quantity.Decimal) fault.List {
	if amount == nil || amount.Sign() >= 0 && amount.Scale() <= amountDecimals {
		return nil
	}
	return fault.List{fault.BadInput(field, "give 0 or more, with at most %d decimals", amountDecimals)}
}

// CheckTaken finds what is wrong with kilograms or pieces that are taken of a lot; nil is all that remains.
func CheckTaken(field string, amount *quantity.Decimal) fault.List {
	if amount == nil || amount.Sign() > 0 && amount.Scale() <= amountDecimals {
		return nil
	}
	return fault.List{fault.BadInput(field, "give more than 0, with at most %d decimals", amountDecimals)}
}

// CheckWeight refuses more than a lot can weigh at a site; typeMost is what its type allows, nil where it is as any.
func CheckWeight(field string, kg *quantity.Decimal, at db.Site, lotType string, typeMost *quantity.Decimal) fault.List {
	most := at.MaxLotKg
	if typeMost != nil && typeMost.Cmp(most) > 0 {
		most = *typeMost
	}
	if kg == nil || kg.Cmp(most) <= 0 {
		return nil
	}
	return fault.List{fault.BadInput(field,
		"a lot of %s weighs at most %s kg here: give less, let an ADMIN raise the site's bound, or publish a scenario that raises the type's", lotType, most)}
}

// CheckTemperature finds what is wrong with a temperature; nil is nothing measured.
func CheckTemperature(field string, t *quantity.Decimal) fault.List {
	if t == nil || t.Cmp(coldest) >= 0 && t.Cmp(warmest) <= 0 && t.Scale() <= celsiusDecimals {
		return nil
	}
	return fault.List{fault.BadInput(field, "give %s to %s °C, with at most %d decimals", coldest, warmest, celsiusDecimals)}
}
