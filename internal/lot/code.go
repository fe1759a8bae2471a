package lot

import (
	"context"
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
)

// Coder gives the codes of a site's production day.
type Coder struct {
	SiteID   int32
	SiteCode string
	Day      time.Time // the production day
}

// Next takes the next codes for count lots of a type: TYPE-YYYYMMDD-SITE-####. Where several types are numbered in one command, take
// them in the order of their codes: their counters stay locked until the transaction ends. FAILED_PRECONDITION on siteCode where the site has ended,
// which it can't meanwhile: the site is shared.
func (c Coder) Next(ctx context.Context, tx *command.Tx, lotType string, count int) ([]string, error) {
	taken, err := tx.NextCodeNumber(ctx, db.NextCodeNumberParams{SiteID: c.SiteID, Kind: lotType, Day: c.Day.Format(time.DateOnly), Count: int32(count)})
	if err != nil {
		return nil, err
	}
	if taken.Ended {
		return nil, fault.New(fault.FailedPrecondition, "siteCode", "%s has ended: nothing is started or made there any more", c.SiteCode)
	}
	codes := make([]string, count)
	for i := range codes {
		codes[i] = fmt.Sprintf("%s-%s-%s-%04d", lotType, c.Day.Format("20060102"), c.SiteCode, int(taken.Last)-count+1+i)
	}
	return codes, nil
}
