package db

import "strings"

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// EscapeLike makes a text stand for itself in a LIKE pattern.
func EscapeLike(s string) string { return likeEscaper.Replace(s) }

// Texts passes enum values as text; nil for an empty list, which asks for nothing.
func Texts[T ~string](values []T) []string {
	if len(values) == 0 {
		return nil
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// OrZero is what an array, which has no nulls, holds for one: the zero value. The statement makes a null of it again.
func OrZero[T any](value *T) (v T) {
	if value != nil {
		v = *value
	}
	return v
}
