package relay

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// PageInfo is Relay's.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *Cursor
}

// Edge is a node and its place in the list.
type Edge[T any] struct {
	Cursor Cursor
	Node   T
}

// Connection is one page of a list, with the number of all of it counted only when asked for.
type Connection[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo
	count    func(context.Context) (int64, error)
}

// NewConnection makes a page of rows read with Page.Fetch, in the order in which they were read: backward pages come
// last row first. key is a row's id; count tells how many rows the whole list has.
func NewConnection[T any](p Page, rows []T, key func(T) uuid.UUID, count func(context.Context) (int64, error)) *Connection[T] {
	more := len(rows) > int(p.Size)
	if more {
		rows = rows[:p.Size]
	}
	c := &Connection[T]{Edges: make([]Edge[T], len(rows)), count: count}
	for i, row := range rows {
		c.Edges[i] = Edge[T]{Cursor: KeyCursor(p.Kind, key(row)), Node: row}
	}
	// The row that a cursor names lies outside the page: there is something on that side.
	c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = more, p.HasAfter
	if p.Backward {
		slices.Reverse(c.Edges)
		c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = p.HasBefore, more
	}
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
	return c
}

// Nodes are the rows without their cursors.
func (c *Connection[T]) Nodes() []T {
	nodes := make([]T, len(c.Edges))
	for i, e := range c.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// TotalCount is the number of rows on all pages.
func (c *Connection[T]) TotalCount(ctx context.Context) (int32, error) {
	n, err := c.count(ctx)
	return int32(n), err
}
