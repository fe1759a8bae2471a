package qc

import (
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/lot"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// facts are what the server knows for a check. Only what the gate asks for is looked up; what isn't found is unknown.
type facts struct {
	*check
	attributes *lot.Attributes
	product    *db.Product // that the lot is of, or will be; nil where nobody said
}

// derivedOf are the gate's conditions on what the server computes, one a parameter.
func derivedOf(gate definition.Gate) []definition.Condition {
	var out []definition.Condition
	seen := map[string]bool{}
	for _, l := range gate.Limits {
		for _, group := range l.AnyOf {
			for _, k := range group {
				if k.Derived && !seen[k.Parameter] {
					seen[k.Parameter] = true
					out = append(out, k)
				}
			}
		}
	}
	return out
}

func (f *facts) find(ctx context.Context) (evaluation.Facts, error) {
	out := evaluation.Facts{Attributes: map[string]string{}, Derived: map[string][]evaluation.Derived{}}
	if f.lot == nil {
		return out, nil
	}
	var err error
	if f.attributes, err = f.lot.Attributes(); err != nil {
		return out, err
	}
	for name, value := range map[string]*string{"species": f.attributes.Species, "category": f.attributes.Category, "state": f.attributes.State} {
		out.Attributes[name] = text(value)
	}
	if err := f.findProduct(ctx); err != nil {
		return out, err
	}
	for _, k := range derivedOf(f.gate.Gate) {
		values, err := f.derive(ctx, k.Parameter)
		if err != nil {
			return out, err
		}
		if len(values) > 0 {
			out.Derived[k.Parameter] = values
		}
	}
	return out, nil
}

// findProduct finds the product that the lot is of; of what is on its way to one, and bears its SKU, that one.
func (f *facts) findProduct(ctx context.Context) error {
	var found []db.Product
	var err error
	switch sku := text(f.attributes.Sku); {
	case f.lot.ProductID != nil:
		found, err = f.tx.ProductsByIDs(ctx, []uuid.UUID{*f.lot.ProductID})
	case sku != "":
		found, err = f.tx.ProductsBySkus(ctx, []string{sku})
	}
	if err == nil && len(found) == 1 {
		f.product = &found[0]
	}
	return err
}

func (f *facts) derive(ctx context.Context, parameter string) ([]evaluation.Derived, error) {
	one := func(v quantity.Decimal) []evaluation.Derived { return []evaluation.Derived{{Value: &v}} }
	switch parameter {
	case definition.ParameterAgeMinutes:
		return one(quantity.FromInt(int64(f.at.Sub(f.lot.OccurredAt) / time.Minute))), nil
	case definition.ParameterRemainingDays:
		if f.attributes.BestBefore == nil {
			return []evaluation.Derived{{Endless: true}}, nil
		}
		return one(quantity.FromInt(wholeDays(f.attributes.BestBefore.Sub(f.at)))), nil
	case definition.ParameterRodDeviation:
		if f.product == nil || f.product.UnitWeightKg == nil || f.lot.WeightKg == nil {
			return nil, nil
		}
		v, err := f.lot.WeightKg.Sub(*f.product.UnitWeightKg)
		return one(v), err
	case definition.ParameterYield:
		return f.yield(ctx)
	case definition.ParameterComponentDeviation:
		return f.deviations(ctx)
	}
	return nil, nil
}

// wholeDays rounds down: an hour over the date is a day too late.
func wholeDays(d time.Duration) int64 {
	const day = 24 * time.Hour
	days := int64(d / day)
	if d < 0 && d%day != 0 {
		days--
	}
	return days
}

var hundred = quantity.FromInt(100)

// yield is what came out over what went in, in per cent.
func (f *facts) yield(ctx context.Context) ([]evaluation.Derived, error) {
	_, in, err := f.madeOf(ctx)
	if err != nil || in == nil {
		return nil, err
	}
	made, err := f.tx.MadeWith(ctx, db.MadeWithParams{LotID: f.lot.ID, SiteID: f.site})
	if err != nil || made.Unweighed {
		return nil, err
	}
	v, err := made.Kg.MulQuo(hundred, *in, 2)
	return []evaluation.Derived{{Value: &v}}, err
}

// madeOf is what went into the lot, and how much altogether; nil where something has no weight, or nothing went in.
func (f *facts) madeOf(ctx context.Context) (rows []db.MadeOfRow, kg *quantity.Decimal, err error) {
	rows, err = f.tx.MadeOf(ctx, db.MadeOfParams{LotID: f.lot.ID, SiteID: f.site})
	if err != nil {
		return nil, nil, err
	}
	var sum quantity.Decimal
	for _, row := range rows {
		if row.Unweighed {
			return rows, nil, nil
		}
		if sum, err = sum.Add(row.Kg); err != nil {
			return nil, nil, err
		}
	}
	if sum.Sign() <= 0 {
		return rows, nil, nil
	}
	return rows, &sum, nil
}

// deviations are how far each component of the recipe is from its share of all that went in, in per cent of that share.
func (f *facts) deviations(ctx context.Context) ([]evaluation.Derived, error) {
	if f.product == nil || f.product.RecipeVersion == 0 {
		return nil, nil
	}
	rows, all, err := f.madeOf(ctx)
	if err != nil || all == nil {
		return nil, err
	}
	components, err := f.tx.ComponentsByProducts(ctx, []uuid.UUID{f.product.ID})
	if err != nil {
		return nil, err
	}
	var out []evaluation.Derived
	for _, c := range components {
		if c.Version != f.product.RecipeVersion {
			continue
		}
		d, err := recipeDeviation(c, rows, *all)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func recipeDeviation(c db.ProductComponent, rows []db.MadeOfRow, all quantity.Decimal) (evaluation.Derived, error) {
	var d evaluation.Derived
	var weighed quantity.Decimal
	for _, row := range rows {
		is := c.LotType != nil && *c.LotType == row.LotType
		if c.ComponentID != nil {
			is = row.ProductID != nil && *row.ProductID == *c.ComponentID
		}
		if !is {
			continue
		}
		var err error
		if weighed, err = weighed.Add(row.Kg); err != nil {
			return d, err
		}
	}
	d.Of = text(c.LotType)
	if c.ComponentID != nil {
		d.Of = c.ComponentID.String()
	}
	specified, err := all.MulQuo(c.SharePercent, hundred, 6)
	if err != nil || specified.Sign() <= 0 {
		return d, err // a share too small to weigh: unknown
	}
	percent, err := weighed.MulQuo(hundred, specified, 2)
	if err != nil {
		return d, err
	}
	v, err := percent.Sub(hundred)
	d.Value = &v
	return d, err
}

// expected are the codes that a scan at the gate may be.
func (f *facts) expected(ctx context.Context) (map[definition.Expect][]string, error) {
	out := map[definition.Expect][]string{}
	for _, item := range f.gate.Checklist {
		if item.Expect == "" || out[item.Expect] != nil {
			continue
		}
		codes, err := f.codes(ctx, item.Expect)
		if err != nil {
			return nil, err
		}
		out[item.Expect] = codes
	}
	return out, nil
}

// codes are none where nothing is known. Of a container it is the species, with which its label ends.
func (f *facts) codes(ctx context.Context, expect definition.Expect) ([]string, error) {
	switch expect {
	case definition.ExpectProductGTIN:
		return f.gtins(ctx)
	case definition.ExpectRecipe:
		if f.product != nil {
			return f.tx.RecipeCodes(ctx, f.product.ID)
		}
	case definition.ExpectSSCC:
		if f.lot == nil {
			break
		}
		if sscc := f.lot.SSCC(); sscc != nil {
			return []string{*sscc}, nil
		}
		return []string{f.lot.Code}, nil // of others, who gave it as its code
	case definition.ExpectContainerSpecies:
		if f.attributes != nil && text(f.attributes.Species) != "" {
			return []string{*f.attributes.Species}, nil
		}
	}
	return nil, nil
}

// gtins are that of the lot's product; at a check of the line, those of all that the run makes there.
func (f *facts) gtins(ctx context.Context) ([]string, error) {
	switch {
	case f.lot == nil:
		return f.tx.GTINsMade(ctx, db.GTINsMadeParams{RunID: f.run.ID, SiteID: f.site, LotTypeIds: typesOf(f.gate)})
	case f.product != nil && f.product.Gtin != nil:
		return []string{*f.product.Gtin}, nil
	}
	return nil, nil
}
