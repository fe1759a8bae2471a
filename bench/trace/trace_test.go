package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/bench/lab"
	"flowviz/internal/dataset"
)

// stub is a subject that a handler of the test answers for.
func stub(t *testing.T, name string, handler http.HandlerFunc) subject {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s := subject{name: name, request: rawRequest, process: lab.Self(server.Listener.Addr().String())}
	switch name {
	case apiName:
		s.request = apiRequest("token")
	case postgraphileName:
		s.request = postgraphileRequest
	}
	return s
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func questionOf(t *testing.T, name string) question {
	t.Helper()
	for _, q := range questions() {
		if q.name == name {
			return q
		}
	}
	t.Fatalf("nobody asks for %s", name)
	return question{}
}

func TestSameAnswers(t *testing.T) {
	t.Parallel()
	const (
		api  = `{"data":{"lot":{"ancestors":{"nodes":[{"id":"x","code":"B","weightKg":"2.000","temperatureC":null,"lotType":{"code":"MIX"}},{"id":"y","code":"A","weightKg":"1.000","temperatureC":"3.50","lotType":{"code":"RAW"}}]}}}}`
		pgl  = `{"data":{"lotOf":{"ancestors":{"nodes":[{"id":"x","code":"A","weightKg":"1.000","temperatureC":"3.50","lotType":"RAW"},{"id":"y","code":"B","weightKg":"2.000","temperatureC":null,"lotType":"MIX"}]}}}}`
		rawA = `{"id":"1","code":"A","lotType":"RAW","weightKg":"1.000","temperatureC":"3.50"}`
		rawB = `{"id":"2","code":"B","lotType":"MIX","weightKg":"2.000","temperatureC":null}`
		same = "[" + rawA + "," + rawB + "]"
	)
	for _, test := range []struct{ name, question, api, raw, postgraphile, want string }{
		{"same, in another order", "ancestors", api, same, pgl, ""},
		{"another weight", "ancestors", api, "[" + rawA + "," + strings.Replace(rawB, "2.000", "2.001", 1) + "]", pgl, "raw gives \"B MIX 2.001"},
		{"another type", "ancestors", api, same, strings.Replace(pgl, "MIX", "RAW", 1), "PostGraphile gives \"B RAW"},
		{"one is missing", "ancestors", api, "[" + rawA + "]", pgl, "raw gives \"nothing more"},
		{"both lack one", "ancestors", strings.Replace(api, `{"id":"x","code":"B","weightKg":"2.000","temperatureC":null,"lotType":{"code":"MIX"}},`, "", 1), "[" + rawA + "]", pgl, "API gives 1 ancestors of LOT, there are 2"},
		{"errors", "ancestors", `{"data":null,"errors":[{"message":"more than 5000"}]}`, "[]", pgl, "more than 5000"},
		{"unknown lot", "ancestors", `{"data":{"lot":null}}`, "[]", pgl, "isn't known"},
		{"no id", "ancestors", strings.Replace(api, `"id":"x",`, "", 1), "[]", pgl, "without an id"},
		{
			"same genealogy", "genealogy",
			`{"data":{"lot":{"genealogy":{"nodes":[{"lot":{"id":"1","code":"A","weightKg":"1.000","temperatureC":"3.50","lotType":{"code":"RAW"}}}],"links":[{"child":"1","parent":"2"}]}}}}`,
			`{"links":[{"child":"1","parent":"2"}],"lots":[` + rawA + `]}`,
			`{"data":{"lotOf":{"id":"1","code":"A","weightKg":"1.000","temperatureC":"3.50","lotType":"RAW","ancestors":{"nodes":[]},"links":{"nodes":[{"child":"1","parent":"2"}]}}}}`, "",
		},
		{
			"a link is missing", "genealogy",
			`{"data":{"lot":{"genealogy":{"nodes":[{"lot":{"id":"1","code":"A","weightKg":"1.000","temperatureC":"3.50","lotType":{"code":"RAW"}}}],"links":[]}}}}`,
			`{"links":[{"child":"1","parent":"2"}],"lots":[` + rawA + `]}`, "", `raw gives "1 links"`,
		},
		{
			"same parents", "parents", `{"data":{"lot":{"parents":[{"lot":{"code":"A","parents":[{"lot":{"code":"B"}}]}}]}}}`,
			`[{"code":"A","parents":[{"code":"B","parents":null}]}]`,
			`{"data":{"lotOf":{"parents":{"nodes":[{"code":"A","parents":{"nodes":[{"code":"B"}]}}]}}}}`, "",
		},
		{"another parent", "parents", `{"data":{"lot":{"parents":[{"lot":{"code":"A","parents":[{"lot":{"code":"B"}}]}}]}}}`, `[{"code":"A","parents":[{"code":"C","parents":null}]}]`, "", "differ"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			subjects := []subject{stub(t, apiName, body(test.api)), stub(t, rawName, body(test.raw)), stub(t, postgraphileName, body(test.postgraphile))}
			err := sameAnswers(t.Context(), lab.NewClient(1), subjects, questionOf(t, test.question), []lot{{code: "LOT", id: "1", kin: 2}})
			wantError(t, err, test.want)
		})
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := stub(t, rawName, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, r.URL.Query().Get("lot"))
	})
	b := bench{client: lab.NewClient(3), clients: 3, postmaster: os.Getpid()}
	m, err := b.measure(t.Context(), s, group{lots: []lot{{id: "1"}, {id: "22", code: "B"}}}, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(len(m.latencies)); n != asked.Load() || m.bytes < n || m.bytes > 2*n || m.took < 20*time.Millisecond {
		t.Errorf("measured %d requests, %d bytes in %v; the server saw %d", n, m.bytes, m.took, asked.Load())
	}
}

func TestMeasureFails(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"status", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "too much", http.StatusTeapot) }, "too much"},
		{"another length", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", int(asked.Add(1))))
		}, "2 bytes, and with 1 before"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := bench{client: lab.NewClient(1), clients: 1, postmaster: os.Getpid()}
			_, err := b.measure(t.Context(), stub(t, rawName, test.handler), group{lots: []lot{{}}}, time.Hour)
			wantError(t, err, test.want)
		})
	}
}

// exampleResult has two rounds of two requests.
func exampleResult() Result {
	round := func(took, latency time.Duration) measurement {
		return measurement{took: took, latencies: []time.Duration{latency, latency}, bytes: 2048, server: 4 * time.Millisecond, postgres: 2 * time.Millisecond}
	}
	g := group{question: question{name: "ancestors"}, name: "about 90", overRaw: 1, lots: []lot{{kin: 88}, {kin: 92}}}
	api := []measurement{round(time.Second, time.Millisecond), round(2*time.Second, 3*time.Millisecond)}
	raw := []measurement{round(time.Second, time.Millisecond), round(time.Second, time.Millisecond)}
	return Result{
		Date: "2025-01-31", Dataset: dataset.Report{Lots: 1000}, Clients: 4, Rounds: 2, SecondsEach: 1,
		Sizes:  []Size{newSize(g, []subject{{name: apiName}, {name: rawName}}, [][]measurement{api, raw})},
		Starts: []Start{{Name: "`demo`", LimitSeconds: 10, Seconds: []float64{4, 5}, MedianSeconds: 4.5}},
	}
}

func TestNewSize(t *testing.T) {
	t.Parallel()
	want := Size{
		Question: "ancestors", Name: "about 90", Lots: 2,
		API: Figures{Subject: apiName, RequestsPerSecond: 1.5, P50: 1, P99: 3, ServerCPU: 2, PostgresCPU: 1, BytesPerResponse: 1024},
		Others: []Other{{
			Figures: Figures{Subject: rawName, RequestsPerSecond: 2, P50: 1, P99: 1, ServerCPU: 2, PostgresCPU: 1, BytesPerResponse: 1024},
			Ratio:   0.75, RatioMin: 0.5, RatioMax: 1, Promised: 1,
		}},
	}
	if diff := cmp.Diff(want, exampleResult().Sizes[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	table := exampleResult().table()
	for _, want := range []string{"| ancestors | about 90 | API | 1.5 ", "| 0.75 (0.50–1.00) | ≥ 1 ", "| `demo` ", "| 4.50 ", "| ≤ 10 "} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	picture := exampleResult().picture()
	if err := xml.Unmarshal([]byte(picture), new(struct{ XMLName xml.Name })); err != nil {
		t.Errorf("%v in\n%s", err, picture)
	}
	if !strings.Contains(picture, ">0.75<") {
		t.Errorf("the ratio isn't written in\n%s", picture)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	if _, err := (database{}).groups(context.Background()); err == nil {
		t.Error("a data set without samples is accepted")
	}
}

// wantError checks that err says what is wanted; "" for no error.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("error %v", err)
	case want != "" && !strings.Contains(fmt.Sprint(err), want):
		t.Errorf("error %v, want %q", err, want)
	}
}
