package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/lot"
	"flowviz/internal/trace"
)

// lotByCode finds a lot by its code. Where one page of its kin, its genealogy or the steps from it, written straight, are all else that the operation reads,
// they come along if they can be guessed.
func lotByCode(ctx context.Context, code string, site *string) (*lot.Lot, error) {
	finders := loader.FindersFrom(ctx)
	with := guessable(ctx)
	if with != nil && site == nil {
		if found, err := with(finders.Guess, code); found != nil || err != nil {
			return found, err
		}
	}
	found, err := finders.Lot.ByCode(ctx, code, site, siteCodes)
	if with != nil && found != nil {
		finders.Guess.Remember(code, found.ID)
	}
	return found, err
}

// withLot finds a lot by its code together with what it is asked for; nil where it is guessed wrong.
type withLot func(g *trace.Guess, code string) (*lot.Lot, error)

// guessable is how to find the lot that is being resolved together with all that it is asked for; nil where that can't be.
func guessable(ctx context.Context) withLot {
	oc, fc := graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx)
	if !isAlone(oc, fc) {
		return nil
	}
	of := readers(oc, fc.Field.Selections, "Lot", "Node")[0]
	given := arguments{values: of.ArgumentMap(oc.Variables)}
	depth := given.number("maxDepth")
	switch of.Name {
	case "ancestors", "descendants":
		a := kinArgs{maxDepth: depth, first: given.number("first")}
		if of.Name == "descendants" {
			a.direction = trace.Descendants
		}
		q, _, all, err := a.question(oc, of)
		if err != nil || given.err != nil || !all || given.values["filter"] != nil || given.values["after"] != nil {
			return nil // what is wrong, the field itself says
		}
		return func(g *trace.Guess, code string) (*lot.Lot, error) {
			if q.Most > largeList {
				giveWay(ctx)
			}
			return g.LotWithKin(ctx, code, q)
		}
	case "genealogy":
		direction, _ := given.values["direction"].(string)
		q, err := genealogyArgs{direction: model.GenealogyDirection(direction), maxDepth: depth, limit: given.number("limit")}.query(oc, of)
		if err != nil || given.err != nil || !q.Plain || given.values["asOf"] != nil {
			return nil
		}
		return func(g *trace.Guess, code string) (*lot.Lot, error) { return g.LotWithGenealogy(ctx, code, q) }
	case "parents", "children":
		if s := compileSteps(oc, of); s != nil {
			return func(g *trace.Guess, code string) (*lot.Lot, error) { return g.LotWithSteps(ctx, code, s.question()) }
		}
	}
	return nil
}

// arguments are a field's, as its operation gives them.
type arguments struct {
	values map[string]any
	err    error // of the first that isn't what it should be
}

// number is an argument that may be null.
func (a *arguments) number(name string) *int32 {
	v := a.values[name]
	if v == nil {
		return nil
	}
	n, err := graphql.UnmarshalInt32(v)
	if a.err == nil {
		a.err = err
	}
	return &n
}
