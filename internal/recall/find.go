package recall

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
)

// Finder reads recalls.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// ByIDs finds recalls; those that don't exist are left out.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*Recall, error) {
	rows, err := f.q.RecallsByIDs(ctx, ids)
	return wrap(rows), err
}

// Page lists recalls, newest first.
func (f *Finder) Page(ctx context.Context, args relay.PageArgs) (*relay.Connection[*Recall], error) {
	page, err := args.Page(relay.Recall)
	if err != nil {
		return nil, err
	}
	rows, err := f.adhoc.RecallsPage(ctx, db.RecallsPageParams{After: page.AfterKey(), Size: page.Fetch()})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrap(rows), Key, f.q.CountRecalls), nil
}

// SuspectsPage reads one page of the suspects of each recall, oldest first.
func (f *Finder) SuspectsPage(ctx context.Context, ids []uuid.UUID, page relay.Page) (map[uuid.UUID][]*lot.Lot, error) {
	rows, err := f.adhoc.SuspectsPageByRecalls(ctx, db.SuspectsPageByRecallsParams{RecallIds: ids, After: page.AfterKey(), Size: page.Fetch()})
	found := map[uuid.UUID][]*lot.Lot{}
	for _, row := range rows {
		found[row.RecallID] = append(found[row.RecallID], &lot.Lot{Lot: row.Lot})
	}
	return found, err
}

// CountSuspects counts the suspects of each recall.
func (f *Finder) CountSuspects(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := f.q.CountSuspectsByRecalls(ctx, ids)
	counts := make(map[uuid.UUID]int64, len(rows))
	for _, row := range rows {
		counts[row.RecallID] = row.Count
	}
	return counts, err
}

// Reports finds the last report of each recall.
func (f *Finder) Reports(ctx context.Context, ids []uuid.UUID) ([]*Report, error) {
	rows, err := f.q.ReportsByRecalls(ctx, ids)
	out := make([]*Report, len(rows))
	for i, row := range rows {
		out[i] = &Report{row}
	}
	return out, err
}

// LotsPage reads one page of the lots of each report, oldest first. BAD_USER_INPUT where the cursor's lot is out of the reader's sight: its place
// among the others is its number, which nobody sees.
func (f *Finder) LotsPage(ctx context.Context, reportIDs []uuid.UUID, page relay.Page) (map[uuid.UUID][]*lot.Lot, error) {
	rows, err := f.adhoc.LotsPageByReports(ctx, db.LotsPageByReportsParams{ReportIds: reportIDs, After: page.AfterKey(), Size: page.Fetch()})
	if err == nil && len(rows) == 0 {
		err = f.sees(ctx, page.AfterKey())
	}
	found := map[uuid.UUID][]*lot.Lot{}
	for _, row := range rows {
		found[row.ReportID] = append(found[row.ReportID], &lot.Lot{Lot: row.Lot})
	}
	return found, err
}

func (f *Finder) sees(ctx context.Context, after *uuid.UUID) error {
	if after == nil {
		return nil
	}
	lots, err := f.q.LotsByIDs(ctx, []uuid.UUID{*after})
	if err == nil && len(lots) == 0 {
		err = fault.BadInput("after", "the lot that this cursor names is at none of your sites: start again from the first page")
	}
	return err
}

// Stock lists what was on site at each report, by site and place.
func (f *Finder) Stock(ctx context.Context, reportIDs []uuid.UUID) ([]*Stock, error) {
	rows, err := f.q.StockByReports(ctx, reportIDs)
	out := make([]*Stock, len(rows))
	for i, row := range rows {
		out[i] = &Stock{row}
	}
	return out, err
}

// Consignees lists who had received what of each report, by name.
func (f *Finder) Consignees(ctx context.Context, reportIDs []uuid.UUID) ([]*Consignee, error) {
	rows, err := f.q.ConsigneesByReports(ctx, reportIDs)
	out := make([]*Consignee, len(rows))
	for i, row := range rows {
		out[i] = &Consignee{row}
	}
	return out, err
}

func wrap(rows []db.Recall) []*Recall {
	out := make([]*Recall, len(rows))
	for i, row := range rows {
		out[i] = &Recall{row}
	}
	return out
}
