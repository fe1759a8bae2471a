package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/lot"
)

// flat writes large lists of lots straight into JSON where the selection asks for nothing but columns. The library's way
// costs about 2 µs a field and a goroutine an element: 7,272 ancestors with 5 fields took 217 ms, against 30 ms of a
// handler written by hand. Selections with further resolvers go the library's way, and give the same bytes.
type flat struct{}

// field is asked at every field, and takes over at the lists that can be long.
func (f flat) field(ctx context.Context, next graphql.Resolver) (any, error) {
	fc := graphql.GetFieldContext(ctx)
	if fc.Object != "LotKinConnection" && fc.Object != "Genealogy" && fc.Object != "Lot" || fc.Parent == nil || inList(ctx) { // in a list the loaders read for all its lots
		return next(ctx)
	}
	oc := graphql.GetOperationContext(ctx)
	switch of := fc.Parent.Result.(type) {
	case *model.LotKinConnection:
		if element := compileList(oc, fc.Field); element != nil {
			return f.write(ctx, of, element)
		}
	case *model.Genealogy:
		if write := compileGraph(oc, fc.Field); write != nil {
			return write(ctx, of)
		}
	case *lot.Lot:
		if s := compileSteps(oc, fc.Field); s != nil {
			if done, err := s.write(ctx, of); done != nil || err != nil {
				return done, err
			}
		}
	}
	return next(ctx)
}

// appendElement writes one element of a list.
type appendElement func([]byte, model.LotKinEdge, *lot.Row) []byte

// compileList turns a field of a LotKinConnection into what writes its elements; nil where it is no list, or no flat one.
func compileList(oc *graphql.OperationContext, field graphql.CollectedField) appendElement {
	switch field.Name {
	case "nodes":
		if fields, ok := compile(oc, field, "Lot", lotFields); ok {
			return func(b []byte, _ model.LotKinEdge, row *lot.Row) []byte { return fields.append(b, row) }
		}
	case "edges":
		if fields, ok := compile(oc, field, "LotKinEdge", edgeFields); ok {
			return func(b []byte, edge model.LotKinEdge, row *lot.Row) []byte {
				return fields.append(b, &edgeRow{edge: edge, lot: row})
			}
		}
	}
	return nil
}

// flatLists tells whether a list of a selected connection will be written straight, and whether all are.
func flatLists(oc *graphql.OperationContext, connection graphql.CollectedField) (some, all bool) {
	all = true
	for _, field := range graphql.CollectFields(oc, connection.Selections, []string{"LotKinConnection"}) {
		if field.Name != "nodes" && field.Name != "edges" {
			continue
		}
		if compileList(oc, field) != nil {
			some = true
		} else {
			all = false
		}
	}
	return some, some && all
}

// isAlone tells whether a field of a lot is the only one of its operation that reads, but for that lot: one is asked for, and of that
// nothing else but columns.
func isAlone(oc *graphql.OperationContext, of *graphql.FieldContext) bool {
	return of.Object == "Query" && len(readers(oc, oc.Operation.SelectionSet, "Query")) == 1 && len(readers(oc, of.Field.Selections, "Lot", "Node")) == 1
}

// readers are the fields of a selection that are no columns of a lot.
func readers(oc *graphql.OperationContext, of ast.SelectionSet, typeNames ...string) (found []graphql.CollectedField) {
	for _, field := range graphql.CollectFields(oc, of, typeNames) {
		_, column := lotFields[field.Name]
		if field.Name != "__typename" && (!column || len(field.Selections) > 0) {
			found = append(found, field)
		}
	}
	return found
}

// asksStanding tells whether a selection asks what of lots only their rows in SQL tell: status and holds.
func asksStanding(field graphql.CollectedField) bool { return asks(field.Selections, "status", "held") }

// asks tells whether a selection has a field of one of these names, at any depth.
func asks(of ast.SelectionSet, names ...string) bool {
	return slices.ContainsFunc(of, func(selection ast.Selection) bool {
		switch s := selection.(type) {
		case *ast.Field:
			return slices.Contains(names, s.Name) || asks(s.SelectionSet, names...)
		case *ast.InlineFragment:
			return asks(s.SelectionSet, names...)
		case *ast.FragmentSpread:
			return asks(s.Definition.SelectionSet, names...)
		}
		return false
	})
}

// edgeRow is an edge as flat lists have it.
type edgeRow struct {
	edge model.LotKinEdge
	lot  *lot.Row
}

// write writes the lots of a page in its order.
func (f flat) write(ctx context.Context, page *model.LotKinConnection, element appendElement) (any, error) {
	const guess = 160 // bytes an element, from the selection of five fields that the benchmark asks for
	rows, err := f.rows(ctx, page)
	if err != nil {
		return nil, err
	}
	rowOf := rowsByID(rows)
	b := make([]byte, 0, guess*len(page.Edges)+2)
	b = append(b, '[')
	for i, edge := range page.Edges {
		giveWayAt(ctx, i)
		row := rowOf(i, edge.Kin.ID)
		if row == nil {
			return nil, fmt.Errorf("lot %s is in a genealogy and nowhere else", edge.Kin.ID)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = element(b, edge, row)
	}
	return written(append(b, ']')), nil
}

// rowsByID finds a lot's row; nil where it has none. It is asked for lot after lot, as those that come from an index of the genealogy lie: then
// at is its place.
func rowsByID(rows []lot.Row) func(at int, id uuid.UUID) *lot.Row {
	var byID map[uuid.UUID]*lot.Row
	return func(at int, id uuid.UUID) *lot.Row {
		if at < len(rows) && rows[at].ID == id {
			return &rows[at]
		}
		if byID == nil {
			byID = make(map[uuid.UUID]*lot.Row, len(rows))
			for i := range rows {
				byID[rows[i].ID] = &rows[i]
			}
		}
		return byID[id]
	}
}

// rows are those that the walk brought along, or else read now.
func (flat) rows(ctx context.Context, page *model.LotKinConnection) ([]lot.Row, error) {
	if len(page.Rows) > 0 || len(page.Edges) == 0 {
		return page.Rows, nil
	}
	ids := make([]uuid.UUID, len(page.Edges))
	for i, e := range page.Edges {
		ids[i] = e.Kin.ID
	}
	return loader.FindersFrom(ctx).Lot.Rows(ctx, ids)
}
