package document

import "slices"

// Names of fields that more than one file needs.
const (
	errorDeclaration = "errorDeclaration"
	recordTime       = "recordTime"
)

var (
	kinds   = []Kind{Object, Aggregation, Transaction, Transformation, Association}
	actions = []Action{Add, Observe, Delete}

	anyKind   = either(kinds...)
	anyAction = either(actions...)
)

// event interprets one event; ok is false, and said why, where not even its kind is known. Other faults leave fields empty.
func event(r *rawEvent, faults *faults) (e Event, ok bool) {
	o := object{node: &r.node, faults: faults}
	kind := Kind(o.required("type", anyKind))
	if !slices.Contains(kinds, kind) {
		if kind != "" {
			o.fault("unknown event type %s: want %s", quote(string(kind)), anyKind)
		}
		return Event{}, false
	}

	e = Event{
		Line:            int(r.node.line),
		ID:              o.identifier("eventID"),
		Kind:            kind,
		Time:            o.requiredTime("eventTime"),
		Offset:          o.offset(),
		RecordTime:      o.time(recordTime),
		BizStep:         bare(o.text("bizStep"), "bizstep", "BizStep"),
		Disposition:     bare(o.text("disposition"), "disp", "Disp"),
		ReadPoint:       o.object("readPoint").identifier("id"),
		BizLocation:     o.object("bizLocation").identifier("id"),
		Sources:         o.parties("sourceList", "source"),
		Destinations:    o.parties("destinationList", "destination"),
		BizTransactions: o.bizTransactions(),
		ILMD:            o.object("ilmd").simpleFields(),
		Content:         r.content,
		Digest:          r.digest,
	}
	if kind != Transformation {
		e.Action = o.action()
	}
	switch kind {
	case Object:
		e.Items = o.items("epcList", "quantityList")
	case Transaction:
		e.Parent = o.identifier("parentID")
		e.Items = o.items("epcList", "quantityList")
	case Aggregation, Association:
		e.Parent = o.parent(kind, e.Action)
		e.Children = o.items("childEPCs", "childQuantityList")
	case Transformation:
		e.TransformationID = o.identifier("transformationID")
		e.Inputs = o.items("inputEPCList", "inputQuantityList")
		e.Outputs = o.items("outputEPCList", "outputQuantityList")
	}
	if d := o.object(errorDeclaration); d.node != nil {
		e.ErrorDeclaration = d.declaration(r.erroneous)
	}
	return e, true
}

func (o object) action() Action {
	a := Action(o.required("action", anyAction))
	if a != "" && !slices.Contains(actions, a) {
		o.faultAt("action", "unknown action %s: want %s", quote(string(a)), anyAction)
	}
	return a
}

// parent is what holds the children. Only an aggregation that is merely observed may leave it out, as GS1's schemas of EPCIS 2.0 have it.
func (o object) parent(kind Kind, action Action) string {
	if kind == Aggregation && action == Observe {
		return o.identifier("parentID")
	}
	return o.requiredIdentifier("parentID", "the identifier of what holds the children")
}

// items reads a list of instances and a list of amounts of classes.
func (o object) items(instances, amounts string) []Item {
	var items []Item
	for _, l := range o.texts(instances) {
		if checkEPC(l, o.faults) {
			items = append(items, Item{EPC: l.text, Instance: isInstance(l.text, true)})
		}
	}
	for _, q := range o.list(amounts) {
		if item, ok := q.amount(); ok {
			items = append(items, item)
		}
	}
	return items
}

// amount reads an element of a quantity list.
func (o object) amount() (item Item, ok bool) {
	v, unit := o.measure()
	if o.required("epcClass", "the identifier of what the quantity is of") == "" {
		return Item{}, false
	}
	class := o.node.field("epcClass")
	if !checkEPC(leaf{class.text, int(class.line), join(o.path, "epcClass")}, o.faults) {
		return Item{}, false
	}
	if isInstance(class.text, false) {
		o.faultAt("epcClass", "%s is one single thing, and has no quantity: name it in the list of EPCs, or name its lot here", quote(class.text))
		return Item{}, false
	}
	return Item{EPC: class.text, Quantity: v, Unit: unit}, true
}

// parties reads a list of sources or destinations. One without a type says nothing.
func (o object) parties(list, name string) []Reference {
	var all []Reference
	for _, r := range o.list(list) {
		all = append(all, Reference{
			Type: bare(r.required("type", "owning_party, possessing_party or location"), "sdt", "SDT"),
			ID:   r.requiredIdentifier(name, "an identifier"),
		})
	}
	return all
}

// bizTransactions reads the orders, invoices and the like of an event.
func (o object) bizTransactions() []Reference {
	var all []Reference
	for _, r := range o.list("bizTransactionList") {
		all = append(all, Reference{
			Type: bare(r.text("type"), "btt", "BTT"),
			ID:   r.requiredIdentifier("bizTransaction", "an identifier"),
		})
	}
	return all
}

// declaration reads an error declaration; digest is that of the event without it.
func (o object) declaration(digest string) *ErrorDeclaration {
	d := &ErrorDeclaration{
		Time:   o.requiredTime("declarationTime"),
		Reason: bare(o.text("reason"), "er", "ER"),
		Digest: digest,
	}
	for _, id := range o.texts("correctiveEventIDs") {
		if checkEPC(id, o.faults) {
			d.CorrectiveEventIDs = append(d.CorrectiveEventIDs, id.text)
		}
	}
	return d
}

// simpleFields are the fields of master data whose values are texts, numbers or booleans, or lists of them: those come once for each
// element. What is nested deeper stays in the event's content only.
func (o object) simpleFields() []Field {
	if o.node == nil {
		return nil
	}
	var fields []Field
	for i := range o.node.children {
		c := &o.node.children[i]
		values := []node{*c}
		if c.shape == shapeList {
			values = c.children
		}
		for _, v := range values {
			if text, ok := simple(&v); ok {
				fields = append(fields, Field{Name: localName(c.name), Value: text})
			}
		}
	}
	return fields
}

// simple is the text of a simple value; JSON-LD may write it as an object with @value.
func simple(n *node) (text string, ok bool) {
	if v := n.field("@value"); v != nil {
		n = v
	}
	switch n.shape {
	case shapeText, shapeNumber, shapeBoolean:
		return n.text, true
	case shapeNull, shapeList, shapeObject:
	}
	return "", false
}
