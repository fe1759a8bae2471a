package graph

import (
	"context"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// maxNodes bounds `nodes`.
const maxNodes = 100

// node finds anything by its id; nil where there is no such thing, nor where the id names another site than the thing's.
func node(ctx context.Context, id relay.ID) (model.Node, error) {
	n, err := load(ctx, id)
	if err != nil || n == nil || n.GlobalID() != id {
		return nil, err
	}
	return n, nil
}

func load(ctx context.Context, id relay.ID) (model.Node, error) {
	l := loader.From(ctx)
	switch id.Kind {
	case relay.Site:
		return found(l.Site.Load(ctx, id.Site))
	case relay.User:
		return found(knownUser(ctx, id.UUID))
	case relay.Partner:
		return found(l.Partner.Load(ctx, id.UUID))
	case relay.Location:
		return found(l.Location.Load(ctx, id.UUID))
	case relay.Equipment:
		return found(l.Equipment.Load(ctx, id.UUID))
	case relay.Product:
		return found(l.Product.Load(ctx, id.UUID))
	case relay.Scenario:
		return found(l.Scenario.Load(ctx, id.UUID))
	case relay.Phase:
		return found(l.Phase.Load(ctx, id.UUID))
	case relay.QcGate:
		return found(l.Gate.Load(ctx, id.UUID))
	case relay.Run:
		return found(l.Run.Load(ctx, id.UUID))
	case relay.Lot:
		return found(l.Lot.Load(ctx, id.UUID))
	case relay.Transformation:
		return found(l.Transformation.Load(ctx, id.UUID))
	case relay.QcDecision:
		return found(l.Decision.Load(ctx, id.UUID))
	case relay.Deviation:
		return found(l.Deviation.Load(ctx, id.UUID))
	case relay.Recall:
		return found(l.Recall.Load(ctx, id.UUID))
	case relay.Alert:
		return found(l.Alert.Load(ctx, id.UUID))
	case relay.APIToken:
		return found(l.APIToken.Load(ctx, id.UUID))
	case relay.AuditEvent:
		return found(l.AuditEvent.Load(ctx, id.UUID))
	case relay.Measurement:
		return nil, fault.BadInput("id", "measurements are listed by their lot or run: no query finds one")
	case relay.Event:
		return nil, fault.BadInput("id", "events are told by subscriptions: no query finds one")
	}
	return nil, fault.BadInput("id", "%s is no type of this API", id.Kind)
}

// knownUser finds the caller, and who has a site in common with the caller; nil for others.
func knownUser(ctx context.Context, id uuid.UUID) (*identity.User, error) {
	if actor := identity.ActorFrom(ctx); actor == nil || actor.UserID != id {
		shared, err := loader.From(ctx).Memberships.Load(ctx, id)
		if err != nil || len(shared) == 0 {
			return nil, err
		}
	}
	return loader.From(ctx).User.Load(ctx, id)
}

// found makes a missing node a plain nil: a nil pointer in an interface is not null.
func found[N interface {
	comparable
	model.Node
}](n N, err error) (model.Node, error) {
	var none N
	if err != nil || n == none {
		return nil, err
	}
	return n, nil
}

// nodes finds several things at once, each type with one statement.
func nodes(ctx context.Context, ids []*relay.ID) ([]model.Node, error) {
	if len(ids) > maxNodes {
		return nil, fault.Bounded("ids", len(ids), maxNodes, "at most %d at once, and there are %d", maxNodes, len(ids))
	}
	out := make([]model.Node, len(ids))
	var group errgroup.Group
	for i, id := range ids {
		group.Go(func() (err error) {
			out[i], err = node(ctx, *id)
			return err
		})
	}
	return out, group.Wait()
}
