package document

import (
	"fmt"
	"strings"
)

// Messages that more than one place needs.
const (
	givenTwice    = "given twice, first on line %d: remove one"
	tooDeep       = "nested deeper than %d levels, which no EPCIS document needs"
	tooManyValues = "the document has more than %d values: split it, events need not share a document"
)

// object reads the fields of an object and reports those that are not what they should be. Its node is nil where the object is absent;
// all its fields are absent then.
type object struct {
	node   *node
	path   string // from the event or document to the object; "" for the event or document itself
	faults *faults
}

// fault reports something about the object as a whole.
func (o object) fault(format string, args ...any) {
	o.faults.add(int(o.node.line), o.path, format, args...)
}

// faultAt reports something about a field.
func (o object) faultAt(name, format string, args ...any) {
	line := o.node.line
	if n := o.node.field(name); n != nil {
		line = n.line
	}
	o.faults.add(int(line), join(o.path, name), format, args...)
}

// required is a field that is a text and must be there; "", and said so, where it isn't. want says what belongs there.
func (o object) required(name, want string) string {
	if n := o.node.field(name); n == nil || n.shape == shapeText && strings.TrimSpace(n.text) == "" {
		o.faultAt(name, "missing: want %s", want)
		return ""
	}
	return o.text(name)
}

// text is a field that is a text, without white space around it; "" where it is absent, or is something else, which is said.
func (o object) text(name string) string {
	n := o.node.field(name)
	if n == nil {
		return ""
	}
	if n.shape != shapeText {
		o.faultAt(name, "want a text, not %s", n.shape)
		return ""
	}
	return strings.TrimSpace(n.text)
}

// object is a field that is an object; its node is nil where it is absent.
func (o object) object(name string) object {
	inner := object{path: join(o.path, name), faults: o.faults}
	n := o.node.field(name)
	if n != nil && n.shape != shapeObject {
		o.faultAt(name, "want an object, not %s", n.shape)
		return inner
	}
	inner.node = n
	return inner
}

// list is a field that is a list of objects; none where it is absent.
func (o object) list(name string) []object {
	n := o.node.field(name)
	if n == nil {
		return nil
	}
	if n.shape != shapeList {
		o.faultAt(name, "want a list, not %s", n.shape)
		return nil
	}
	return object{node: n, path: join(o.path, name), faults: o.faults}.elements()
}

// elements are those of a list, all of which must be objects; o stands for the list here.
func (o object) elements() []object {
	all := make([]object, 0, len(o.node.children))
	for i := range o.node.children {
		e := object{node: &o.node.children[i], path: fmt.Sprintf("%s[%d]", o.path, i), faults: o.faults}
		if e.node.shape != shapeObject {
			e.fault("want an object, not %s", e.node.shape)
			continue
		}
		all = append(all, e)
	}
	return all
}

// leaf is one text of a list.
type leaf struct {
	text string // as the document has it
	line int
	path string
}

// texts is a field that is a list of texts; none where it is absent.
func (o object) texts(name string) []leaf {
	n := o.node.field(name)
	if n == nil {
		return nil
	}
	if n.shape != shapeList {
		o.faultAt(name, "want a list, not %s", n.shape)
		return nil
	}
	all := make([]leaf, 0, len(n.children))
	for i := range n.children {
		c := &n.children[i]
		path := fmt.Sprintf("%s[%d]", join(o.path, name), i)
		if c.shape != shapeText {
			o.faults.add(int(c.line), path, "want a text, not %s", c.shape)
			continue
		}
		all = append(all, leaf{c.text, int(c.line), path})
	}
	return all
}
