package demo

// menuOf is what a plant's kitchen cooks. Deliveries of fresh goods are what a full day needs.
func menuOf(plant string) menu {
	m := menu{
		potato: fresh("Potatoes, washed", "PRODUCE", "vegetables", 9, 228_000),
		onion:  fresh("Onions and peppers", "PRODUCE", "vegetables", 9, 44_000),
		cream: goods{
			kind: "ING", description: "Cooking cream", category: "DAIRY", state: "CHILLED", allergens: []string{"MILK"},
			supplier: "dairy", keeps: 13, delivery: 190_000, low: 75_000,
		},
		salt:   dry("Salt and nutmeg", nil, 30_000, 8_000),
		tray:   goods{kind: "PKG", description: "Two-compartment tray", supplier: "packaging", delivery: 9_000, low: 2_500},
		sleeve: goods{kind: "PKG", description: "Lid film and sleeve", supplier: "packaging", delivery: 12_000, low: 2_500},
	}
	if plant == "DUNA" {
		m.dishes = [2]dish{
			{"GOULASH-400", "RCP-GOULASH-5", fresh("Beef shoulder, diced", "RED_MEAT", "beef", 8, 165_000), dry("Goulash seasoning", []string{"CELERY"}, 90_000, 30_000)},
			{"PAPRIKA-400", "RCP-PAPRIKA-2", fresh("Chicken thigh, skinless", "POULTRY", "poultry-south", 5, 150_000), dry("Paprika sauce base", []string{"GLUTEN", "MILK"}, 90_000, 30_000)},
		}
		m.customers = []string{"depot-capital", "depot-west", "depot-north"}
		return m
	}
	m.dishes = [2]dish{
		{"PORKSTEW-400", "RCP-PORKSTEW-3", fresh("Pork shoulder, diced", "RED_MEAT", "pork", 7, 160_000), dry("Stew seasoning", []string{"CELERY", "MUSTARD"}, 90_000, 30_000)},
		{"TURKEY-400", "RCP-TURKEY-1", fresh("Turkey thigh, diced", "POULTRY", "turkey", 5, 150_000), dry("Herb sauce base", []string{"GLUTEN", "MILK"}, 90_000, 30_000)},
	}
	m.customers = []string{"depot-south", "depot-east", "depot-capital"}
	return m
}

func fresh(description, category, supplier string, keeps int, delivery int64) goods {
	return goods{kind: "RAW", description: description, category: category, state: "CHILLED", supplier: supplier, keeps: keeps, delivery: delivery}
}

func dry(description string, allergens []string, delivery, low int64) goods {
	return goods{
		kind: "ING", description: description, category: "DRY", state: "AMBIENT", allergens: allergens, supplier: "dry-goods",
		keeps: 200, delivery: delivery, low: low,
	}
}

func newReadyMeal(l *line) *readyMeal {
	p := &readyMeal{line: l, menu: menuOf(l.code), stores: stores{}}
	l.products = map[string]product{}
	for i, d := range p.menu.dishes {
		l.products[d.sku] = product{gtin: l.gtin(400 + i), nominal: packed}
	}
	return p
}
