package site

import (
	"context"
	"fmt"
	"time"

	"flowviz/db"
	"flowviz/internal/command"
)

// NextCode numbers what a site has few of a day, such as deviations: PREFIX-YYYYMMDD-SITE-####, the day being the site's production day.
// counter is the name of its counter, longer than any lot type's code; its row stays locked until the transaction ends.
func NextCode(ctx context.Context, tx *command.Tx, siteID int32, counter, prefix string) (string, error) {
	sites, err := tx.SitesByIDs(ctx, []int32{siteID})
	if err != nil {
		return "", err
	}
	if len(sites) == 0 {
		return "", fmt.Errorf("give a code: there is no site %d", siteID)
	}
	day, err := (&Site{Site: sites[0]}).ProductionDay(tx.At)
	if err != nil {
		return "", err
	}
	number, err := tx.NextCodeNumber(ctx, db.NextCodeNumberParams{SiteID: siteID, Kind: counter, Day: day.Format(time.DateOnly), Count: 1})
	return fmt.Sprintf("%s-%s-%s-%04d", prefix, day.Format("20060102"), sites[0].Code, number.Last), err
}
