package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/internal/fault"
)

// Documents are those that a server answers, where it answers no others: the text of each by its SHA-256 in hexadecimal
// digits. What a stranger wrote is then never parsed.
type Documents map[string]string

// ReadDocuments reads a JSON object of texts by their SHA-256, such as graphql-codegen's persisted-documents.json.
func ReadDocuments(text []byte) (Documents, error) {
	var documents Documents
	if err := json.Unmarshal(text, &documents); err != nil {
		return nil, fault.BadInput("", "no JSON object of documents by their SHA-256: %v", err)
	}
	if len(documents) == 0 {
		return nil, fault.BadInput("", "no document is in it")
	}
	for hash, document := range documents {
		if sum := sha256.Sum256([]byte(document)); hex.EncodeToString(sum[:]) != hash {
			return nil, fault.BadInput("", "%q is not the SHA-256 of its document, which is %x", hash, sum)
		}
	}
	return documents, nil
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
