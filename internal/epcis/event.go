package epcis

import (
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/epcis/document"
	"flowviz/internal/quantity"
)

// event is one that isn't there yet.
type event struct {
	*document.Event
	identity string
	wrong    bool                  // declared so in the same document
	kind     db.TransformationKind // what it makes of its lots; "" for nothing
	items    []item                // once its lots are known, each lot once in a role

	transformation *transformation // nil where it makes none
}

// role is what an event says about a lot: see epcis_item.
type role string

const (
	born      role = "BORN"
	seen      role = "SEEN"
	used      role = "USED"
	packed    role = "PACKED"
	inside    role = "INSIDE"
	unpacked  role = "UNPACKED"
	named     role = "NAMED"
	container role = "CONTAINER"
	emptied   role = "EMPTIED"
)

// item is a lot in an event.
type item struct {
	code string
	lot  uuid.UUID
	own  bool // a lot of the site itself
	role role
	amount
}

// amount is weighed or counted, or neither.
type amount struct {
	instance bool // one single thing
	kg       *quantity.Decimal
	count    *quantity.Decimal
	unit     *string // of count, never nil where that isn't
}

// each is the unit of a count for which a document gives none (UN/ECE Recommendation 20).
const each = "EA"

// Steps of the Core Business Vocabulary that say where the goods go.
const (
	shipping      = "shipping"
	receiving     = "receiving"
	retailSelling = "retail_selling"
)

// read finds out what the event says about which lots. A declaration that another event is wrong says nothing else.
func (e *event) read() error {
	if e.ErrorDeclaration != nil {
		return nil
	}
	r := reader{event: e}
	switch e.Kind {
	case document.Transformation:
		r.add(used, e.Inputs...)
		r.add(born, e.Outputs...)
		e.kind = db.TransformationKindPROCESS
	case document.Object:
		r.object()
	case document.Aggregation:
		r.aggregation()
	case document.Transaction:
		r.name(e.Parent)
		r.add(seen, e.Items...)
	case document.Association: // a sensor in a crate: neither goods nor containment
		r.name(e.Parent)
		for _, c := range e.Children {
			r.name(c.EPC)
		}
	}
	return r.err
}

type reader struct {
	*event
	err error
}

func (r *reader) object() {
	as := seen
	if r.Action == document.Add {
		as = born
	}
	r.add(as, r.Items...)
	r.kind = r.movement()
	if r.kind != "" {
		return
	}
	switch r.Action {
	case document.Add:
		r.kind = db.TransformationKindPROCESS
	case document.Delete:
		if r.kind = db.TransformationKindWASTE; r.BizStep == retailSelling {
			r.kind = db.TransformationKindSHIP
		}
	case document.Observe: // seen, and left as it is
	}
}

// movement is the kind of an event that moves goods; "" where it doesn't.
func (r *reader) movement() db.TransformationKind {
	switch r.BizStep {
	case shipping:
		return db.TransformationKindSHIP
	case receiving:
		return db.TransformationKindRECEIVE
	}
	return ""
}

// aggregation is containment. Some also tell by it that a container and what it holds came or went: they observe it at that step.
func (r *reader) aggregation() {
	children := map[document.Action]role{document.Add: packed, document.Observe: inside, document.Delete: unpacked}[r.Action]
	parent := container
	if r.Action == document.Delete && len(r.Children) == 0 {
		parent = emptied
	}
	holder := document.Item{EPC: r.Parent, Instance: true}
	if r.Parent != "" {
		r.add(parent, holder)
	} else {
		children = named
	}
	r.add(children, r.Children...)
	if r.Action == document.Observe {
		if r.kind = r.movement(); r.kind != "" {
			if r.Parent != "" {
				r.add(seen, holder)
			}
			r.add(seen, r.Children...)
		}
	}
}

func (r *reader) name(epc string) {
	if epc != "" {
		r.add(named, document.Item{EPC: epc})
	}
}

func (r *reader) add(as role, told ...document.Item) {
	for _, t := range told {
		it := item{code: t.EPC, role: as}
		if as != named && as != container && as != emptied {
			if it.amount, r.err = measure(t); r.err != nil {
				return
			}
		}
		r.items = append(r.items, it)
	}
}

// measure is the amount of an item: one single thing is one piece.
func measure(t document.Item) (amount, error) {
	unit := each
	if t.Unit != "" {
		unit = t.Unit
	}
	switch {
	case t.Instance:
		one := quantity.FromInt(1)
		return amount{instance: true, count: &one, unit: &unit}, nil
	case t.Quantity == nil:
		return amount{}, nil
	}
	kg, isMass, err := quantity.Kilograms(*t.Quantity, t.Unit)
	if err != nil {
		return amount{}, err
	}
	if isMass {
		return amount{kg: &kg}, nil
	}
	n := t.Quantity.Round(3) // as many decimals as are stored
	return amount{count: &n, unit: &unit}, nil
}

// plus adds what is told about the same lot again. One single thing stays one, weighed comes before counted, and units that
// can't be added don't change the first one.
func (a amount) plus(b amount) (amount, error) {
	switch {
	case a.instance || b.kg == nil && b.count == nil:
		return a, nil
	case a.kg == nil && a.count == nil, a.kg == nil && b.kg != nil:
		return b, nil
	case a.kg != nil && b.kg != nil:
		sum, err := a.kg.Add(*b.kg)
		return amount{kg: &sum}, err
	case a.count != nil && b.count != nil && *a.unit == *b.unit:
		sum, err := a.count.Add(*b.count)
		return amount{count: &sum, unit: a.unit}, err
	}
	return a, nil
}

// gather makes of items one for each lot and role, in the order of the first of each.
func gather(items []item) ([]item, error) {
	type key struct {
		lot  uuid.UUID
		role role
	}
	at := make(map[key]int, len(items))
	var out []item
	for _, it := range items {
		k := key{it.lot, it.role}
		i, again := at[k]
		if !again {
			at[k] = len(out)
			out = append(out, it)
			continue
		}
		var err error
		if out[i].amount, err = out[i].plus(it.amount); err != nil {
			return nil, err
		}
	}
	return out, nil
}
