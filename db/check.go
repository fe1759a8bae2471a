package db

import (
	"context"
	"fmt"

	"flowviz/internal/fault"
)

// Check is nil where the database answers and its schema is the one that this binary knows. It is FAILED_PRECONDITION,
// saying what to run, where the schema is older or newer.
func (m *Migrator) Check(ctx context.Context) error {
	current, target, err := m.versions(ctx)
	if err != nil {
		return err
	}
	if current < target {
		return fault.New(fault.FailedPrecondition, "", "the database's schema is version %d, older than this flowviz needs, which is %d: run `flowviz migrate up`", current, target)
	}
	return nil
}

// versions are those of the database's schema, 0 where there is none, and of this binary. A schema newer than the binary
// is refused: an old binary would write what the new schema's rules don't expect.
func (m *Migrator) versions(ctx context.Context) (current, target int64, err error) {
	current, target, err = m.provider.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read the schema's version: %w", err)
	}
	if current > target {
		return 0, 0, fault.New(fault.FailedPrecondition, "", "the database's schema is version %d, newer than this flowviz, which knows %d: run the newer flowviz", current, target)
	}
	return current, target, nil
}
