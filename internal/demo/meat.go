package demo

import "time"

// meat is a species that the line works with. They are never mixed: one a day.
type meat struct {
	species, recipe string
	raw, frozen     goods
	mixed           [2]goods // seasoning and binder
	sku15, sku30    string
}

// donerShares are the recipe: meat, seasoning and binder, in thousandths.
var donerShares = [3]int64{922, 55, 23}

// sleeve goes round each rod.
var sleeve = goods{kind: "PKG", description: "Film sleeve with label", supplier: "packaging", delivery: 480, low: 80}

// meatOf is the day's species: beef on Tuesdays and Thursdays, chicken on the others.
func meatOf(d day) meat {
	if w := d.weekday(); w == time.Tuesday || w == time.Thursday {
		return meat{
			species: "BEEF", recipe: "RCP-BEEF-2", sku15: "BEEF-15", sku30: "BEEF-30",
			raw: goods{
				kind: "RAW", description: "Beef forequarter, bone in", species: "BEEF", category: "RED_MEAT", state: "CHILLED",
				supplier: "beef", keeps: 8,
			},
			frozen: goods{
				kind: "RAW", description: "Beef flank, bone in", species: "BEEF", category: "RED_MEAT", state: "FROZEN",
				supplier: "beef-frozen", keeps: 300, delivery: 640_000, low: 160_000,
			},
			mixed: [2]goods{seasoning("Seasoning for beef", "MUSTARD"), binder("Wheat rusk", "GLUTEN")},
		}
	}
	return meat{
		species: "CHICKEN", recipe: "RCP-CHICKEN-4", sku15: "CHICKEN-15", sku30: "CHICKEN-30",
		raw: goods{
			kind: "RAW", description: "Chicken leg, bone in", species: "CHICKEN", category: "POULTRY", state: "CHILLED",
			supplier: "poultry-north", keeps: 5,
		},
		mixed: [2]goods{seasoning("Seasoning for chicken", "CELERY", "MUSTARD"), binder("Yoghurt powder", "MILK")},
	}
}

func seasoning(description string, allergens ...string) goods {
	g := dry(description, allergens, 160_000, 50_000)
	g.supplier = "spices"
	return g
}

func binder(description string, allergens ...string) goods {
	return dry(description, allergens, 70_000, 30_000)
}
