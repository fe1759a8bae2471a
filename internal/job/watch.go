package job

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"flowviz/internal/watch"
)

const (
	// watchEach is how late an alert about what is overdue may be.
	watchEach = time.Minute
	// forgetEach is how much longer than they must things are kept.
	forgetEach = time.Hour
)

type watchArgs struct{}

// Kind implements river.JobArgs.
func (watchArgs) Kind() string { return "watch" }

type forgetArgs struct{}

// Kind implements river.JobArgs.
func (forgetArgs) Kind() string { return "forget" }

// worker does one thing, whatever its job says.
type worker[A river.JobArgs] struct {
	river.WorkerDefaults[A]
	do func(ctx context.Context) error
}

// Work implements river.Worker.
func (w *worker[A]) Work(ctx context.Context, _ *river.Job[A]) error { return w.do(ctx) }

// Watch raises alerts of what is overdue.
func Watch(w *watch.Watcher) Work {
	return every(watchEach, watchArgs{}, &worker[watchArgs]{do: w.Look})
}

// Forget deletes what is kept for some time only.
func Forget(w *watch.Watcher) Work {
	return every(forgetEach, forgetArgs{}, &worker[forgetArgs]{do: w.Forget})
}
