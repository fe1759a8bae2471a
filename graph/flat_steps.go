package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/trace"
)

// steps is a list of parents or children, of whose lots nothing is asked but columns and the next such list. The library's way takes
// two statements a step, each after the other, and a goroutine a lot: six steps took six times as long as a handler written by hand.
type steps struct {
	direction trace.Direction
	first     int
	standing  bool // whether the lots' rows must tell status and holds
	link      []linkPart
}

// linkPart is a field of a link: its lot, or its type's name.
type linkPart struct {
	prefix   string
	lot      []lotPart
	typeName bool
}

// lotPart is a field of a lot: a column, or the next steps.
type lotPart struct {
	prefix string
	column appender[*lot.Row]
	next   *steps
}

// compileSteps turns a field of a lot into steps; nil where it is something else, or asks for more.
func compileSteps(oc *graphql.OperationContext, field graphql.CollectedField) *steps {
	s := &steps{}
	switch field.Name {
	case "parents":
		s.direction = trace.Ancestors
	case "children":
		s.direction = trace.Descendants
	default:
		return nil
	}
	given := arguments{values: field.ArgumentMap(oc.Variables)}
	first := given.number("first")
	if given.err != nil || first == nil || *first < 1 || *first > relay.MaxWhole {
		return nil
	}
	s.first, s.standing = int(*first), asksStanding(field)
	for _, of := range graphql.CollectFields(oc, field.Selections, []string{"LotLink"}) {
		part := linkPart{prefix: `"` + of.Alias + `":`, typeName: of.Name == "__typename"}
		if of.Name == "lot" {
			part.lot = s.compileLot(oc, of)
		}
		if part.lot == nil && !part.typeName {
			return nil
		}
		s.link = append(s.link, part)
	}
	return s
}

func (s *steps) compileLot(oc *graphql.OperationContext, of graphql.CollectedField) []lotPart {
	var parts []lotPart
	for _, field := range graphql.CollectFields(oc, of.Selections, []string{"Lot", "Node"}) {
		part := lotPart{prefix: `"` + field.Alias + `":`}
		if field.Name == "__typename" {
			part.column = constant[*lot.Row]("Lot")
		} else if maker, ok := lotFields[field.Name]; ok {
			part.column = maker(oc, field)
		} else {
			part.next = compileSteps(oc, field)
		}
		if part.column == nil && (part.next == nil || part.next.direction != s.direction) {
			return nil
		}
		parts = append(parts, part)
	}
	return parts
}

// depth is how many steps it is.
func (s *steps) depth() int32 {
	var below int32
	for _, link := range s.link {
		for _, part := range link.lot {
			if part.next != nil {
				below = max(below, part.next.depth())
			}
		}
	}
	return 1 + below
}

// question is what is asked to write them.
func (s *steps) question() trace.Question {
	return trace.Question{Direction: s.direction, MaxDepth: s.depth(), Most: relay.MaxKin, Standing: s.standing}
}

// write writes them from a lot on; nil where the library must, because something is in the way that it can tell.
func (s *steps) write(ctx context.Context, of *lot.Lot) (graphql.Marshaler, error) {
	finders, q := loader.FindersFrom(ctx), s.question()
	found, ok := finders.Guess.Steps(of.ID, q)
	if !ok {
		var err error
		if found, err = finders.Trace.Steps(ctx, of.ID, q); err != nil {
			return nil, err
		}
	}
	w := newStepWriter(found, s.direction)
	objects := w.count(s, of.ID)
	if w.cannot {
		return nil, nil //nolint:nilnil // the library can
	}
	if f := spend(ctx, objects-int64(len(w.next[of.ID]))); f != nil { // the first list has its own limit
		return nil, f
	}
	w.list(s, of.ID)
	return written(w.b), nil
}

// stepWriter writes steps. A lot that is reached on many ways is written once, and copied from there.
type stepWriter struct {
	rows   map[uuid.UUID]*lot.Row
	next   map[uuid.UUID][]uuid.UUID
	counts map[stepAt]int64
	wrote  map[stepAt][2]int // from where to where in b
	b      []byte
	cannot bool
}

// stepAt is what is written of one lot.
type stepAt struct {
	of  *steps
	lot uuid.UUID
}

func newStepWriter(found trace.Steps, dir trace.Direction) *stepWriter {
	w := &stepWriter{
		rows: make(map[uuid.UUID]*lot.Row, len(found.Rows)), next: make(map[uuid.UUID][]uuid.UUID, len(found.Rows)),
		counts: map[stepAt]int64{}, wrote: map[stepAt][2]int{},
	}
	for i := range found.Rows {
		w.rows[found.Rows[i].ID] = &found.Rows[i]
	}
	for _, l := range found.Links {
		from, to := l.Ends(dir)
		w.next[from] = append(w.next[from], to)
	}
	return w
}

// count counts the objects of the lists from a lot on, and finds what is in the way: a list that is too long, or a lot without its row.
func (w *stepWriter) count(s *steps, from uuid.UUID) int64 {
	at := stepAt{s, from}
	if n, ok := w.counts[at]; ok {
		return n
	}
	next := w.next[from]
	n := int64(len(next))
	w.cannot = w.cannot || len(next) > s.first
	for _, to := range next {
		w.cannot = w.cannot || w.rows[to] == nil
		for _, link := range s.link {
			for _, part := range link.lot {
				if part.next != nil {
					n = min(n+w.count(part.next, to), maxNested+1<<20) // far over the limit is enough to know
				}
			}
		}
	}
	w.counts[at] = n
	return n
}

// list writes the links from a lot.
func (w *stepWriter) list(s *steps, from uuid.UUID) {
	at := stepAt{s, from}
	if wrote, ok := w.wrote[at]; ok {
		w.b = append(w.b, w.b[wrote[0]:wrote[1]]...)
		return
	}
	begin := len(w.b)
	w.b = append(w.b, '[')
	for i, to := range w.next[from] {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, '{')
		for k, link := range s.link {
			if k > 0 {
				w.b = append(w.b, ',')
			}
			w.b = append(w.b, link.prefix...)
			if link.typeName {
				w.b = append(w.b, `"LotLink"`...)
			} else {
				w.lot(link.lot, w.rows[to])
			}
		}
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
	w.wrote[at] = [2]int{begin, len(w.b)}
}

func (w *stepWriter) lot(parts []lotPart, row *lot.Row) {
	w.b = append(w.b, '{')
	for i, part := range parts {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, part.prefix...)
		if part.next != nil {
			w.list(part.next, row.ID)
		} else {
			w.b = part.column(w.b, row)
		}
	}
	w.b = append(w.b, '}')
}
