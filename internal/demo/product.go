package demo

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// productNames are what the plants sell, by SKU.
var productNames = map[string]definition.Text{
	"CHICKEN-15":         {En: "Chicken kebab rod, 15 kg", Hu: "Csirkehúsos kebabnyárs, 15 kg"},
	"CHICKEN-30":         {En: "Chicken kebab rod, 30 kg", Hu: "Csirkehúsos kebabnyárs, 30 kg"},
	"BEEF-15":            {En: "Beef kebab rod, 15 kg", Hu: "Marhahúsos kebabnyárs, 15 kg"},
	"BEEF-30":            {En: "Beef kebab rod, 30 kg", Hu: "Marhahúsos kebabnyárs, 30 kg"},
	"GOULASH-400":        {En: "Goulash with mash, 400 g", Hu: "Gulyás burgonyapürével, 400 g"},
	"PAPRIKA-400":        {En: "Chicken paprika with mash, 400 g", Hu: "Paprikás csirke burgonyapürével, 400 g"},
	"PORKSTEW-400":       {En: "Pork stew with mash, 400 g", Hu: "Sertéspörkölt burgonyapürével, 400 g"},
	"TURKEY-400":         {En: "Turkey in herb sauce with mash, 400 g", Hu: "Pulyka zöldfűszeres mártásban burgonyapürével, 400 g"},
	"YOG-STRAWBERRY-150": {En: "Strawberry yoghurt, 150 g", Hu: "Epres joghurt, 150 g"},
	"YOG-PEACH-150":      {En: "Peach yoghurt, 150 g", Hu: "Barackos joghurt, 150 g"},
	"YOG-CHERRY-150":     {En: "Sour cherry yoghurt, 150 g", Hu: "Meggyes joghurt, 150 g"},
	"YOG-OAT-150":        {En: "Apple and oat yoghurt, 150 g", Hu: "Almás-zabos joghurt, 150 g"},
}

// goodsOf are the finished lots of one product.
type goodsOf struct {
	line      *line
	kind      definition.LotType
	lots      []uuid.UUID
	allergens []string // all that one of them holds
}

// products writes what the plants sell, from the lots that they finished, and says of these which product they are of.
func (w *writer) products(ctx context.Context, q *db.Queries, g *ids) error {
	sold := map[string]*goodsOf{}
	for _, l := range w.h.lots {
		if l.kind.Role != definition.RoleFinished {
			continue
		}
		one := sold[l.SKU]
		if one == nil {
			one = &goodsOf{line: l.line, kind: l.kind}
			sold[l.SKU] = one
		}
		one.lots = append(one.lots, l.id)
		for _, a := range l.Allergens {
			if !slices.Contains(one.allergens, a) {
				one.allergens = append(one.allergens, a)
			}
		}
	}
	for _, sku := range slices.Sorted(maps.Keys(sold)) {
		if err := sold[sku].write(ctx, q, g, sku); err != nil {
			return err
		}
	}
	return nil
}

func (s *goodsOf) write(ctx context.Context, q *db.Queries, g *ids, sku string) error {
	name, err := json.Marshal(productNames[sku])
	if err != nil {
		return err
	}
	slices.Sort(s.allergens)
	at, of := s.line.at(0, 8, 0), s.line.products[sku]
	row := db.InsertProductParams{
		ID: g.at(at), Sku: sku, Gtin: &of.gtin, Name: name, LotType: s.kind.Code, Unit: string(s.kind.Unit), UnitWeightKg: new(quantity.Grams(of.nominal)),
		Allergens: append([]string{}, s.allergens...),
	}
	if days := s.kind.ShelfLifeDays; days > 0 {
		row.ShelfLifeDays = new(int32(days))
	}
	if s.line.def.Key == "doner-frozen" {
		row.RecipeVersion = 1
	}
	made, err := q.InsertProduct(ctx, row)
	if err != nil {
		return err
	}
	if row.RecipeVersion == 1 {
		if err := q.InsertRecipe(ctx, db.InsertRecipeParams{ProductID: made.ID, Version: 1, CreatedAt: at}); err != nil {
			return err
		}
		dry := donerShares[1] + donerShares[2]
		if err := q.InsertComponents(ctx, db.InsertComponentsParams{
			ProductID: made.ID, Version: 1, ComponentIds: make([]uuid.UUID, 2), LotTypes: []string{"RAW", "ING"},
			Shares: []quantity.Decimal{perCent(donerShares[0]), perCent(dry)},
		}); err != nil {
			return err
		}
	}
	return q.NameProducts(ctx, db.NameProductsParams{ProductID: made.ID, Ids: s.lots})
}

// perCent of thousandths.
func perCent(thousandths int64) quantity.Decimal {
	return quantity.MustParse(decimal(thousandths, 1))
}
