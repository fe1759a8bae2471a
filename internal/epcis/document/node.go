package document

// shape is what a node is.
type shape uint8

const (
	shapeNull shape = iota
	shapeText
	shapeNumber
	shapeBoolean
	shapeList
	shapeObject
)

// String names the shape for a message.
func (s shape) String() string {
	return [...]string{"null", "a text", "a number", "true or false", "a list", "an object"}[s]
}

// node is one value of a document. JSON gives them as they are, XML is brought into the same form, so that events are read, checked
// and reported by one and the same code.
//
// It is kept small (72 bytes), because a document may hold millions of them: see maxValues.
type node struct {
	name       string // of a field in its object
	text       string // of a text, a number (its literal) or a boolean
	children   []node // of a list its elements, of an object its fields, in the document's order
	line       int32
	start, end int32 // of an object in JSON: the bytes that it takes up
	shape      shape
}

// field finds the field of an object; nil where it is absent or null, which mean the same in EPCIS.
func (n *node) field(name string) *node {
	if n == nil || n.shape != shapeObject {
		return nil
	}
	for i := range n.children {
		if c := &n.children[i]; c.name == name {
			if c.shape == shapeNull {
				return nil
			}
			return c
		}
	}
	return nil
}

// lineCounter turns offsets into line numbers. It counts on from the last offset asked for, so that a whole walk costs one pass.
type lineCounter struct {
	data   []byte
	offset int
	line   int
}

func newLineCounter(data []byte) *lineCounter { return &lineCounter{data: data, line: 1} }

// at returns the line of an offset, which must not be less than the one before.
func (l *lineCounter) at(offset int) int {
	for ; l.offset < offset; l.offset++ {
		if l.data[l.offset] == '\n' {
			l.line++
		}
	}
	return l.line
}
