package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/identity"
	"flowviz/internal/rate"
)

func guarded(t *testing.T, edge graph.Edge) http.Handler {
	t.Helper()
	h, err := graph.NewHandler(newResolver(dbtest.New(t, nil)), edge, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return edge.CountRequests(h)
}

// TestIntrospection: what GraphiQL asks of the schema is answered to the least of those who are signed in.
func TestIntrospection(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("testdata/documents/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	status, answer, _ := askAs(t, guarded(t, graph.Edge{}), &identity.Actor{UserID: newID()}, string(document), nil)
	if status != http.StatusOK || !strings.Contains(string(answer), `"name":"MassBalance"`) || strings.Contains(string(answer), `"errors"`) {
		t.Errorf("%d %.500s", status, answer)
	}
}

func TestIntrospectionOff(t *testing.T) {
	t.Parallel()
	h := guarded(t, graph.Edge{NoIntrospection: true})
	for query, want := range map[string]string{
		`{ __schema { types { name } } }`:                    `"path":["__schema"]`,
		`{ sites { code } t: __type(name: "Lot") { name } }`: `"path":["t"]`,
		`{ sites { __typename } }`:                           `{"data":{"sites":[]}}`,
	} {
		if _, answer, _ := ask(t, h, query, nil); !strings.Contains(string(answer), want) {
			t.Errorf("%s: %s; want %s", query, answer, want)
		}
	}
}

// TestSuggestions: names are suggested to those who may ask for them all.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	open, closed := guarded(t, graph.Edge{}), guarded(t, graph.Edge{NoIntrospection: true})
	for query, suggestion := range map[string]string{
		`{ site { code } }`:                                               `Did you mean \"sites\"`,
		`{ sites }`:                                                       `Did you mean \"sites { ... }\"?`,
		`{ node(id: 1) { code } }`:                                        `Did you mean to use an inline fragment on`,
		`{ lots(frist: 1) { totalCount } }`:                               `Did you mean \"first\"`,
		`{ lots(filter: {stat: HOLD}) { totalCount } }`:                   `Did you mean \"status\"?`,
		`{ lots(filter: {status: [HELD]}) { totalCount } }`:               `Did you mean the enum value \"HOLD\"`,
		`{ lots(filter: {status: ["HOLD"]}) { totalCount } }`:             `Did you mean the enum value \"HOLD\"`,
		`{ ...F } fragment F on Sites { code }`:                           `Did you mean \"Site\"`,
		`mutation { login(input: {email: "a", passwort: "b"}) { user } }`: `Did you mean \"password\"?`,
	} {
		for name, c := range map[string]struct {
			h      http.Handler
			as     *identity.Actor
			helped bool
		}{
			"somebody":                        {open, actor(t, db.RoleVIEWER), true},
			"nobody":                          {open, nil, false},
			"somebody, without introspection": {closed, actor(t, db.RoleADMIN), false},
		} {
			_, answer, _ := askAs(t, c.h, c.as, query, nil)
			if text := string(answer); strings.Contains(text, suggestion) != c.helped || strings.Contains(text, "Did you mean") != c.helped || !strings.Contains(text, `"BAD_USER_INPUT"`) {
				t.Errorf("%s, %s: %s", name, query, answer)
			}
		}
	}
}

// TestTrustedDocuments: a server that has a list answers what is in it, and parses nothing else.
func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	const document = `query ($n: Int) { sites { code } lots(first: $n) { totalCount } }`
	sum := sha256.Sum256([]byte(document))
	hash := hex.EncodeToString(sum[:])
	list, err := json.Marshal(map[string]string{hash: document})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := graph.ReadDocuments(list)
	if err != nil {
		t.Fatal(err)
	}
	trusting, open := guarded(t, graph.Edge{Documents: documents}), guarded(t, graph.Edge{})
	const good = `{"data":{"sites":[],"lots":{"totalCount":0}}}`
	for name, tc := range map[string]struct {
		h      http.Handler
		body   string
		status int
		says   string
	}{
		"by documentId":         {trusting, `{"documentId":"` + hash + `","variables":{"n":1}}`, http.StatusOK, good},
		"with its algorithm":    {trusting, `{"documentId":"sha256:` + hash + `"}`, http.StatusOK, good},
		"as older clients do":   {trusting, `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`, http.StatusOK, good},
		"free text":             {trusting, `{"query":"{sites{code}}"}`, http.StatusBadRequest, "FORBIDDEN"},
		"another text":          {trusting, `{"query":"{sites{code}}","documentId":"` + hash + `"}`, http.StatusBadRequest, "BAD_USER_INPUT"},
		"an unknown document":   {trusting, `{"documentId":"` + strings.Repeat("0", 64) + `"}`, http.StatusBadRequest, "NOT_FOUND"},
		"nothing":               {trusting, `{}`, http.StatusBadRequest, "FORBIDDEN"},
		"a hash without a list": {open, `{"documentId":"` + hash + `"}`, http.StatusBadRequest, "NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := send(t, tc.h, actor(t, db.RoleVIEWER), tc.body)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.says) {
				t.Errorf("%d %s; want %d %s", w.Code, w.Body, tc.status, tc.says)
			}
		})
	}
	for _, bad := range []string{`[]`, `{}`, `{"` + hash + `":"{sites{code}}"}`} {
		if _, err := graph.ReadDocuments([]byte(bad)); err == nil {
			t.Errorf("%s is taken for a list of documents", bad)
		}
	}
}

// TestBadDocuments: a document that each request for it would be refused for is named at the start, with all others like it.
func TestBadDocuments(t *testing.T) {
	t.Parallel()
	list, hashes := map[string]string{}, map[string]string{}
	for document, says := range map[string]string{
		`query Good { sites { code } }`:                                  "",
		`mutation M($i: LoginInput!) { login(input: $i) { expiresAt } }`: "",
		"query Gone {\n  sites { nickname }\n}":                          `query Gone, line 2, column 11: Cannot query field "nickname" on type "Site". Did you mean "name"?`,
		`query Unused($n: Int) { sites { code } }`:                       `query Unused, line 1, column 14: Variable "$n" is never used in operation "Unused".`,
		`query Literal { lots(filter: {status: GONE}) { totalCount } }`:  `query Literal, line 1, column 39: Value "GONE" does not exist in "[LotStatus!]" enum.`,
		`{ sites { code }`:            `line 1, column 17: Expected Name, found <EOF>`,
		`fragment F on Site { code }`: `there is no operation in it`,
		``:                            `there is no operation in it`,
		`query Long { ` + strings.Repeat("a", 101) + ` }`:                                                    `the document has a name of 101 letters, and it may have 100`,
		`query Deep { sites` + strings.Repeat("{ x", 17) + strings.Repeat("}", 17) + ` }`:                    `query Deep, the document has 18 selections in each other, and may have 16`,
		`mutation Guess { login(input: {email: "a", password: "b"}) { expiresAt } b: logout { loggedOut } }`: `mutation Guess, login stands alone in its operation, and here are 2 fields`,
	} {
		sum := sha256.Sum256([]byte(document))
		hash := hex.EncodeToString(sum[:])
		list[hash] = document
		if says != "" {
			hashes[hash] = says
		}
	}
	encoded, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, hash := range slices.Sorted(maps.Keys(hashes)) {
		want = append(want, "document "+hash+": "+hashes[hash])
	}
	_, err = graph.ReadDocuments(encoded)
	if err == nil {
		t.Fatal("bad documents are taken")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("what is said (-want +got):\n%s", diff)
	}
}

func send(t *testing.T, h http.Handler, as *identity.Actor, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(identity.WithActor(t.Context(), as), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestRates: who asks for too much in too short a time waits; others don't.
func TestRates(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	h := guarded(t, graph.Edge{
		Requests: rate.New(rate.Limit{Burst: 5, PerSecond: 1}, func() time.Time { return now }),
		Costs:    rate.New(rate.Limit{Burst: 100, PerSecond: 10}, func() time.Time { return now }),
	})
	one, other := actor(t, db.RoleVIEWER), actor(t, db.RoleVIEWER)
	const costs61, costs11 = `{"query":"{ lots(first: 60) { nodes { code } } }"}`, `{"query":"{ sites { code } node(id: \"CAAAAAEBkAAAAABwAIAAAAAAAACq\") { id } }"}`
	for i, step := range []struct {
		after  time.Duration
		as     *identity.Actor
		body   string
		status int
		says   string
		wait   string
	}{
		{0, one, costs61, http.StatusOK, `"data"`, ""},
		{0, one, costs61, http.StatusTooManyRequests, `"code":"RATE_LIMITED","cost":61,"limit":"cost","perSecond":10,"retryAfter":3,"value":100`, "3"},
		{0, one, costs11, http.StatusOK, `"data"`, ""},
		{0, other, costs61, http.StatusOK, `"data"`, ""},
		{0, other, costs11, http.StatusOK, `"data"`, ""},
		{0, other, costs11, http.StatusTooManyRequests, `"limit":"requests"`, "1"},
		{4 * time.Second, one, costs61, http.StatusOK, `"data"`, ""},
	} {
		now = now.Add(step.after)
		w := send(t, h, step.as, step.body)
		if w.Code != step.status || !strings.Contains(w.Body.String(), step.says) || w.Header().Get("Retry-After") != step.wait {
			t.Errorf("step %d: %d, waits %q: %s; want %d, %q: %s", i, w.Code, w.Header().Get("Retry-After"), w.Body, step.status, step.wait, step.says)
		}
	}
}
