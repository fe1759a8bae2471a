package recall

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/trace/index"
)

// report finds where everything is, and stores it. It returns what the log says of it.
func (s *Service) report(ctx context.Context, tx *command.Tx, row db.Recall) (audit.Fields, error) {
	return WriteReport(ctx, tx.Queries, s.genealogy, db.InsertRecallReportParams{
		ID: tx.NewID(), RecallID: row.ID, SiteID: row.SiteID, ComputedAt: tx.At, ComputedBy: tx.Actor.UserID,
	})
}

// WriteReport finds where the suspects of a recall and all that was made of them are, at its site and at all that received from it, and stores it;
// genealogy is nil for none. It returns what the log says of it: what who sees the recall's site alone may know.
func WriteReport(ctx context.Context, q *db.Queries, genealogy *index.Keeper, report db.InsertRecallReportParams) (audit.Fields, error) {
	suspects, err := q.SuspectIDs(ctx, db.SuspectIDsParams{RecallID: report.RecallID, SiteID: report.SiteID})
	if err != nil {
		return nil, err
	}
	reach, rows, err := (&search{q, genealogy, report.SiteID, suspects}).run(ctx)
	if err != nil {
		return nil, err
	}
	found, err := addUp(rows)
	if err != nil {
		return nil, err
	}
	later := db.Later(q)
	if err := cmp.Or(later.InsertRecallReport(ctx, report), reach.insert(ctx, later, report.ID), found.insert(ctx, later, report.ID)); err != nil {
		return nil, err
	}
	here := entry(found.sites, report.SiteID)
	return audit.Fields{"lots": here.lots, "onSiteKg": here.kg.Round(3), "shippedKg": here.shippedKg.Round(3)}, nil
}

// Report is what a recall found, as far as its reader sees the sites.
type Report struct{ db.ReportsByRecallsRow }

// LotCount counts the suspects and all that was made of them.
func (r *Report) LotCount() int32 { return int32(r.Lots) }

// Duration is the time from the recall's opening to the report.
func (r *Report) Duration() time.Duration { return r.ComputedAt.Sub(r.OpenedAt) }

// DurationSeconds is the Duration in whole seconds.
func (r *Report) DurationSeconds() int32 { return int32(r.Duration() / time.Second) }

// WithinTarget reports whether the report came within Target.
func (r *Report) WithinTarget() bool { return r.Duration() <= Target }

// WithinLimit reports whether the report came within Limit.
func (r *Report) WithinLimit() bool { return r.Duration() <= Limit }

// LocatedPercent is how much of what there was of the lots is accounted for, in per cent: what is on site, was shipped to a partner who is known,
// sampled or wasted, of these and what is missing. What went into other lots of the report is counted with them. 100 where nothing has a mass.
func (r *Report) LocatedPercent() (quantity.Decimal, error) {
	all, err := sum(r.OnSiteKg, r.ShippedKg, r.TakenKg, r.LostKg)
	if err != nil || all.IsZero() {
		return quantity.MustParse("100.00"), err
	}
	missing, err := r.MissingKg()
	if err != nil {
		return all, err
	}
	located, err := all.Sub(missing)
	if err != nil {
		return all, err
	}
	return located.MulQuo(quantity.MustParse("100"), all, 2)
}

// MissingKg is what nobody can say where it went: what stocktakes missed, and what was shipped to nobody knows whom.
func (r *Report) MissingKg() (quantity.Decimal, error) { return r.LostKg.Add(r.ShippedOffKg) }

func sum(all ...quantity.Decimal) (total quantity.Decimal, err error) {
	total = quantity.MustParse("0.000")
	for _, one := range all {
		if total, err = total.Add(one); err != nil {
			return total, err
		}
	}
	return total, nil
}

// Stock is what lay at one place of a site in one status.
type Stock struct{ db.RecallReportStock }

// Status is that of the lots.
func (s *Stock) Status() lot.Status { return lot.Status(s.RecallReportStock.Status) }

// Consignee is who has received lots of a report that are still outside.
type Consignee struct{ db.ConsigneesByReportsRow }

// Key is a recall's place in lists.
func Key(r *Recall) uuid.UUID { return r.ID }
