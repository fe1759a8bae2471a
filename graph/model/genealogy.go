package model

import (
	"sync"

	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/trace"
	"flowviz/internal/transformation"

	"github.com/google/uuid"
)

// LotLink is one step from a lot to a parent or child.
type LotLink struct {
	Link  trace.Link
	LotID uuid.UUID // the other end
}

// LotKinConnection is one page of ancestors or descendants.
type LotKinConnection struct {
	Edges      []LotKinEdge
	PageInfo   relay.PageInfo
	TotalCount int32
	MaxDepth   int32
	Rows       []lot.Row // of all edges, in no order, where the walk brought them along
}

// LotKinEdge is an ancestor or descendant in a list.
type LotKinEdge struct {
	Kin trace.Kin
}

// Cursor is its place.
func (e LotKinEdge) Cursor() relay.Cursor { return relay.KinCursor(e.Kin.Depth, e.Kin.ID) }

// Depth is the number of steps to it.
func (e LotKinEdge) Depth() int32 { return e.Kin.Depth }

// Genealogy is a lot's genealogy, with the shares of its material worked out once, when asked for.
type Genealogy struct {
	*trace.Genealogy
	RootLot *lot.Lot
	Shares  func() (map[uuid.UUID]quantity.Decimal, error)
}

// NewGenealogy makes a Genealogy; shares is called once at most.
func NewGenealogy(g *trace.Genealogy, root *lot.Lot, shares func() (map[uuid.UUID]quantity.Decimal, error)) *Genealogy {
	return &Genealogy{Genealogy: g, RootLot: root, Shares: sync.OnceValues(shares)}
}

// LotCount is how many lots the graph has, the root included.
func (g *Genealogy) LotCount() int32 {
	return int32(1 + len(g.Ancestors) + len(g.Descendants))
}

// LinkCount is how many links the graph has.
func (g *Genealogy) LinkCount() int32 { return int32(len(g.Genealogy.Links)) }

// Nodes lists the lots: the root, then ancestors and descendants, nearest first.
func (g *Genealogy) Nodes() []GenealogyNode {
	nodes := make([]GenealogyNode, 0, g.LotCount())
	nodes = append(nodes, GenealogyNode{Of: g, Kin: trace.Kin{ID: g.Genealogy.Root}})
	for _, k := range g.Ancestors {
		nodes = append(nodes, GenealogyNode{Of: g, Kin: k, Up: true})
	}
	for _, k := range g.Descendants {
		nodes = append(nodes, GenealogyNode{Of: g, Kin: k})
	}
	return nodes
}

// GenealogyNode is a lot in a genealogy.
type GenealogyNode struct {
	Of  *Genealogy
	Kin trace.Kin
	Up  bool // an ancestor
}

// Depth is the number of steps from the root.
func (n GenealogyNode) Depth() int32 { return n.Kin.Depth }

// ShareKg is how much of the root's material the lot can hold; nil where that can't be known, and for ancestors.
func (n GenealogyNode) ShareKg() (*quantity.Decimal, error) {
	if n.Up {
		return nil, nil //nolint:nilnil // null is the answer
	}
	shares, err := n.Of.Shares()
	if err != nil {
		return nil, err
	}
	if share, ok := shares[n.Kin.ID]; ok {
		return &share, nil
	}
	return nil, nil //nolint:nilnil // null is the answer
}

// GenealogyLink is a link in a genealogy.
type GenealogyLink struct {
	*transformation.Transformation // what made the one from the other
	Link                           trace.Link
	QuantityKg                     *quantity.Decimal // nil where nobody knows
}

// Parent is the id of the lot that went in.
func (l GenealogyLink) Parent() relay.ID {
	return relay.ID{Kind: relay.Lot, Site: l.Link.ParentSiteID, UUID: l.Link.ParentID}
}

// Child is the id of the lot that came out.
func (l GenealogyLink) Child() relay.ID {
	return relay.ID{Kind: relay.Lot, Site: l.Link.SiteID, UUID: l.Link.ChildID}
}
