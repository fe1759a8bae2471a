package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"flowviz/db"
	"flowviz/graph"
)

// TestTrustedDocumentsOnStreams: where documents are trusted, no transport takes another one.
func TestTrustedDocumentsOnStreams(t *testing.T) {
	t.Parallel()
	const query = `{ sites { code } }`
	trusted := graph.Documents{sha(query): query, sha(listening): listening}
	tw := newTower(t, db.RoleVIEWER)
	tw.url = serveLive(t, tw.app, graph.Edge{Documents: trusted}).URL
	tw.tell(t, 1)
	for transport, ask := range map[string]func(id string, params map[string]any) string{
		"events by POST": tw.askEvents(t, http.MethodPost), "events by GET": tw.askEvents(t, http.MethodGet),
		"shared stream": tw.askShared(t), "websocket": tw.askSocket(t),
	} {
		n := 0
		for name, tc := range map[string]struct {
			params map[string]any
			says   string
		}{
			"a query by its hash":        {map[string]any{"documentId": sha(query)}, `"data":{"sites":[{"code":"DUNA"}]}`},
			"as older clients do":        {map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"sha256Hash": sha(query)}}}, `"data":{"sites":[{"code":"DUNA"}]}`},
			"a subscription by its hash": {map[string]any{"documentId": sha(listening), "variables": map[string]any{"after": beginning}}, `"data":{"events":{"cursor":`},
			"free text":                  {map[string]any{"query": `{ partners { totalCount } }`}, `"FORBIDDEN"`},
			"a trusted one's text":       {map[string]any{"query": query}, `"FORBIDDEN"`},
			"a free subscription":        {map[string]any{"query": `subscription { qcEvents { type } }`}, `"FORBIDDEN"`},
			"another text":               {map[string]any{"query": `{ partners { totalCount } }`, "documentId": sha(query)}, `"BAD_USER_INPUT"`},
			"an unknown document":        {map[string]any{"documentId": sha("x")}, `"NOT_FOUND"`},
		} {
			n++
			if heard := ask(fmt.Sprint(n), tc.params); !strings.Contains(heard, tc.says) {
				t.Errorf("%s, %s: %s; want %s", transport, name, heard, tc.says)
			}
		}
	}
}

func sha(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

func encoded(t *testing.T, members map[string]any) string {
	t.Helper()
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answered is the first that comes: of a stream its first event, else the whole body.
func answered(t *testing.T, w *http.Response) string {
	t.Helper()
	defer w.Body.Close()
	if strings.HasPrefix(w.Header.Get("Content-Type"), "text/event-stream") {
		_, data := newStream(w.Body).next(t)
		return data
	}
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func (tw *tower) askEvents(t *testing.T, method string) func(id string, params map[string]any) string {
	t.Helper()
	return func(_ string, params map[string]any) string {
		t.Helper()
		address, body := tw.url, ""
		if method == http.MethodPost {
			body = encoded(t, params)
		} else {
			query := url.Values{}
			for name, value := range params {
				if text, ok := value.(string); ok {
					query.Set(name, text)
				} else {
					query.Set(name, encoded(t, value.(map[string]any)))
				}
			}
			address += "?" + query.Encode()
		}
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"Accept": "text/event-stream", "Content-Type": "application/json", "Authorization": "Bearer " + tw.token} {
			r.Header.Set(name, value)
		}
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return answered(t, w)
	}
}

func (tw *tower) askShared(t *testing.T) func(id string, params map[string]any) string {
	t.Helper()
	ticket := tw.reserve(t)
	events := newStream(tw.request(t, t.Context(), http.MethodGet, "?token="+ticket, "", "", "").Body)
	return func(id string, params map[string]any) string {
		t.Helper()
		extensions := map[string]any{"operationId": id}
		if given, ok := params["extensions"].(map[string]any); ok {
			extensions["persistedQuery"] = given["persistedQuery"]
		}
		sent := map[string]any{"extensions": extensions}
		for _, name := range []string{"query", "documentId", "variables"} {
			if value, ok := params[name]; ok {
				sent[name] = value
			}
		}
		w := tw.request(t, t.Context(), http.MethodPost, "", ticket, tw.token, encoded(t, sent))
		if w.StatusCode != http.StatusAccepted {
			return answered(t, w)
		}
		for {
			if _, data := events.next(t); strings.HasPrefix(data, `{"id":"`+id+`","payload"`) {
				return data
			}
		}
	}
}

func (tw *tower) askSocket(t *testing.T) func(id string, params map[string]any) string {
	t.Helper()
	c := tw.enter(t)
	return func(id string, params map[string]any) string {
		t.Helper()
		c.say(encoded(t, map[string]any{"id": id, "type": "subscribe", "payload": params}))
		for {
			if heard := c.hear(); strings.HasPrefix(heard, `{"id":"`+id+`"`) || !strings.HasPrefix(heard, "{") {
				return heard
			}
		}
	}
}
