package graph

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/trace"
)

// writeGraph writes a list of a genealogy.
type writeGraph func(ctx context.Context, g *model.Genealogy) (any, error)

// compileGraph turns a field of a Genealogy into what writes it; nil where it is no list, or asks for more than columns.
func compileGraph(oc *graphql.OperationContext, field graphql.CollectedField) writeGraph {
	switch field.Name {
	case "nodes":
		if fields, ok := compile(oc, field, "GenealogyNode", nodeFields); ok {
			return func(ctx context.Context, g *model.Genealogy) (any, error) { return writeNodes(ctx, g, fields) }
		}
	case "links":
		if fields, ok := compile(oc, field, "GenealogyLink", linkFields); ok {
			return func(ctx context.Context, g *model.Genealogy) (any, error) { return writeLinks(ctx, g, fields), nil }
		}
	}
	return nil
}

// flatGenealogy tells whether all of a selected genealogy is written without reading more.
func flatGenealogy(oc *graphql.OperationContext, of graphql.CollectedField) bool {
	for _, field := range graphql.CollectFields(oc, of.Selections, []string{"Genealogy"}) {
		switch field.Name {
		case "nodes", "links":
			if compileGraph(oc, field) == nil {
				return false
			}
		case "__typename", "depth", "lotCount", "linkCount", "truncated":
		default:
			return false
		}
	}
	return true
}

// nodeRow is a node as flat lists have it.
type nodeRow struct {
	depth int32
	lot   *lot.Row
}

// nodeFields are the fields of a genealogy's node that flat lists have.
var nodeFields = map[string]maker[*nodeRow]{
	"depth": column(func(b []byte, n *nodeRow) []byte { return strconv.AppendInt(b, int64(n.depth), 10) }),
	"lot": func(oc *graphql.OperationContext, field graphql.CollectedField) appender[*nodeRow] {
		inner, ok := compile(oc, field, "Lot", lotFields)
		if !ok {
			return nil
		}
		return func(b []byte, n *nodeRow) []byte { return inner.append(b, n.lot) }
	},
}

// linkFields are the fields of a genealogy's link that flat lists have: those that the link itself says.
var linkFields = map[string]maker[*trace.Link]{
	"parent": column(func(b []byte, l *trace.Link) []byte {
		return appendID(b, relay.ID{Kind: relay.Lot, Site: l.ParentSiteID, UUID: l.ParentID})
	}),
	"child": column(func(b []byte, l *trace.Link) []byte {
		return appendID(b, relay.ID{Kind: relay.Lot, Site: l.SiteID, UUID: l.ChildID})
	}),
	"transformation": column(func(b []byte, l *trace.Link) []byte {
		return appendID(b, relay.ID{Kind: relay.Transformation, Site: l.SiteID, UUID: l.TransformationID})
	}),
}

func writeNodes(ctx context.Context, g *model.Genealogy, fields fields[*nodeRow]) (any, error) {
	const guess = 170 // bytes a node, as the benchmark asks for it
	nodes := g.Nodes()
	rows, err := nodeRows(ctx, g, nodes)
	if err != nil {
		return nil, err
	}
	rowOf := rowsByID(rows)
	b := append(make([]byte, 0, guess*len(nodes)+2), '[')
	for i, n := range nodes {
		giveWayAt(ctx, i)
		row := nodeRow{n.Depth(), rowOf(i, n.Kin.ID)}
		if row.lot == nil {
			return nil, fmt.Errorf("lot %s is in a genealogy and nowhere else", n.Kin.ID)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = fields.append(b, &row)
	}
	return written(append(b, ']')), nil
}

// nodeRows are those that came along, or else read now.
func nodeRows(ctx context.Context, g *model.Genealogy, nodes []model.GenealogyNode) ([]lot.Row, error) {
	if g.Rows != nil {
		return g.Rows, nil
	}
	ids := make([]uuid.UUID, len(nodes))
	for i, n := range nodes {
		ids[i] = n.Kin.ID
	}
	return loader.FindersFrom(ctx).Lot.Rows(ctx, ids)
}

func writeLinks(ctx context.Context, g *model.Genealogy, fields fields[*trace.Link]) any {
	const guess = 90 // bytes a link, as the benchmark asks for it
	links := g.Genealogy.Links
	b := append(make([]byte, 0, guess*len(links)+2), '[')
	for i := range links {
		giveWayAt(ctx, i)
		if i > 0 {
			b = append(b, ',')
		}
		b = fields.append(b, &links[i])
	}
	return written(append(b, ']'))
}

// written is a value that is JSON already.
func written(b []byte) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = w.Write(b) // a response that can't be written has no reader
	})
}
