package job

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"flowviz/internal/audit"
)

// look is how often logs are looked at. A log is signed 60 s after its last checkpoint, or after 1,000 events, and at the
// most that a site can write, some 160 a second, this is 800 more.
const look = 5 * time.Second

type checkpointArgs struct{}

// Kind implements river.JobArgs.
func (checkpointArgs) Kind() string { return "audit_checkpoint" }

type checkpointWorker struct {
	river.WorkerDefaults[checkpointArgs]
	checkpointer *audit.Checkpointer
}

// Work implements river.Worker.
func (w *checkpointWorker) Work(ctx context.Context, _ *river.Job[checkpointArgs]) error {
	return w.checkpointer.Run(ctx)
}

// Checkpoints signs where audit logs stand.
func Checkpoints(c *audit.Checkpointer) Work {
	return every(look, checkpointArgs{}, &checkpointWorker{checkpointer: c})
}
