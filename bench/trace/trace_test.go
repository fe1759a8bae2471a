package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/dataset"
)

// stub is a subject that a handler of the test answers for.
func stub(t *testing.T, name string, handler http.HandlerFunc) subject {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	self := &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}
	s := subject{name: name, request: rawRequest, parse: parseRaw, process: &process{address: server.Listener.Addr().String(), cmd: self}}
	if name == apiName {
		s.request, s.parse = graphqlRequest("token"), parseGraphQL
	}
	return s
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func TestSameRows(t *testing.T) {
	t.Parallel()
	const (
		api  = `{"data":{"lot":{"ancestors":{"nodes":[{"id":"x","code":"B","weightKg":"2.000","temperatureC":null,"lotType":{"code":"MIX"}},{"id":"y","code":"A","weightKg":"1.000","temperatureC":"3.50","lotType":{"code":"RAW"}}]}}}}`
		rawA = `{"id":"1","code":"A","lotType":"RAW","weightKg":"1.000","temperatureC":"3.50"}`
		rawB = `{"id":"2","code":"B","lotType":"MIX","weightKg":"2.000","temperatureC":null}`
	)
	for _, test := range []struct{ name, api, raw, want string }{
		{"same, in another order", api, "[" + rawA + "," + rawB + "]", ""},
		{"another weight", api, "[" + rawA + "," + strings.Replace(rawB, "2.000", "2.001", 1) + "]", "differ"},
		{"one is missing", api, "[" + rawA + "]", "raw gives 1 ancestors of LOT, there are 2"},
		{"errors", `{"data":null,"errors":[{"message":"more than 5000"}]}`, "[]", "more than 5000"},
		{"unknown lot", `{"data":{"lot":null}}`, "[]", "doesn't know the lot"},
		{"no id", strings.Replace(api, `"id":"x",`, "", 1), "[]", "without an id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := sameRows(t.Context(), newClient(1), stub(t, apiName, body(test.api)), stub(t, rawName, body(test.raw)), []lot{{code: "LOT", id: "1", ancestors: 2}})
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
	b := bench{client: newClient(3), clients: 3, postmaster: os.Getpid()}
	m, err := b.measure(t.Context(), s, []lot{{id: "1"}, {id: "22", code: "B"}}, 20*time.Millisecond)
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
			b := bench{client: newClient(1), clients: 1, postmaster: os.Getpid()}
			_, err := b.measure(t.Context(), stub(t, rawName, test.handler), []lot{{}}, time.Hour)
			wantError(t, err, test.want)
		})
	}
}

func TestLaunch(t *testing.T) {
	t.Parallel()
	_, err := launch(t.Context(), "127.0.0.1:1", "/readyz", nil, "sh", "-c", "echo no such thing; exit 3")
	wantError(t, err, "no such thing")
}

func TestReadTimes(t *testing.T) {
	t.Parallel()
	times, err := readTimes(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if times.parent != os.Getppid() || times.own < 0 {
		t.Errorf("read %+v, want parent %d", times, os.Getppid())
	}
	if _, err := readTimes(-1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such process gives %v", err)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	values := make([]time.Duration, 200)
	for i := range values {
		values[i] = time.Duration(i + 1)
	}
	got := []time.Duration{percentile(values, 50), percentile(values, 99), percentile(values[:1], 50), percentile(values[:1], 99)}
	if diff := cmp.Diff([]time.Duration{100, 198, 1, 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for want, values := range map[float64][]float64{3: {9, 1, 3}, 2.5: {4, 1, 2, 3}, 7: {7}} {
		if got := median(values); got != want {
			t.Errorf("median of %v is %v, want %v", values, got, want)
		}
	}
}

// exampleResult has two rounds of two requests.
func exampleResult() Result {
	round := func(took, latency time.Duration) measurement {
		return measurement{took: took, latencies: []time.Duration{latency, latency}, bytes: 2048, server: 4 * time.Millisecond, postgres: 2 * time.Millisecond}
	}
	g := group{name: "about 90 ancestors", target: true, lots: []lot{{ancestors: 88}, {ancestors: 92}}}
	api := []measurement{round(time.Second, time.Millisecond), round(2*time.Second, 3*time.Millisecond)}
	raw := []measurement{round(time.Second, time.Millisecond), round(time.Second, time.Millisecond)}
	return Result{
		Date: "2025-01-31", Dataset: dataset.Report{Lots: 1000}, Clients: 4, Rounds: 2, SecondsEach: 1,
		Sizes:  []Size{newSize(g, api, raw)},
		Starts: []Start{{Name: "`demo`", LimitSeconds: 10, Seconds: []float64{4, 5}, MedianSeconds: 4.5}},
	}
}

func TestNewSize(t *testing.T) {
	t.Parallel()
	want := Size{
		Name: "about 90 ancestors", Target: true, Lots: 2, Ancestors: 90, Ratio: 0.75, RatioMin: 0.5, RatioMax: 1,
		API: Figures{RequestsPerSecond: 1.5, P50: 1, P99: 3, ServerCPU: 2, PostgresCPU: 1, BytesPerResponse: 1024},
		Raw: Figures{RequestsPerSecond: 2, P50: 1, P99: 1, ServerCPU: 2, PostgresCPU: 1, BytesPerResponse: 1024},
	}
	if diff := cmp.Diff(want, exampleResult().Sizes[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	table := exampleResult().table()
	for _, want := range []string{"| about 90 ancestors | API | 1.5 ", "| 0.75 (0.50–1.00) |", "| `demo` ", "| 4.50 ", "| ≤ 10 "} {
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

func TestReplaceSection(t *testing.T) {
	t.Parallel()
	doc := "before\n" + beginMark + "\nold\n" + endMark + "\nafter\n"
	for _, test := range []struct{ name, doc, want, fault string }{
		{"between the markers", doc, "before\n" + beginMark + "\nnew\n" + endMark + "\nafter\n", ""},
		{"none yet", newDoc, strings.Replace(newDoc, beginMark+"\n", beginMark+"\nnew\n", 1), ""},
		{"no beginning", "text", "", "no line " + beginMark},
		{"no end", endMark + beginMark, "", "no line " + endMark},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := replaceSection(test.doc, "new\n")
			wantError(t, err, test.fault)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
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
