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
