// Package watch looks for what nobody did: a check that was due, a lot that a run should have registered, a deviation that should be closed by now. Of what it finds it raises
// an alert, once; it also forgets what is kept for some time only.
//
// It works for nobody in particular, from site to site, and by commands as people do: what it raises stands in the site's log
// and is told to those who listen. Several processes may look at the same time; one alert is raised.
package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/idempotency"
	"flowviz/internal/identity"
	"flowviz/internal/scenario"
)

// Watcher looks at all sites.
type Watcher struct {
	pool     *pgxpool.Pool
	commands *command.Executor
	library  *scenario.Library
	now      func() time.Time
}

// New looks by commands, whose clock says what is overdue; now says what is old enough to be forgotten.
func New(pool *pgxpool.Pool, commands *command.Executor, library *scenario.Library, now func() time.Time) *Watcher {
	return &Watcher{pool: pool, commands: commands, library: library, now: now}
}

// Look raises an alert of each thing that is overdue. What fails at one site doesn't keep the others from theirs.
func (w *Watcher) Look(ctx context.Context) error {
	return w.everySite(ctx, func(ctx context.Context, site int32) error {
		ctx = identity.WithActor(ctx, identity.Program([]int32{site}))
		ctx = identity.WithOrigin(ctx, identity.Origin{Program: "flowviz serve"})
		_, err := command.Do(ctx, w.commands, command.Call{Mutation: "watch"}, func(tx *command.Tx) (int, error) {
			found, err := w.find(ctx, tx, site)
			if err != nil {
				return 0, err
			}
			raised, err := alert.Raise(ctx, tx, found...)
			for _, a := range raised {
				tx.Audit(audit.Entry{
					Site: site, Action: audit.RaiseAlert, Subject: a.GlobalID(), Label: a.Message,
					After: audit.Fields{"kind": a.Kind, "severity": a.Severity},
				})
			}
			return len(raised), err
		})
		return err
	})
}

// find is all that is overdue at a site.
func (w *Watcher) find(ctx context.Context, tx *command.Tx, site int32) ([]alert.New, error) {
	runs, err := tx.RunsToWatch(ctx, db.RunsToWatchParams{SiteID: site, EndedAfter: new(tx.At.Add(-recently))})
	if err != nil {
		return nil, err
	}
	missed, err := w.missedChecks(ctx, tx, site, runs)
	if err != nil {
		return nil, err
	}
	failing, err := failRate(ctx, tx, site)
	if err != nil {
		return nil, err
	}
	deviations, err := overdueDeviations(ctx, tx, site)
	if err != nil {
		return nil, err
	}
	return slices.Concat(missed, idle(tx.At, runs), failing, deviations), nil
}

// Forget deletes the keys that nobody may use again, and events that nobody may ask for again.
func (w *Watcher) Forget(ctx context.Context) error {
	now := w.now()
	keys := db.InTx(ctx, w.pool, db.Scope{}, func(q *db.Queries) error {
		_, err := q.ForgetIdempotencyKeys(ctx, now.Add(-idempotency.Lifetime))
		return err
	})
	events := w.everySite(ctx, func(ctx context.Context, site int32) error {
		for more := true; more; { // in parts, so that no lock is held for long
			if err := db.InTx(ctx, w.pool, db.Scope{Sites: []int32{site}}, func(q *db.Queries) error {
				n, err := q.ForgetEvents(ctx, db.ForgetEventsParams{SiteID: site, Before: now.Add(-event.Lifetime)})
				more = n > 0
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(keys, events)
}

func (w *Watcher) everySite(ctx context.Context, work func(ctx context.Context, site int32) error) error {
	sites, err := db.New(w.pool).AllSiteIDs(ctx)
	if err != nil {
		return fmt.Errorf("find the sites: %w", err)
	}
	var failed error
	for _, site := range sites {
		if err := work(ctx, site); err != nil {
			failed = errors.Join(failed, fmt.Errorf("watch site %d: %w", site, err))
		}
	}
	return failed
}
