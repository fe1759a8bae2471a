package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/graph/loader"
	"flowviz/internal/lot"
	"flowviz/internal/trace"
)

// lotByCode finds a lot by its code. Where one page of its kin that is written straight is all else that the operation reads, they come along if
// they can be guessed.
func lotByCode(ctx context.Context, code string, site *string) (*lot.Lot, error) {
	finders := loader.FindersFrom(ctx)
	q, alone := kinAlone(ctx)
	if alone && site == nil {
		if found, err := finders.Guess.Lot(ctx, code, q); found != nil || err != nil {
			return found, err
		}
	}
	found, err := finders.Lot.ByCode(ctx, code, site, siteCodes)
	if alone && found != nil {
		finders.Guess.Remember(code, found.ID)
	}
	return found, err
}

// kinAlone is what the field that is being resolved, a lot, will be asked for; false where that isn't just one page of kin.
func kinAlone(ctx context.Context) (q trace.Question, ok bool) {
	oc, fc := graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx)
	if !isAlone(oc, fc) {
		return q, false
	}
	var a kinArgs
	of := readers(oc, fc.Field.Selections, "Lot", "Node")[0]
	switch of.Name {
	case "ancestors":
		a.direction = trace.Ancestors
	case "descendants":
		a.direction = trace.Descendants
	default:
		return q, false
	}
	given := of.ArgumentMap(oc.Variables)
	if given["filter"] != nil || given["after"] != nil {
		return q, false
	}
	var err error
	if a.maxDepth, err = number(given["maxDepth"]); err != nil {
		return q, false // the field itself says what is wrong
	}
	if a.first, err = number(given["first"]); err != nil {
		return q, false
	}
	q, _, ok, err = a.question(oc, of)
	return q, ok && err == nil
}

// number reads an argument that may be null.
func number(v any) (*int32, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // null
	}
	n, err := graphql.UnmarshalInt32(v)
	return &n, err
}
