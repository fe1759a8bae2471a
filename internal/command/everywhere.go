package command

import (
	"context"

	"flowviz/db"
	"flowviz/internal/identity"
)

// DoEverywhere is Do for what concerns all sites, such as a scenario: fn is told their ids, in ascending order, writes to the log of each
// and tells each. It sees the rows of sites that the actor is no member of, and leaves them alone.
func DoEverywhere[R any](ctx context.Context, x *Executor, call Call, fn func(tx *Tx, sites []int32) (R, error)) (R, error) {
	var sites []int32
	err := db.InTx(ctx, x.pool, db.Scope{}, func(q *db.Queries) (err error) {
		sites, err = q.AllSiteIDs(ctx)
		return err
	})
	if err != nil {
		var none R
		return none, err
	}
	scope := identity.ActorFrom(ctx).Scope()
	scope.Sites = sites
	return DoWithin(ctx, x, call, scope, func(tx *Tx) (R, error) { return fn(tx, sites) })
}
