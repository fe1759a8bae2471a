package graph

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types of an answer. With the first a status says what became of the request; the second is older, and there HTTP
// 200 also holds a refusal (GraphQL over HTTP, 6.4).
const (
	graphQLResponse = "application/graphql-response+json"
	plainJSON       = "application/json"
)

// negotiate is the media type that a client wants, "" where it accepts none of them. Who says nothing gets plain JSON.
func negotiate(h http.Header) string {
	accept := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return plainJSON
	}
	best, quality := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil || parameters["charset"] != "" && !strings.EqualFold(parameters["charset"], "utf-8") {
			continue
		}
		q := 1.0
		if text, ok := parameters["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		switch media {
		case graphQLResponse:
		case plainJSON, "*/*", "application/*":
			media = plainJSON
		default:
			continue
		}
		if q > quality {
			best, quality = media, q
		}
	}
	return best
}
