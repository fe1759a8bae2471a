package graph

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/trace"
)

const (
	defaultPaths = 10
	maxCommon    = 100 // lots of which one asks what they share
)

// pathsBetween are the ways from a lot to another; nil where either isn't there.
func pathsBetween(ctx context.Context, from, to relay.ID, first *int32) (*model.LotPaths, error) {
	size, err := relay.Size("first", first, defaultPaths, relay.MaxPage)
	if err != nil {
		return nil, err
	}
	ends, err := lotsThere(ctx, []*relay.ID{&from, &to}, func(i int) string { return [...]string{"from", "to"}[i] })
	if err != nil || ends == nil {
		return nil, err
	}
	found, err := loader.FindersFrom(ctx).Trace.Between(ctx, from.UUID, to.UUID, int(size))
	if err != nil {
		return nil, err
	}
	paths := &model.LotPaths{Paths: make([]model.LotPath, len(found.Lots)), Truncated: found.Truncated}
	for i, ids := range found.Lots {
		paths.Paths[i].LotIDs = ids
	}
	return paths, nil
}

// commonAncestors are what lots share; nil where one isn't there.
func commonAncestors(ctx context.Context, lots []*relay.ID, first *int32, after *relay.Cursor) (*model.LotKinConnection, error) {
	size, err := relay.Size("first", first, relay.DefaultPage, relay.MaxKin)
	if err != nil {
		return nil, err
	}
	if n := len(lots); n < 2 || n > maxCommon {
		return nil, fault.Bounded("lots", n, maxCommon, "give 2 to %d, and there are %d", maxCommon, n)
	}
	ids, err := lotsThere(ctx, lots, func(i int) string { return fmt.Sprintf("lots[%d]", i) })
	if err != nil || ids == nil {
		return nil, err
	}
	common, err := loader.FindersFrom(ctx).Trace.Common(ctx, ids)
	if err != nil {
		return nil, err
	}
	return kinPage(common, size, after)
}

// lotsThere are the keys of lots, each once; nil where one isn't there for the caller.
func lotsThere(ctx context.Context, ids []*relay.ID, field func(i int) string) ([]uuid.UUID, error) {
	keys := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		if err := id.Require(relay.Lot, field(i)); err != nil {
			return nil, err
		}
		keys[i] = id.UUID
	}
	found, err := loader.From(ctx).Lot.LoadAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	seen := map[uuid.UUID]bool{}
	var once []uuid.UUID
	for i, l := range found {
		if l == nil || l.SiteID != ids[i].Site {
			return nil, nil
		}
		if !seen[l.ID] {
			seen[l.ID] = true
			once = append(once, l.ID)
		}
	}
	return once, nil
}

// ancestry is a lot and all that it was made of, nearest first.
func ancestry(ctx context.Context, of *lot.Lot) ([]uuid.UUID, error) {
	args := loader.KinArgs{Direction: trace.Ancestors, MaxDepth: trace.Unbounded}
	kin, err := loader.From(ctx).Kin.Load(ctx, loader.Key[uuid.UUID, loader.KinArgs]{Parent: of.ID, Args: args})
	ids := []uuid.UUID{of.ID}
	for _, k := range kin {
		ids = append(ids, k.ID)
	}
	return ids, err
}

// allergenSources are the allergens in a lot's ancestry, by name.
func allergenSources(ctx context.Context, of *lot.Lot) ([]*model.AllergenSource, error) {
	ids, err := ancestry(ctx, of)
	if err != nil {
		return nil, err
	}
	brought, err := loader.From(ctx).Introduced.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	attributes, err := of.Attributes()
	if err != nil {
		return nil, err
	}
	sources := map[string]*model.AllergenSource{}
	for i, allergens := range brought {
		for _, a := range allergens {
			if sources[a] == nil {
				sources[a] = &model.AllergenSource{Allergen: a, Declared: slices.Contains(attributes.Allergens, a)}
			}
			sources[a].LotIDs = append(sources[a].LotIDs, ids[i])
		}
	}
	out := make([]*model.AllergenSource, 0, len(sources))
	for _, a := range slices.Sorted(maps.Keys(sources)) {
		out = append(out, sources[a])
	}
	return out, nil
}

// earliestExpiry is the earliest best before in a lot's ancestry; nil where there is none.
func earliestExpiry(ctx context.Context, of *lot.Lot) (*model.EarliestExpiry, error) {
	ids, err := ancestry(ctx, of)
	if err != nil {
		return nil, err
	}
	times, err := loader.From(ctx).BestBefore.LoadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	var earliest *model.EarliestExpiry
	for i, at := range times {
		if at != nil && (earliest == nil || at.Before(earliest.At)) {
			earliest = &model.EarliestExpiry{At: *at, LotID: ids[i]}
		}
	}
	return earliest, nil
}
