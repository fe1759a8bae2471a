package graph

import (
	"context"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/trace"
	"flowviz/internal/transformation"
)

// kinArgs are what is asked of a lot's ancestors or descendants.
type kinArgs struct {
	direction       trace.Direction
	maxDepth, first *int32
	filter          *lot.Filter
	after           *relay.Cursor
}

// question is what a field with these arguments asks, and how many lots it lists. The rows of the first page come with the walk where they
// are written straight; all tells whether nothing else of it reads.
func (a kinArgs) question(oc *graphql.OperationContext, field graphql.CollectedField) (q trace.Question, size int32, all bool, err error) {
	q = trace.Question{Direction: a.direction, Most: trace.WithoutRows, Standing: asksStanding(field)}
	if size, err = relay.Size("first", a.first, relay.DefaultPage, relay.MaxKin); err != nil {
		return q, 0, false, err
	}
	if q.MaxDepth, err = trace.Depth(a.maxDepth); err != nil {
		return q, 0, false, err
	}
	flat, all := flatLists(oc, field)
	if flat && a.filter == nil && a.after == nil {
		q.Most = size
	}
	return q, size, all && q.Most == size, nil
}

// kin is one page of a lot's ancestors or descendants.
func (r *Resolver) kin(ctx context.Context, of *lot.Lot, a kinArgs) (*model.LotKinConnection, error) {
	oc, fc := graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx)
	q, size, _, err := a.question(oc, fc.Field)
	if err != nil {
		return nil, err
	}
	kin, rows, err := r.walk(ctx, of.ID, q)
	if err != nil {
		return nil, err
	}
	if a.filter != nil {
		if kin, err = r.matching(ctx, kin, a.filter); err != nil {
			return nil, err
		}
	}
	page, err := kinPage(kin, size, a.after)
	if err != nil {
		return nil, err
	}
	page.Rows = rows
	return page, nil
}

// walk finds a lot's kin. A lot that is not one of a list has nobody to wait for, and is asked for at once; the rows of the
// nearest of its kin then come along.
func (r *Resolver) walk(ctx context.Context, id uuid.UUID, q trace.Question) ([]trace.Kin, []lot.Row, error) {
	if !inList(ctx) {
		finders := loader.FindersFrom(ctx)
		if kin, rows, ok := finders.Guess.Kin(id, q); ok {
			return kin, rows, nil
		}
		return finders.Trace.KinRows(ctx, id, q)
	}
	args := loader.KinArgs{Direction: q.Direction, MaxDepth: q.MaxDepth}
	kin, err := loader.From(ctx).Kin.Load(ctx, loader.Key[uuid.UUID, loader.KinArgs]{Parent: id, Args: args})
	return kin, nil, err
}

// matching keeps the kin that the filter asks for.
func (r *Resolver) matching(ctx context.Context, kin []trace.Kin, filter *lot.Filter) ([]trace.Kin, error) {
	matches, err := r.matches(ctx, kin, filter)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(kin), func(k trace.Kin) bool { return !matches[k.ID] }), nil
}

func (r *Resolver) matches(ctx context.Context, kin []trace.Kin, filter *lot.Filter) (map[uuid.UUID]bool, error) {
	ids := make([]uuid.UUID, len(kin))
	for i, k := range kin {
		ids[i] = k.ID
	}
	if !inList(ctx) {
		return loader.FindersFrom(ctx).Lot.Matching(ctx, ids, filter)
	}
	load := loader.From(ctx)
	filter, err := loader.FilterOf(load, filter)
	if err != nil {
		return nil, err
	}
	keys := make([]loader.Key[uuid.UUID, *lot.Filter], len(ids))
	for i, id := range ids {
		keys[i] = loader.Key[uuid.UUID, *lot.Filter]{Parent: id, Args: filter}
	}
	found, err := load.Matches.LoadAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	matches := make(map[uuid.UUID]bool, len(ids))
	for i, id := range ids {
		matches[id] = found[i]
	}
	return matches, nil
}

func kinPage(kin []trace.Kin, size int32, after *relay.Cursor) (*model.LotKinConnection, error) {
	c := &model.LotKinConnection{TotalCount: int32(len(kin))}
	if len(kin) > 0 {
		c.MaxDepth = kin[len(kin)-1].Depth
	}
	if after != nil {
		depth, id, err := after.Kin()
		if err != nil {
			return nil, fault.BadInput("after", "%s", fault.Of(err).Message)
		}
		c.PageInfo.HasPreviousPage = true
		kin = kin[trace.Position(kin, depth, id):]
	}
	if len(kin) > int(size) {
		kin = kin[:size]
		c.PageInfo.HasNextPage = true
	}
	c.Edges = make([]model.LotKinEdge, len(kin))
	for i, k := range kin {
		c.Edges[i] = model.LotKinEdge{Kin: k}
	}
	if len(kin) > 0 {
		start, end := c.Edges[0].Cursor(), c.Edges[len(kin)-1].Cursor()
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &start, &end
	}
	return c, nil
}

// kinLots loads the lots of a page.
func kinLots(ctx context.Context, c *model.LotKinConnection) ([]*lot.Lot, error) {
	ids := make([]uuid.UUID, len(c.Edges))
	for i, e := range c.Edges {
		ids[i] = e.Kin.ID
	}
	return loader.From(ctx).Lot.LoadAll(ctx, ids)
}

// links is one step from a lot. More links than asked for is an error: a list cut in silence would lose a parent.
func links(ctx context.Context, of *lot.Lot, dir trace.Direction, first int32) ([]*model.LotLink, error) {
	size, err := relay.Size("first", &first, 0, relay.MaxWhole)
	if err != nil {
		return nil, err
	}
	args := loader.LinkArgs{Direction: dir, Size: size + 1}
	found, err := loader.From(ctx).Links.Load(ctx, loader.Key[uuid.UUID, loader.LinkArgs]{Parent: of.ID, Args: args})
	if err != nil {
		return nil, err
	}
	if len(found) > int(size) {
		pages := "ancestors(maxDepth: 1)"
		if dir == trace.Descendants {
			pages = "descendants(maxDepth: 1)"
		}
		return nil, fault.Over("first", int(size), len(found), "first", "%s has more than %d: page them by %s", of.Code, size, pages)
	}
	out := make([]*model.LotLink, len(found))
	for i, l := range found {
		other := l.ParentID
		if dir == trace.Descendants {
			other = l.ChildID
		}
		out[i] = &model.LotLink{Link: l, LotID: other}
	}
	return out, nil
}

// linkQuantity is what flowed along a link.
func linkQuantity(ctx context.Context, l trace.Link) (*quantity.Decimal, error) {
	inputs, err := loader.From(ctx).Inputs.Load(ctx, l.TransformationID)
	if err != nil {
		return nil, err
	}
	outputs, err := loader.From(ctx).Outputs.Load(ctx, l.TransformationID)
	if err != nil {
		return nil, err
	}
	return transformation.Flow(inputs, outputs, l.ParentID, l.ChildID), nil
}

// genealogyArgs are what is asked of a lot's genealogy.
type genealogyArgs struct {
	direction       model.GenealogyDirection
	maxDepth, limit *int32
	asOf            *time.Time
}

// query is what a field with these arguments asks of a lot that is still to be named.
func (a genealogyArgs) query(oc *graphql.OperationContext, field graphql.CollectedField) (q trace.Query, err error) {
	q = trace.Query{
		Ancestors: a.direction != model.GenealogyDirectionDescendants, Descendants: a.direction != model.GenealogyDirectionAncestors, AsOf: a.asOf,
		Plain: flatGenealogy(oc, field), Standing: asksStanding(field), Making: asks(field.Selections, "transformation"),
	}
	if q.MaxDepth, err = trace.Depth(a.maxDepth); err != nil {
		return q, err
	}
	q.Limit, err = trace.Limit(a.limit)
	return q, err
}

// genealogy is a lot's genealogy as one graph.
func (r *Resolver) genealogy(ctx context.Context, of *lot.Lot, a genealogyArgs) (*model.Genealogy, error) {
	q, err := a.query(graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field)
	if err != nil {
		return nil, err
	}
	if inList(ctx) {
		// Its walk, links and shares take some eight statements: of a hundred lots at once they would be eight hundred.
		return nil, fault.Over("genealogies", 1, 2, "genealogy", "ask for the genealogy of one lot at a time, by lot(code:); in lists there are ancestors and descendants")
	}
	q.Root = of.ID
	finders := loader.FindersFrom(ctx)
	g, ok := finders.Guess.Genealogy(q)
	if !ok {
		if g, err = finders.Trace.Genealogy(ctx, q); err != nil {
			return nil, err
		}
	}
	if g.Truncated && a.limit == nil {
		return nil, fault.Over("limit", trace.MaxGraph, trace.MaxGraph+1, "limit", "the genealogy of %s has more than %d lots: give limit for the nearest, or page them by ancestors and descendants", of.Code, trace.MaxGraph)
	}
	return model.NewGenealogy(g, of, func() (map[uuid.UUID]quantity.Decimal, error) { return finders.Trace.Shares(ctx, g) }), nil
}

// genealogyLinks lists a genealogy's links, with what flowed along them.
func genealogyLinks(ctx context.Context, g *model.Genealogy) ([]*model.GenealogyLink, error) {
	ids := make([]uuid.UUID, len(g.Genealogy.Links))
	for i, l := range g.Genealogy.Links {
		ids[i] = l.TransformationID
	}
	load := loader.From(ctx)
	transformations, err := load.Transformation.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	inputs, err := load.Inputs.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	outputs, err := load.Outputs.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]*model.GenealogyLink, len(ids))
	for i, l := range g.Genealogy.Links {
		out[i] = &model.GenealogyLink{
			Transformation: transformations[i], Link: l, QuantityKg: transformation.Flow(inputs[i], outputs[i], l.ParentID, l.ChildID),
		}
	}
	return out, nil
}

// exposures are why a lot is exposed. More than asked for is an error: a cause must not be missed.
func exposures(ctx context.Context, of *lot.Lot, size int32) ([]*hold.Exposure, error) {
	found, err := loader.From(ctx).Exposures.Load(ctx, loader.Key[uuid.UUID, int32]{Parent: of.ID, Args: size + 1})
	if err != nil {
		return nil, err
	}
	if len(found) > int(size) {
		return nil, fault.Over("first", int(size), len(found), "first", "%s is exposed to more than %d causes: ask for up to %d", of.Code, size, relay.MaxWhole)
	}
	return found, nil
}

// exposurePath is one shortest way from the cause to the exposed lot.
func exposurePath(ctx context.Context, e *hold.Exposure) ([]*lot.Lot, error) {
	load := loader.From(ctx)
	kin, err := load.Kin.Load(ctx, loader.Key[uuid.UUID, loader.KinArgs]{
		Parent: e.LotID, Args: loader.KinArgs{Direction: trace.Ancestors, MaxDepth: trace.Unbounded},
	})
	if err != nil {
		return nil, err
	}
	keys := []loader.Key[uuid.UUID, loader.LinkArgs]{{Parent: e.LotID}}
	for _, k := range kin {
		keys = append(keys, loader.Key[uuid.UUID, loader.LinkArgs]{Parent: k.ID})
	}
	steps, err := load.Links.LoadAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	return load.Lot.LoadAll(ctx, trace.Path(e.CauseLotID, e.LotID, slices.Concat(steps...)))
}
