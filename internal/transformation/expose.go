package transformation

import (
	"context"

	"github.com/google/uuid"

	"flowviz/db"
)

// expose stops what was taken of stopped lots: samples and waste may always be taken, and are made of what is held, rejected or exposed
// all the same. Nobody stops or lets go anything meanwhile, since the site is shared.
func (b *booking) expose(ctx context.Context) error {
	var made []uuid.UUID
	for _, e := range b.entries {
		for _, d := range e.draws {
			if d.use.Held || d.use.Exposed || d.use.Lot.Lot.Status == db.LotStatusREJECTED {
				made = append(made, e.made...)
				break
			}
		}
	}
	if len(made) == 0 {
		return nil
	}
	return b.tx.Later.ExposeChildren(ctx, db.ExposeChildrenParams{LotIds: made, ExposedAt: b.tx.At})
}
