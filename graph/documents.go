package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"flowviz/graph/generated"
	"flowviz/internal/fault"
)

// Documents are those that a server answers, where it answers no others: the text of each by its SHA-256 in hexadecimal
// digits. What a stranger wrote is then never parsed.
type Documents map[string]string

// ReadDocuments reads a JSON object of texts by their SHA-256, such as graphql-codegen's persisted-documents.json. Each must be one
// that the schema of this server answers: a client's that it doesn't fit isn't to find out at work. All that aren't are named.
func ReadDocuments(text []byte) (Documents, error) {
	var documents Documents
	if err := json.Unmarshal(text, &documents); err != nil {
		return nil, fault.BadInput("", "no JSON object of documents by their SHA-256: %v", err)
	}
	if len(documents) == 0 {
		return nil, fault.BadInput("", "no document is in it")
	}
	var faults fault.List
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for _, hash := range slices.Sorted(maps.Keys(documents)) {
		if sum := sha256.Sum256([]byte(documents[hash])); hex.EncodeToString(sum[:]) != hash {
			faults = append(faults, fault.BadInput("", "%q is not the SHA-256 of its document, which is %x", hash, sum))
		} else if err := checkTrusted(schema, documents[hash]); err != nil {
			faults = append(faults, fault.BadInput("", "document %s: %s", hash, err))
		}
	}
	return documents, faults.Err()
}

// checkTrusted refuses a document that each request for it would be refused for.
func checkTrusted(schema *ast.Schema, document string) error {
	if err := checkTokens(document); err != nil {
		return located("", err)
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		return located("", err)
	}
	if len(doc.Operations) == 0 {
		return errors.New("there is no operation in it")
	}
	name := strings.TrimSpace(string(doc.Operations[0].Operation) + " " + doc.Operations[0].Name)
	if err := checkDocument(doc); err != nil {
		return located(name, err)
	}
	if errs := validator.ValidateWithRules(schema, doc, rules.NewDefaultRules()); len(errs) > 0 {
		return located(name, errs[0])
	}
	return nil
}

// located says for a person what is wrong with an operation, and where.
func located(operation string, err error) error {
	if operation != "" {
		operation += ", "
	}
	if f := fault.Of(err); f != nil { // a limit, which is of the whole
		return fmt.Errorf("%s%s", operation, f.Message)
	}
	given, ok := errors.AsType[*gqlerror.Error](err)
	if !ok || len(given.Locations) == 0 {
		return fmt.Errorf("%s%w", operation, err)
	}
	return fmt.Errorf("%sline %d, column %d: %s", operation, given.Locations[0].Line, given.Locations[0].Column, given.Message)
}

// find puts the document into a request that names it: by documentId, as GraphQL over HTTP has it, or by
// extensions.persistedQuery.sha256Hash, as older clients have it.
func (d Documents) find(params *graphql.RawParams, id string) *refusal {
	hash := strings.TrimPrefix(id, "sha256:")
	if persisted, ok := params.Extensions["persistedQuery"].(map[string]any); ok && hash == "" {
		hash, _ = persisted["sha256Hash"].(string)
	}
	switch {
	case d == nil && params.Query != "":
		return nil
	case d == nil && hash != "":
		return &refusal{http.StatusBadRequest, fault.NotFound, "this server knows no documents by their hash: send the query", nil}
	case d == nil:
		return badRequest(`the body has no "query"`)
	case hash == "":
		return &refusal{http.StatusBadRequest, fault.Forbidden, "this server answers the documents that it knows alone: send the documentId of one", nil}
	}
	document, ok := d[hash]
	if !ok {
		return &refusal{http.StatusBadRequest, fault.NotFound, "this server doesn't know the document of this hash", nil}
	}
	if params.Query != "" && params.Query != document {
		return badRequest("the query is not the document of this hash: leave it out")
	}
	params.Query = document
	return nil
}
