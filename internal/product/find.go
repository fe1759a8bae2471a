package product

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/gs1"
	"flowviz/internal/relay"
)

// Finder reads products.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// Filter says which products; nil fields ask for nothing.
type Filter struct {
	Search  *string
	LotType []string // codes
	Ended   *bool
}

// ByIDs finds products; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Product, error) {
	rows, err := f.q.ProductsByIDs(ctx, ids)
	return wrap(rows), err
}

// ByNumber finds a product by its SKU, or by its GTIN in any spelling; nil where there is none. BAD_USER_INPUT where not
// exactly one is given, and on a GTIN that is none.
func (f *Finder) ByNumber(ctx context.Context, gtin, sku *string) (*Product, error) {
	var row db.Product
	var err error
	switch {
	case (gtin == nil) == (sku == nil):
		return nil, fault.BadInput("sku", "give either sku or gtin")
	case sku != nil:
		row, err = f.q.ProductBySku(ctx, *sku)
	default:
		normal, bad := gs1.ReadGTIN(*gtin)
		if bad != nil {
			return nil, fault.BadInput("gtin", "%v", bad)
		}
		row, err = f.q.ProductByGtin(ctx, normal)
	}
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // absent is an answer here: null
	}
	return &Product{row}, err
}

// Page lists products in the order of their creation.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*Product], error) {
	page, err := args.Page(relay.Product)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	p := db.ProductsPageParams{Search: filter.Search, LotTypes: db.Texts(filter.LotType), Ended: filter.Ended, After: page.AfterKey(), Size: page.Fetch()}
	if filter.Search != nil {
		p.NamePattern = new("%" + db.EscapeLike(*filter.Search) + "%")
		if gtin, err := gs1.ReadGTIN(*filter.Search); err == nil {
			p.Gtin = &gtin
		}
	}
	rows, err := f.adhoc.ProductsPage(ctx, p)
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), func(p *Product) uuid.UUID { return p.ID }, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountProducts(ctx, db.CountProductsParams{Search: p.Search, NamePattern: p.NamePattern, Gtin: p.Gtin, LotTypes: p.LotTypes, Ended: p.Ended})
	}), nil
}

// Recipes reads all versions of products' recipes, the first version first.
func (f *Finder) Recipes(ctx context.Context, productIDs []uuid.UUID) ([]*Recipe, error) {
	rows, err := f.q.RecipesByProducts(ctx, productIDs)
	if err != nil {
		return nil, err
	}
	components, err := f.q.ComponentsByProducts(ctx, productIDs)
	if err != nil {
		return nil, err
	}
	recipes := make([]*Recipe, len(rows))
	for i, row := range rows {
		recipes[i] = &Recipe{ProductRecipe: row, components: []*Component{}}
		// Both lists have one order.
		for len(components) > 0 && components[0].ProductID == row.ProductID && components[0].Version == row.Version {
			recipes[i].components = append(recipes[i].components, &Component{components[0]})
			components = components[1:]
		}
	}
	return recipes, nil
}
