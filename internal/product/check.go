package product

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"flowviz/internal/fault"
	"flowviz/internal/gs1"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

const (
	maxSku        = 50
	maxName       = 200
	maxShelfLife  = 36_500 // a hundred years
	maxAllergens  = 30     // Regulation (EU) 1169/2011, annex II, has 14
	maxAllergen   = 50
	maxComponents = 100
)

var (
	whole  = quantity.FromInt(100) // per cent
	mostKg = quantity.FromInt(10_000)
)

// checker gathers faults.
type checker struct{ faults fault.List }

func (c *checker) bad(field, format string, args ...any) {
	c.faults = append(c.faults, fault.BadInput(field, format, args...))
}

func (c *checker) text(field, s string, most int) {
	if n := utf8.RuneCountInString(s); n < 1 || n > most || strings.TrimSpace(s) != s {
		c.bad(field, "give 1 to %d characters, without spaces around them", most)
	}
}

func (c *checker) name(name definition.Text) {
	c.text("name.en", name.En, maxName)
	c.text("name.hu", name.Hu, maxName)
}

// gtin normalizes a GTIN; nil for none.
func (c *checker) gtin(gtin *string) *string {
	if gtin == nil || *gtin == "" {
		return nil
	}
	normal, err := gs1.ReadGTIN(*gtin)
	if err != nil {
		c.bad("gtin", "%v", err)
	}
	return &normal
}

func (c *checker) unitWeight(kg *quantity.Decimal) {
	if kg != nil && (kg.Sign() <= 0 || kg.Cmp(mostKg) > 0 || !kg.Equal(kg.Round(3))) {
		c.bad("unitWeightKg", "give more than 0 and at most %s kg, with at most 3 decimals", mostKg)
	}
}

func (c *checker) shelfLife(days *int32) {
	if days != nil && (*days < 1 || *days > maxShelfLife) {
		c.bad("shelfLifeDays", "give 1 to %d days", maxShelfLife)
	}
}

func (c *checker) allergens(allergens []string) {
	if n := len(allergens); n > maxAllergens {
		c.faults = append(c.faults, fault.Bounded("allergens", n, maxAllergens, "at most %d", maxAllergens))
		return
	}
	for i, a := range allergens {
		field := fmt.Sprintf("allergens[%d]", i)
		c.text(field, a, maxAllergen)
		if slices.Index(allergens, a) < i {
			c.bad(field, "%q is named twice", a)
		}
	}
}

// Share is a component of a recipe as somebody gives it: a product by its SKU, or any lot of a type.
type Share struct {
	Sku          *string
	LotType      *string // a code
	SharePercent quantity.Decimal
}

// recipe refuses components that are neither or both, a share that is none, and shares that don't make the whole.
func (c *checker) recipe(of string, recipe []Share) {
	if n := len(recipe); n > maxComponents {
		c.faults = append(c.faults, fault.Bounded("recipe", n, maxComponents, "at most %d components", maxComponents))
		return
	}
	sum, right := quantity.FromInt(0), true
	seen := map[string]int{}
	for i, s := range recipe {
		field := fmt.Sprintf("recipe[%d]", i)
		switch {
		case (s.Sku == nil) == (s.LotType == nil):
			c.bad(field, "give either sku or lotType")
		case s.Sku != nil && *s.Sku == of:
			c.bad(field+".sku", "a product is not made of itself")
		default:
			what := "lot type " + deref(s.LotType)
			if s.Sku != nil {
				what = "product " + *s.Sku
			}
			if first, again := seen[what]; again {
				c.bad(field, "is the same as recipe[%d]", first)
			}
			seen[what] = i
		}
		if s.SharePercent.Sign() <= 0 || s.SharePercent.Cmp(whole) > 0 || !s.SharePercent.Equal(s.SharePercent.Round(3)) {
			c.bad(field+".sharePercent", "give more than 0 and at most 100, with at most 3 decimals")
			right = false
			continue
		}
		sum, _ = sum.Add(s.SharePercent) // at most 100 numbers up to 100: fits
	}
	if right && len(recipe) > 0 && !sum.Equal(whole) {
		c.bad("recipe", "the shares make %s %%, not 100", sum)
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
