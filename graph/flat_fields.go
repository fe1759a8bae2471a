package graph

import (
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
)

// appender writes one field's value.
type appender[T any] func(b []byte, row T) []byte

// maker makes the appender of a field; nil where its own selection needs more than columns.
type maker[T any] func(oc *graphql.OperationContext, field graphql.CollectedField) appender[T]

// fields are those of one selection: what stands before each value, and how the value is written.
type fields[T any] []struct {
	prefix string // `"alias":`, after a comma but for the first
	value  appender[T]
}

func (f fields[T]) append(b []byte, row T) []byte {
	b = append(b, '{')
	for i := range f {
		b = append(b, f[i].prefix...)
		b = f[i].value(b, row)
	}
	return append(b, '}')
}

// compile turns a selection into fields; false where one of them is not among those known.
func compile[T any](oc *graphql.OperationContext, of graphql.CollectedField, typeName string, known map[string]maker[T]) (fields[T], bool) {
	selected := graphql.CollectFields(oc, of.Selections, []string{typeName, "Node"})
	out := make(fields[T], 0, len(selected))
	for i, field := range selected {
		value := appender[T](nil)
		if field.Name == "__typename" {
			value = constant[T](typeName)
		} else if maker, ok := known[field.Name]; ok {
			value = maker(oc, field)
		}
		if value == nil {
			return nil, false
		}
		prefix := `"` + field.Alias + `":` // a GraphQL name has nothing to escape
		if i > 0 {
			prefix = "," + prefix
		}
		out = append(out, struct {
			prefix string
			value  appender[T]
		}{prefix, value})
	}
	return out, true
}

// lotFields are the fields of a lot that flat lists have.
var lotFields = map[string]maker[*lot.Row]{
	"id": column(func(b []byte, l *lot.Row) []byte {
		return appendID(b, relay.ID{Kind: relay.Lot, Site: l.SiteID, UUID: l.ID})
	}),
	"code": column(func(b []byte, l *lot.Row) []byte { return appendText(b, l.Code) }),
	"status": column(func(b []byte, l *lot.Row) []byte {
		return appendString(b, string(lot.StatusOf(string(l.Status), l.Held)))
	}),
	"weightKg":     column(func(b []byte, l *lot.Row) []byte { return appendDecimal(b, l.WeightKg, l.HasWeight) }),
	"temperatureC": column(func(b []byte, l *lot.Row) []byte { return appendDecimal(b, l.TemperatureC, l.HasTemp) }),
	"occurredAt":   column(func(b []byte, l *lot.Row) []byte { return appendTime(b, l.OccurredAt) }),
	"held":         column(func(b []byte, l *lot.Row) []byte { return strconv.AppendBool(b, l.Held) }),
	"lotType": func(oc *graphql.OperationContext, field graphql.CollectedField) appender[*lot.Row] {
		inner, ok := compile(oc, field, "LotType", lotTypeFields)
		if !ok {
			return nil
		}
		return func(b []byte, l *lot.Row) []byte { return inner.append(b, l) }
	},
}

// lotTypeFields are the fields of a lot's type that flat lists have.
var lotTypeFields = map[string]maker[*lot.Row]{
	"code": column(func(b []byte, l *lot.Row) []byte { return appendText(b, l.LotType) }),
}

// edgeFields are the fields of an edge that flat lists have.
var edgeFields = map[string]maker[*edgeRow]{
	"cursor": column(func(b []byte, e *edgeRow) []byte { return appendString(b, string(e.edge.Cursor())) }),
	"depth":  column(func(b []byte, e *edgeRow) []byte { return strconv.AppendInt(b, int64(e.edge.Depth()), 10) }),
	"node": func(oc *graphql.OperationContext, field graphql.CollectedField) appender[*edgeRow] {
		inner, ok := compile(oc, field, "Lot", lotFields)
		if !ok {
			return nil
		}
		return func(b []byte, e *edgeRow) []byte { return inner.append(b, e.lot) }
	},
}

// column is a field without arguments or a selection of its own.
func column[T any](value appender[T]) maker[T] {
	return func(*graphql.OperationContext, graphql.CollectedField) appender[T] { return value }
}

func constant[T any](text string) appender[T] {
	quoted := quote(text)
	return func(b []byte, _ T) []byte { return append(b, quoted...) }
}

func appendID(b []byte, id relay.ID) []byte {
	b = append(b, '"')
	b, _ = id.AppendText(b) // never fails
	return append(b, '"')
}

func appendDecimal(b []byte, d quantity.Decimal, known bool) []byte {
	if !known {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = d.AppendText(b)
	return append(b, '"')
}

func appendTime(b []byte, t time.Time) []byte { return relay.AppendDateTime(b, t) }

func appendString(b []byte, s string) []byte { return appendText(b, []byte(s)) }

// appendText writes a JSON string; codes have nothing to escape, and are copied.
func appendText(b, s []byte) []byte {
	for _, c := range s {
		if c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			return append(b, quote(string(s))...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// quote writes as the library does, so that both ways give the same bytes.
func quote(s string) string {
	var b strings.Builder
	graphql.MarshalString(s).MarshalGQL(&b)
	return b.String()
}
