package job

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
)

// mergeEach is how long searches read the codes of new lots one by one: at 10,000 lots a second they fill the room that there is for them.
const mergeEach = 10 * time.Second

type mergeArgs struct{}

// Kind implements river.JobArgs.
func (mergeArgs) Kind() string { return "merge_lot_codes" }

// MergeCodes sorts the codes of new lots into the index by which lots are searched, which no registration has to do then.
func MergeCodes(pool *pgxpool.Pool) Work {
	return every(mergeEach, mergeArgs{}, &worker[mergeArgs]{do: func(ctx context.Context) error {
		_, err := db.New(pool).MergeLotCodes(ctx)
		return err
	}})
}
