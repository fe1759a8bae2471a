package relay

import (
	"github.com/google/uuid"

	"flowviz/internal/fault"
)

// Sizes of a page.
const (
	DefaultPage = 50
	// MaxPage bounds ordinary lists: a screen shows no more, and a program pages.
	MaxPage = 100
	// MaxWhole bounds lists that have no pages and come whole or not at all, such as what a lot was made of.
	MaxWhole = 1_000
	// MaxKin bounds ancestors and descendants, which people want whole: 10,000 rows are about 1.5 MB.
	MaxKin = 10_000
)

// PageArgs are the arguments of a Relay connection as a client gives them.
type PageArgs struct {
	First, Last   *int32
	After, Before *Cursor
}

// Page is a checked request for one page of a list ordered by id. It is comparable: equal requests of many parents are
// answered together.
type Page struct {
	Kind          Kind
	Size          int32 // rows wanted
	Backward      bool  // the last ones before Before, not the first ones after After
	After, Before uuid.UUID
	HasAfter      bool
	HasBefore     bool
}

// Size checks a `first` or `last` alone: its default where nil, and at most limit.
func Size(field string, n *int32, fallback, limit int32) (int32, error) {
	switch {
	case n == nil:
		return min(fallback, limit), nil
	case *n < 0:
		return 0, fault.BadInput(field, "can't be negative, and is %d", *n)
	case *n > limit:
		return 0, fault.Bounded(field, int(*n), int(limit), "at most %d at once, and is %d: page with after", limit, *n)
	}
	return *n, nil
}

// Page checks the arguments, for a list of a kind of things.
func (a PageArgs) Page(kind Kind) (Page, error) {
	if a.First != nil && a.Last != nil {
		return Page{}, fault.BadInput("last", "give first or last, not both")
	}
	p := Page{Kind: kind}
	var err error
	if a.Last != nil {
		p.Backward = true
		p.Size, err = Size("last", a.Last, DefaultPage, MaxPage)
	} else {
		p.Size, err = Size("first", a.First, DefaultPage, MaxPage)
	}
	if err != nil {
		return Page{}, err
	}
	if p.After, p.HasAfter, err = key(kind, "after", a.After); err != nil {
		return Page{}, err
	}
	p.Before, p.HasBefore, err = key(kind, "before", a.Before)
	return p, err
}

func key(kind Kind, field string, c *Cursor) (uuid.UUID, bool, error) {
	if c == nil {
		return uuid.UUID{}, false, nil
	}
	id, err := c.Key(kind)
	if err != nil {
		return uuid.UUID{}, false, fault.BadInput(field, "%s", fault.Of(err).Message)
	}
	return id, true, nil
}

// AfterKey is the id after which the page begins, nil for the list's start.
func (p Page) AfterKey() *uuid.UUID {
	if !p.HasAfter {
		return nil
	}
	return &p.After
}

// BeforeKey is the id before which the page ends, nil for the list's end.
func (p Page) BeforeKey() *uuid.UUID {
	if !p.HasBefore {
		return nil
	}
	return &p.Before
}

// Fetch is how many rows to read: one more than wanted tells whether another page follows.
func (p Page) Fetch() int32 { return p.Size + 1 }
