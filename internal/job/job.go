// Package job is work that no request waits for: what is done again and again, such as checkpoints of audit logs. River keeps
// it in the database, so that of several processes one at a time does each job, and what fails is tried again.
//
// A job runs for nobody in particular: it goes from site to site, with a db.Scope of each.
package job

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

// Runner does the work. It is made by New, started once and stopped once.
type Runner struct {
	client *river.Client[pgx.Tx]
	log    *slog.Logger
}

const (
	// workers bounds the jobs at once in one process: requests need the connections more.
	workers = 2
	// keep is how long done jobs stay to be looked at: some 1,200 rows.
	keep = time.Hour
	// poll is how late a job may begin. River would be told at once by LISTEN, which needs a connection of its own and isn't to
	// be had through PgBouncer in transaction mode; the notifications would also slow down whoever inserts.
	poll = time.Second
	// stopTime is how long jobs under way may take to finish when the process stops.
	stopTime = 5 * time.Second
)

// New prepares work on a database. Each Work says what it does and how often.
func New(pool *pgxpool.Pool, log *slog.Logger, works ...Work) (*Runner, error) {
	all := river.NewWorkers()
	var periodic []*river.PeriodicJob
	for _, work := range works {
		job, err := work.add(all)
		if err != nil {
			return nil, fmt.Errorf("prepare periodic work: %w", err)
		}
		periodic = append(periodic, job)
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:                     all,
		PeriodicJobs:                periodic,
		PollOnly:                    true,
		FetchPollInterval:           poll,
		CompletedJobRetentionPeriod: keep,
		SoftStopTimeout:             stopTime,
		// To rebuild an index is its owner's, and the process is not the owner.
		ReindexerSchedule: river.NeverSchedule(),
		ErrorHandler:      failures{log},
		Logger:            slog.New(warnings{log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare periodic work: %w", err)
	}
	return &Runner{client: client, log: log}, nil
}

// Start begins to work, until Stop.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start periodic work: %w", err)
	}
	return nil
}

// Stop ends the work: jobs under way may finish for a while, and are then cancelled.
func (r *Runner) Stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*stopTime)
	defer cancel()
	if err := r.client.Stop(ctx); err != nil {
		r.log.WarnContext(ctx, "periodic work is cut off", "error", err)
	}
}

// Work is something that is done periodically.
type Work struct {
	add func(*river.Workers) (*river.PeriodicJob, error)
}

// unfinished are the states of a job that stands in the way of the next one of its kind: of what is slow, one is enough.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// every makes a Work of a worker: one job at a time each interval, in all processes together, beginning now. What failed
// isn't tried again but done at its next time.
func every[A river.JobArgs](interval time.Duration, args A, worker river.Worker[A]) Work {
	options := &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished}}
	return Work{func(all *river.Workers) (*river.PeriodicJob, error) {
		if err := river.AddWorkerSafely(all, worker); err != nil {
			return nil, err
		}
		job := func() (river.JobArgs, *river.InsertOpts) { return args, options }
		return river.NewPeriodicJob(river.PeriodicInterval(interval), job, &river.PeriodicJobOpts{RunOnStart: true}), nil
	}}
}

// failures tells what went wrong, which River has for good to know.
type failures struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "a job failed", "job", job.Kind, "error", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, cause any, stack string) *river.ErrorHandlerResult {
	f.log.ErrorContext(ctx, "a job panicked", "job", job.Kind, "cause", cause, "stack", stack)
	return nil
}

// warnings leaves out what River says every five seconds of a quiet life.
type warnings struct{ slog.Handler }

// Enabled implements slog.Handler.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
