//go:build unix

package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/identity"
)

// What one hostile request may cost.
const (
	maxCPU   = 100 * time.Millisecond
	maxAlloc = 5 << 20
)

// TestHostile sends what nobody means well with. Each is refused with a code and without HTTP 500, and costs little; what it
// costs under the race detector says nothing, and isn't judged.
func TestHostile(t *testing.T) { //nolint:paralleltest // what it measures is the process's
	api, viewer := guarded(t, graph.Edge{}), actor(t, db.RoleVIEWER)
	bodies := hostileBodies(t)
	var worstCPU, worstAlloc string
	var cpu time.Duration
	var alloc uint64
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		body := bodies[name]
		w, took, allocated := measured(t, api, viewer, body)
		if took > maxCPU {
			w, took, allocated = measured(t, api, viewer, body) // once more: the collector may have been at work
		}
		if code := codeOf(w.Body.Bytes()); code == "" || code == "INTERNAL" || w.Code >= http.StatusInternalServerError {
			t.Errorf("%s: %d %.300s", name, w.Code, w.Body)
		}
		if !raceDetector && (took > maxCPU || allocated > maxAlloc) {
			t.Errorf("%s: %s of CPU, %d KiB", name, took, allocated>>10)
		}
		if took > cpu {
			cpu, worstCPU = took, name
		}
		if allocated > alloc {
			alloc, worstAlloc = allocated, name
		}
	}
	if len(bodies) < 200 {
		t.Errorf("only %d requests", len(bodies))
	}
	t.Logf("prove: %d hostile requests by POST, all refused with a code; at most %s of CPU (%s) and %d KiB (%s)",
		len(bodies), cpu.Round(100*time.Microsecond), worstCPU, alloc>>10, worstAlloc)
}

// TestHostileStreams sends the same to those who listen: each is refused with a code, or ends its socket, and events are told as before. At full
// size, where nothing runs beside it, it is measured with its client, whose work counts too.
func TestHostileStreams(t *testing.T) {
	t.Parallel()
	tw := newTower(t, db.RoleVIEWER)
	code := regexp.MustCompile(`"code":"(BAD_USER_INPUT|LIMIT|NOT_FOUND)"|^closed (4400|1009)`)
	senders, bodies := tw.senders(t), hostileBodies(t)
	var cpu time.Duration
	var alloc uint64
	transports, sent := slices.Sorted(maps.Keys(senders)), 0
	for i, name := range slices.Sorted(maps.Keys(bodies)) {
		body, by := bodies[name], transports
		if !dbtest.Full() {
			by = transports[i%len(transports):][:1] // in turn
		}
		for _, transport := range by {
			sent++
			send := senders[transport]
			got, took, allocated := costOfSending(t, send, body)
			if took > maxCPU {
				got, took, allocated = costOfSending(t, send, body) // once more: the collector may have been at work
			}
			if !code.MatchString(got) || strings.HasPrefix(got, "5") {
				t.Errorf("%s by %s: %.300s", name, transport, got)
			}
			if took > maxCPU || allocated > maxAlloc {
				t.Errorf("%s by %s: %s of CPU, %d KiB", name, transport, took, allocated>>10)
			}
			cpu, alloc = max(cpu, took), max(alloc, allocated)
		}
	}
	tw.tell(t, 1)
	c := tw.enter(t)
	c.subscribe("a", listening, map[string]any{"after": beginning})
	hears(t, c.hear(), "a", 1)
	t.Logf("prove: %d by %s, all refused with a code; at most %s of CPU and %d KiB with its client", sent, strings.Join(transports, ", "), cpu.Round(100*time.Microsecond), alloc>>10)
}

// costOfSending is nothing but at full size.
func costOfSending(t *testing.T, send sender, body string) (got string, cpu time.Duration, allocated uint64) {
	t.Helper()
	if !dbtest.Full() {
		return send(t, jsonType, body), 0, 0
	}
	cpu, allocated = costOf(t, func() { got = send(t, jsonType, body) })
	return got, cpu, allocated
}

func measured(t *testing.T, api http.Handler, viewer *identity.Actor, body string) (*httptest.ResponseRecorder, time.Duration, uint64) {
	t.Helper()
	r := httptest.NewRequestWithContext(identity.WithActor(t.Context(), viewer), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if raceDetector {
		api.ServeHTTP(w, r)
		return w, 0, 0
	}
	took, allocated := costOf(t, func() { api.ServeHTTP(w, r) })
	return w, took, allocated
}

// costOf is what the process spends while something is done.
func costOf(t *testing.T, do func()) (cpu time.Duration, allocated uint64) {
	t.Helper()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime(t)
	do()
	cpu = cpuTime(t) - start
	runtime.ReadMemStats(&after)
	return cpu, after.TotalAlloc - before.TotalAlloc
}

func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func codeOf(answer []byte) string {
	var a struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if json.Unmarshal(answer, &a) != nil || len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Extensions.Code
}

// hostileBodies are requests by what they try.
func hostileBodies(t *testing.T) map[string]string {
	t.Helper()
	bodies := map[string]string{}
	document := func(name, text string) {
		body, err := json.Marshal(map[string]any{"query": text})
		if err != nil {
			t.Fatal(err)
		}
		bodies[name] = string(body)
	}
	each := func(n int, text string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.NewReplacer("<i>", strconv.Itoa(i), "<j>", strconv.Itoa(i+1)).Replace(text))
		}
		return b.String()
	}
	nest := func(n int, open, inside, shut string) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(shut, n)
	}

	for _, n := range []int{17, 50, 100, 330, 1_000, 5_000, 20_000} { // deep
		document(fmt.Sprintf("%d selections deep", n), nest(n, "{node", "", "}"))
		document(fmt.Sprintf("%d inline fragments deep", n), "{"+nest(n, "...{", "sites{code}", "}")+"}")
		document(fmt.Sprintf("%d lists deep in an argument", n), "{nodes(ids:"+nest(n, "[", "", "]")+"){id}}")
		document(fmt.Sprintf("%d objects deep in an argument", n), "{lots(filter:"+nest(n, "{a:", "1", "}")+"){totalCount}}")
		document(fmt.Sprintf("a variable %d lists deep", n), "query($a:"+nest(n, "[", "Int", "]")+"){sites{code}}")
		bodies[fmt.Sprintf("variables %d deep", n+16)] = `{"query":"{sites{code}}","variables":{"a":` + nest(n+16, "[", "", "]") + `}}`
		bodies[fmt.Sprintf("variables of objects %d deep", n+16)] = `{"query":"{sites{code}}","variables":` + nest(n+16, `{"a":`, "1", "}") + `}`
		bodies[fmt.Sprintf("extensions %d deep", n+16)] = `{"query":"{sites{code}}","extensions":{"a":` + nest(n+16, "[", "", "]") + `}}`
		bodies[fmt.Sprintf("a body of %d lists", n)] = nest(n, "[", "", "]")
	}
	for _, n := range []int{201, 450, 990, 3_000, 9_000} { // wide
		document(fmt.Sprintf("%d fields", n), "{"+strings.Repeat("a ", n)+"}")
		document(fmt.Sprintf("%d different fields", n), "{"+each(n, "a<i> ")+"}")
		document(fmt.Sprintf("%d aliases", n), "{"+each(n, "a<i>:__typename ")+"}")
		document(fmt.Sprintf("%d directives", n), "{sites"+strings.Repeat("@skip(if:false)", n)+"{code}}")
		document(fmt.Sprintf("%d unknown directives", n), "{sites"+each(n, "@d<i>")+"{code}}")
		document(fmt.Sprintf("%d operations", n), each(n, "query q<i>{sites{code}}"))
		document(fmt.Sprintf("%d nameless operations", n), strings.Repeat("{a}", n))
		document(fmt.Sprintf("%d variables", n), "query("+each(n, "$v<i>:Int ")+"){sites{code}}")
		document(fmt.Sprintf("%d arguments", n), "{lot("+each(n, "a<i>:1 ")+"){code}}")
		document(fmt.Sprintf("%d ids", n), "{nodes(ids:["+strings.Repeat("1 ", n)+"]){id}}")
		document(fmt.Sprintf("%d fragments", n), "{sites{code}}"+each(n, "fragment f<i> on Site{code}"))
		document(fmt.Sprintf("%d spreads", n), "{"+strings.Repeat("...f ", n)+"}fragment f on Query{nowhere}")
		document(fmt.Sprintf("%d inline fragments", n), "{"+strings.Repeat("...{nowhere}", n)+"}")
		bodies[fmt.Sprintf("a batch of %d", n)] = "[" + strings.TrimSuffix(strings.Repeat(`{"query":"{sites{code}}"},`, n), ",") + "]"
		bodies[fmt.Sprintf("%d names in the body", n)] = "{" + each(n, `"a<i>":1,`) + `"query":"{nowhere}"}`
		bodies[fmt.Sprintf("query %d times", n)] = "{" + strings.Repeat(`"query":"{sites{code}}",`, n) + `"query":"{sites{code}}"}`
	}
	for _, n := range []int{2, 10, 20, 40, 80} { // fragments
		document(fmt.Sprintf("a bomb of %d fragments", n), "{...f0}"+each(n, "fragment f<i> on Query{...f<j> ...f<j>}")+"fragment f"+strconv.Itoa(n)+" on Query{nowhere}")
		document(fmt.Sprintf("a bomb of %d fragments with fields", n), "{...f0}"+each(n, "fragment f<i> on Query{a:node(id:1){id ...g<j>}b:node(id:2){id}}fragment g<i> on Node{id}"))
		document(fmt.Sprintf("a ring of %d fragments", n), "{...f0}"+each(n-1, "fragment f<i> on Query{...f<j>}")+"fragment f"+strconv.Itoa(n-1)+" on Query{...f0}")
		document(fmt.Sprintf("a ring of %d fragments with fields", n), "{lots{nodes{...f0}}}"+each(n-1, "fragment f<i> on Lot{run{lots{nodes{...f<j>}}}}")+"fragment f"+strconv.Itoa(n-1)+" on Lot{run{lots{nodes{...f0}}}}")
		document(fmt.Sprintf("%d fields that don't merge", n), "{"+each(n, "...f<i> ")+"}"+each(n, `fragment f<i> on Query{x:lot(code:"<i>"){code}}`))
		document(fmt.Sprintf("%d unused fragments in a ring", n), "{sites{code}}"+each(n, "fragment f<i> on Query{...f<j> ...f0}")+"fragment f"+strconv.Itoa(n)+" on Query{...f0}")
	}
	for _, n := range []int{1_000, 30_000, 60_000, 65_000, 1_000_000} { // long
		document(fmt.Sprintf("a name of %d letters", n), "{"+strings.Repeat("a", n)+"}")
		document(fmt.Sprintf("a string of %d letters", n), `{node(id:"`+strings.Repeat("a", n)+`"){id}}`)
		document(fmt.Sprintf("a string of %d escapes", n), `{node(id:"`+strings.Repeat(`\u0041`, n/6)+`"){id}}`)
		document(fmt.Sprintf("a block string of %d lines", n), `{node(id:"""`+strings.Repeat("\n ", n/2)+`"""){id}}`)
		document(fmt.Sprintf("a comment of %d letters and no end", n), "{sites #"+strings.Repeat("a", n))
		document(fmt.Sprintf("%d commas", n), "{nowhere"+strings.Repeat(",", n)+"}")
		document(fmt.Sprintf("a number of %d digits", n), "{lots(first:"+strings.Repeat("9", n)+"){totalCount}}")
		document(fmt.Sprintf("%d letters of another script", n), "{"+strings.Repeat("é", n/2)+"}")
		document(fmt.Sprintf("%d bytes that are no UTF-8", n), "{"+strings.Repeat("\xff", n/3)+"}")
		document(fmt.Sprintf("an operation's name of %d letters, unknown", n), "query "+strings.Repeat("q", n)+"{nowhere}")
		bodies[fmt.Sprintf("a variable of %d letters", n)] = `{"query":"query($id:ID!){node(id:$id){id}}","variables":{"id":"` + strings.Repeat("a", n) + `"}}`
		bodies[fmt.Sprintf("a variable of %d digits", n)] = `{"query":"query($n:Int){lots(first:$n){totalCount}}","variables":{"n":` + strings.Repeat("9", n) + `}}`
		bodies[fmt.Sprintf("a decimal of %d digits as first", n)] = `{"query":"query($n:Int){lots(first:$n){totalCount}}","variables":{"n":1e` + strings.Repeat("9", n) + `}}`
		bodies[fmt.Sprintf("a list of %d objects", n)] = `{"query":"query($f:LotFilter){lots(filter:$f){totalCount}}","variables":{"f":{"status":[` + strings.TrimSuffix(strings.Repeat("{},", n/3), ",") + `]}}}`
		bodies[fmt.Sprintf("a list of %d wrong enums", n)] = `{"query":"query($f:LotFilter){lots(filter:$f){totalCount}}","variables":{"f":{"status":[` + strings.TrimSuffix(strings.Repeat(`"X",`, n/4), ",") + `]}}}`
		bodies[fmt.Sprintf("an unknown operation of %d letters", n)] = `{"query":"query a{sites{code}}","operationName":"` + strings.Repeat("q", n) + `"}`
		bodies[fmt.Sprintf("%d spaces", n)] = strings.Repeat(" ", n)
		bodies[fmt.Sprintf("%d quotes", n)] = strings.Repeat(`"`, n)
	}
	for name, text := range map[string]string{ // much for little
		"ancestors of ancestors":     `{lots(first:100){nodes{ancestors(first:10000){nodes{ancestors(first:10000){nodes{code}}}}}}}`,
		"parents of parents":         `{lots(first:100){nodes{parents(first:1000){lot{parents(first:1000){lot{parents(first:1000){lot{code}}}}}}}}}`,
		"runs of lots of runs":       `{runs(first:100){nodes{lots(first:100){nodes{run{lots(first:100){nodes{code}}}}}}}}`,
		"a deep schema":              `{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}`,
		"the schema again and again": `{` + each(20, `s<i>:__schema{types{fields{args{type{name ofType{name}}}}}}`) + `}`,
		"no selection":               `{}`,
		"nothing":                    ``,
		"a zero":                     "\x00",
		"a byte order mark":          "\ufeff{nowhere}",
		"a subscription":             `subscription{lotEvents{id}}`,
		"a type system":              `type A{a:Int}`,
		"a right-to-left mark":       "{\u202esites}",
		"half a surrogate":           `{node(id:"\ud800"){id}}`,
		"a name that isn't one":      `{__proto__ constructor}`,
		"a directive of the schema":  `{sites@access(to:PUBLIC){code}}`,
		"an alias of __typename":     `{__schema:nowhere}`,
	} {
		document(name, text)
	}
	return bodies
}
