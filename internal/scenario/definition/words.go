package definition

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// message says in a person's words what the schema finds wrong with one value.
func (s shape) message(err *jsonschema.ValidationError) string {
	switch k := err.ErrorKind.(type) {
	case *kind.Type:
		if k.Got == "number" && slices.Contains(k.Want, "integer") {
			return "must be a whole number"
		}
		return fmt.Sprintf("must be %s, not %s", typeNames(k.Want), typeNames([]string{k.Got}))
	case *kind.Pattern:
		return fmt.Sprintf("must be %s, not %s", s.description(fragment(err.SchemaURL)), short(k.Got))
	case *kind.Enum:
		return fmt.Sprintf("must be one of %s, not %s", listing(k.Want), word(k.Got))
	case *kind.Const:
		return fmt.Sprintf("must be %v, not %s", k.Want, word(k.Got))
	case *kind.Minimum:
		return fmt.Sprintf("must be at least %s, not %s", exact(k.Want), exact(k.Got))
	case *kind.Maximum:
		return fmt.Sprintf("must be at most %s, not %s", exact(k.Want), exact(k.Got))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("must be more than %s, not %s", exact(k.Want), exact(k.Got))
	case *kind.MaxLength:
		return fmt.Sprintf("must have at most %d characters, not %d", k.Want, k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %d, not %d", k.Want, k.Got)
	case *kind.MinProperties:
		return "empty: say when the check is due"
	default:
		return fmt.Sprintf("does not fit the format (%s)", strings.Join(k.KeywordPath(), "/"))
	}
}

var typeWords = map[string]string{
	"object":  "an object",
	"array":   "a list",
	"string":  "a text",
	"number":  "a number",
	"integer": "a whole number",
	"boolean": "true or false",
	"null":    "null",
}

func typeNames(types []string) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = typeWords[t]
	}
	return strings.Join(names, " or ")
}

// word writes a value as the document has it.
func word(value any) string {
	switch value := value.(type) {
	case string:
		return short(value)
	case map[string]any:
		return typeWords["object"]
	case []any:
		return typeWords["array"]
	case nil:
		return typeWords["null"]
	}
	return cut(fmt.Sprint(value))
}

func listing(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

// exact writes a number that came from a decimal.
func exact(r *big.Rat) string {
	decimals, _ := r.FloatPrec()
	return r.FloatString(decimals)
}
