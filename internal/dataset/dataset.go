// Package dataset fills an empty database with lots to measure on: as many as asked for, the same ones for the same seed.
//
// Of a site's lots 30 % are raw material. Each other lot is made of up to three, 2.7 on average, among the 400 before it
// at its site, the near ones likelier. Every 50th site has a chain besides, one raw lot and 5,000 more that are each made
// of the one before alone: 5,001 lots over and above the number asked for. What is written is a whole history, so that the
// invariants of a plant's own hold: a lot comes from one transformation, the genealogy is those transformations' inputs
// × outputs, and what is consumed and what remains of a lot is its weight, to the gram.
package dataset

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/fault"
)

// Options say how much is generated.
type Options struct {
	// Lots is how many, chains not counted: 1 and more.
	Lots int
	// Seed decides every id, code, weight and parent.
	Seed uint64
	// SiteSize is how many lots a site has, the last one perhaps fewer: 1 to 100,000, since a site is held in memory while
	// it is written (about 2 KB a lot).
	SiteSize int
	// Now times the steps of the report; nil leaves their times 0.
	Now func() time.Time
}

const maxSiteSize = 100_000

func (o Options) check() error {
	switch {
	case o.Lots < 1:
		return fault.BadInput("lots", "%d lots: give 1 or more", o.Lots)
	case o.SiteSize < 1 || o.SiteSize > maxSiteSize:
		return fault.BadInput("site-size", "%d lots a site: give 1 to %d", o.SiteSize, maxSiteSize)
	case o.sites() > maxSites:
		return fault.BadInput("site-size", "%d sites, but there are only %d codes of four letters: give more lots to a site", o.sites(), maxSites)
	}
	return nil
}

func (o Options) sites() int { return (o.Lots + o.SiteSize - 1) / o.SiteSize }

// Report says what Generate wrote.
type Report struct {
	Sites           int
	Lots            int // chains included
	Links           int // parent → child pairs
	Transformations int
	// Steps took the time, in their order.
	Steps []Step
	// Samples are lots whose ancestors or descendants are worth asking for.
	Samples []Sample
}

// Step is a part of the work.
type Step struct {
	Name string
	Took time.Duration
}

// Took is the time of all steps.
func (r Report) Took() time.Duration {
	var sum time.Duration
	for _, s := range r.Steps {
		sum += s.Took
	}
	return sum
}

// Generate writes the data set in one transaction: it is there whole or not at all. Indexes and foreign keys of the
// tables are dropped first and made again after, since keeping them up row by row takes longer than all else together.
//
// Faults: BAD_USER_INPUT for options out of their bounds, FAILED_PRECONDITION where the database holds lots already.
func Generate(ctx context.Context, pool *pgxpool.Pool, opt Options) (Report, error) {
	if err := opt.check(); err != nil {
		return Report{}, err
	}
	w := stopwatch{now: opt.Now}
	w.start()
	var report Report
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var err error
		report, err = write(ctx, tx, opt, &w)
		return err
	})
	if err != nil {
		return Report{}, db.Fault(err)
	}
	w.lap("commit")
	// Nothing is left to vacuum, but autovacuum would look for it while somebody measures.
	if _, err := pool.Exec(ctx, "VACUUM (ANALYZE) "+tableList()); err != nil {
		return Report{}, err
	}
	w.lap("vacuum and analyze")
	report.Steps = w.steps
	return report, nil
}

func write(ctx context.Context, tx pgx.Tx, opt Options, w *stopwatch) (Report, error) {
	if err := lockEmpty(ctx, tx); err != nil {
		return Report{}, err
	}
	s, err := readSchema(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	if err := s.drop(ctx, tx); err != nil {
		return Report{}, err
	}
	w.lap("drop indexes and foreign keys")
	report, err := load(ctx, tx, opt)
	if err != nil {
		return Report{}, err
	}
	w.lap("copy")
	if err := s.createIndexes(ctx, tx); err != nil {
		return Report{}, err
	}
	w.lap("create indexes")
	if err := s.createForeignKeys(ctx, tx); err != nil {
		return Report{}, err
	}
	w.lap("create foreign keys")
	return report, nil
}

// stopwatch times steps that follow one another.
type stopwatch struct {
	now   func() time.Time
	last  time.Time
	steps []Step
}

func (w *stopwatch) start() {
	if w.now != nil {
		w.last = w.now()
	}
}

func (w *stopwatch) lap(name string) {
	step := Step{Name: name}
	if w.now != nil {
		now := w.now()
		step.Took = now.Sub(w.last)
		w.last = now
	}
	w.steps = append(w.steps, step)
}
