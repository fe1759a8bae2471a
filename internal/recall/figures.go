package recall

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
)

// figures are a report's, by site.
type figures struct {
	sites      map[int32]*siteFigures
	stock      map[stockKey]*amount
	consignees map[consigneeKey]*consigned
}

type amount struct {
	lots int64
	kg   quantity.Decimal
}

type siteFigures struct {
	amount // the kilograms that are on site

	takenKg, lostKg, shippedOffKg, shippedKg quantity.Decimal
}

type stockKey struct {
	site   int32
	place  uuid.UUID // nil where nobody said
	status lot.Status
}

type consigneeKey struct {
	site    int32
	partner uuid.UUID
}

type consigned struct {
	amount

	toSite   int32 // of the company; 0 for none
	received amount
}

// addUp sums what the statement found.
func addUp(rows []db.RecallFiguresRow) (*figures, error) {
	f := &figures{sites: map[int32]*siteFigures{}, stock: map[stockKey]*amount{}, consignees: map[consigneeKey]*consigned{}}
	var err error
	for i := range rows {
		row := &rows[i]
		switch row.What {
		case "STANDS":
			err = cmp.Or(err, f.stands(row))
		case "SENT":
			err = cmp.Or(err, f.sent(row))
		case "RECEIVED":
			c := entry(f.consignees, consigneeKey{*row.SiteID, *row.PlaceID})
			c.toSite = *row.ToSiteID
			err = cmp.Or(err, c.received.add(row.Lots, row.Kg))
		}
	}
	return f, err
}

func (f *figures) stands(row *db.RecallFiguresRow) error {
	site := entry(f.sites, *row.SiteID)
	site.lots += row.Lots
	err := cmp.Or(add(&site.takenKg, row.TakenKg), add(&site.lostKg, row.LostKg))
	if err != nil || *row.Status == db.LotStatusCONSUMED || *row.Status == db.LotStatusSHIPPED {
		return err
	}
	key := stockKey{*row.SiteID, uuid.Nil, lot.StatusOf(string(*row.Status), *row.Held)}
	if row.PlaceID != nil {
		key.place = *row.PlaceID
	}
	return cmp.Or(entry(f.stock, key).add(row.Lots, row.Kg), add(&site.kg, row.Kg))
}

func (f *figures) sent(row *db.RecallFiguresRow) error {
	site := entry(f.sites, *row.SiteID)
	if row.PlaceID == nil {
		return cmp.Or(add(&site.shippedOffKg, row.Kg), add(&site.shippedKg, row.Kg))
	}
	return cmp.Or(entry(f.consignees, consigneeKey{*row.SiteID, *row.PlaceID}).add(row.Lots, row.Kg), add(&site.shippedKg, row.Kg))
}

// entry is a map's, which is made where it isn't there.
func entry[K comparable, V any](m map[K]*V, key K) *V {
	if m[key] == nil {
		m[key] = new(V)
	}
	return m[key]
}

func (a *amount) add(lots int64, kg *quantity.Decimal) error {
	a.lots += lots
	return add(&a.kg, kg)
}

// add adds an amount to a sum; nil is none.
func add(sum, one *quantity.Decimal) (err error) {
	if one != nil {
		*sum, err = sum.Add(*one)
	}
	return err
}

// insert writes the figures of a report.
func (f *figures) insert(ctx context.Context, q *db.Queries, report uuid.UUID) error {
	sites := db.InsertReportSitesParams{ReportID: report}
	for id, s := range f.sites {
		sites.SiteIds, sites.Lots, sites.OnSiteKg = append(sites.SiteIds, id), append(sites.Lots, int32(s.lots)), append(sites.OnSiteKg, s.kg)
		sites.TakenKg, sites.LostKg, sites.ShippedOffKg = append(sites.TakenKg, s.takenKg), append(sites.LostKg, s.lostKg), append(sites.ShippedOffKg, s.shippedOffKg)
	}
	stock := db.InsertReportStockParams{ReportID: report}
	for key, a := range f.stock {
		stock.SiteIds, stock.LocationIds, stock.Statuses = append(stock.SiteIds, key.site), append(stock.LocationIds, key.place), append(stock.Statuses, string(key.status))
		stock.Lots, stock.Kg = append(stock.Lots, int32(a.lots)), append(stock.Kg, a.kg)
	}
	told := db.InsertReportConsigneesParams{ReportID: report}
	for key, c := range f.consignees {
		told.SiteIds, told.PartnerIds, told.Lots, told.Kg = append(told.SiteIds, key.site), append(told.PartnerIds, key.partner), append(told.Lots, int32(c.lots)), append(told.Kg, c.kg)
		told.ToSiteIds, told.ReceivedLots, told.ReceivedKg = append(told.ToSiteIds, c.toSite), append(told.ReceivedLots, int32(c.received.lots)), append(told.ReceivedKg, c.received.kg)
	}
	return cmp.Or(q.InsertReportSites(ctx, sites), q.InsertReportStock(ctx, stock), q.InsertReportConsignees(ctx, told))
}
