// Package model holds the scalars' reading and writing, and the inputs and payloads that gqlgen makes of the schema. The
// types that mean something live in internal/<noun>.
package model

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

// MarshalDateTime writes an instant in UTC.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = w.Write(relay.AppendDateTime(make([]byte, 0, 32), t)) // a response that can't be written has no reader
	})
}

// UnmarshalDateTime reads an RFC 3339 instant of any zone.
func UnmarshalDateTime(v any) (time.Time, error) { return relay.ParseDateTime(v) }

// MarshalString writes a text.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString reads a text. PostgreSQL stores no U+0000, and nobody types it.
func UnmarshalString(v any) (string, error) {
	s, err := graphql.UnmarshalString(v)
	if err == nil && strings.ContainsRune(s, 0) {
		return "", fault.BadInput("", "a text can't hold the character U+0000")
	}
	return s, err
}

// MarshalJSON writes a stored JSON value as it is.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = w.Write(raw) // a response that can't be written has no reader
	})
}

// UnmarshalJSON takes any JSON value.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode a JSON argument: %w", err)
	}
	return raw, nil
}
