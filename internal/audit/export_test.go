package audit

import (
	"context"

	"flowviz/db"
)

// VerifyIn verifies a site's log as one transaction sees it.
func VerifyIn(ctx context.Context, tx db.DBTX, site int32, checkpoints []*Checkpoint, keys *Keys) (*Report, error) {
	head, err := headOf(ctx, tx, site)
	if err != nil {
		return nil, err
	}
	return verify(ctx, tx, head, checkpoints, keys)
}
