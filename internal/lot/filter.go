package lot

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/gs1"
	"flowviz/internal/relay"
)

// Filter says which lots; nil fields ask for nothing, and all that are given must hold.
type Filter struct {
	CodePrefix *string
	Search     *string
	Status     []Status
	LotType    []string
	Site       *string
	Run        *string // a code
	Phase      *int32  // a number
	Location   *string // a code
	Product    *string // its SKU, or GTIN in any spelling
	Held       *bool
	Exposed    *bool
	Occurred   *relay.TimeRange
}

// minSearch is what the trigram index needs to answer a search without reading every lot.
const minSearch = 3

// params are the conditions as the queries take them; page and order are added by their callers.
func (f *Filter) params() (db.LotsPageParams, error) {
	if f == nil {
		return db.LotsPageParams{}, nil
	}
	p := db.LotsPageParams{
		Site: f.Site, Run: f.Run, LotTypes: db.Texts(f.LotType), PhaseNumber: f.Phase, Statuses: db.Texts(f.Status), Held: f.Held, Exposed: f.Exposed,
		CodePrefix: f.CodePrefix, Location: f.Location, Product: f.Product,
	}
	if f.Product != nil {
		if gtin, err := gs1.ReadGTIN(*f.Product); err == nil {
			p.Gtin = &gtin
		}
	}
	p.OccurredFrom, p.OccurredBefore = f.Occurred.Bounds()
	if f.Search != nil {
		search := strings.TrimSpace(*f.Search)
		if utf8.RuneCountInString(search) < minSearch {
			return p, fault.BadInput("filter.search", "give at least %d characters", minSearch)
		}
		pattern := "%" + db.EscapeLike(search) + "%"
		p.Search, p.SearchPattern = &search, &pattern
		if key, ok := KeyOf(search); ok {
			p.GS1Key = &key
		}
	}
	return p, nil
}

func countParams(p db.LotsPageParams) db.CountLotsParams {
	return db.CountLotsParams{
		Site: p.Site, Run: p.Run, LotTypes: p.LotTypes, PhaseNumber: p.PhaseNumber, Statuses: p.Statuses, Held: p.Held,
		Exposed: p.Exposed, CodePrefix: p.CodePrefix, SearchPattern: p.SearchPattern, Search: p.Search, GS1Key: p.GS1Key,
		OccurredFrom: p.OccurredFrom, OccurredBefore: p.OccurredBefore, Location: p.Location, Product: p.Product, Gtin: p.Gtin,
	}
}

func matchParams(ids []uuid.UUID, p db.LotsPageParams) db.MatchingLotsParams {
	return db.MatchingLotsParams{
		Ids: ids, Site: p.Site, Run: p.Run, LotTypes: p.LotTypes, PhaseNumber: p.PhaseNumber, Statuses: p.Statuses, Held: p.Held,
		Exposed: p.Exposed, CodePrefix: p.CodePrefix, SearchPattern: p.SearchPattern, Search: p.Search, GS1Key: p.GS1Key,
		OccurredFrom: p.OccurredFrom, OccurredBefore: p.OccurredBefore, Location: p.Location, Product: p.Product, Gtin: p.Gtin,
	}
}
