package main

import (
	"errors"
	"fmt"

	"flowviz/bench/lab"
)

// What is promised.
const (
	targetP99   = 500      // ms
	targetBytes = 64 << 10 // of memory, a subscriber
)

// Result is what was measured.
type Result struct {
	Date        string
	Machine     lab.Machine
	LoadAfter   float64 // the 1-minute load average at the end: on 2 cores, some 2 are this bench's own
	Subscribers int
	PerSecond   int
	Seconds     int

	Decisions  int
	Took       float64 // seconds
	Deliveries int
	Lost       int
	// From the instant that the command has as its own, which is before its commit, until the subscriber has read it; milliseconds.
	P50, P99, Latest float64
	BytesEach        int64   // by which the API's resident memory grew at most, a subscriber
	ServerCPU        float64 // cores
}

func (r Result) line() string {
	return fmt.Sprintf("bench-live: %d decisions in %.0f s to %d subscribers: %d deliveries, %d lost; p50 %.0f ms, p99 %.0f ms (at most %d), latest %.0f ms; %d KiB a subscriber (at most %d); "+
		"%.2f cores of the API; load %.1f before and %.1f after, %d cores", r.Decisions, r.Took, r.Subscribers, r.Deliveries, r.Lost, r.P50, r.P99, targetP99, r.Latest,
		r.BytesEach>>10, targetBytes>>10, r.ServerCPU, r.Machine.LoadBefore, r.LoadAfter, r.Machine.Cores)
}

// judge fails where something never came. What took too long or too much is told, and stands in the result: other work on the machine may
// be why.
func (r Result) judge() error {
	if r.Lost > 0 || r.Deliveries != r.Decisions*r.Subscribers {
		return errors.New("not each event came to each subscriber, once")
	}
	if r.P99 > targetP99 || r.BytesEach > targetBytes {
		fmt.Println("bench-live: it took longer, or more, than is promised")
	}
	return nil
}

func (r Result) section() string {
	return fmt.Sprintf(`Measured on %s by %s. %s; load average %.1f before, %.1f at the end.

| %d subscribers, %d decisions/s for %d s | measured | promised |
|---|---|---|
| deliveries, of which lost | %d, %d | each, 0 |
| from decision to client, p50 | %.0f ms | |
| p99 | %.0f ms | ≤ %d ms |
| latest | %.0f ms | |
| memory a subscriber | %d KiB | ≤ %d KiB |
| processor time of the API | %.2f cores | |

Half of them listen by websocket, half by server-sent events, all at one replica. Its clients run on the same cores.
`, r.Date, "`make bench-live`", r.Machine, r.Machine.LoadBefore, r.LoadAfter, r.Subscribers, r.PerSecond, r.Seconds, r.Deliveries, r.Lost, r.P50, r.P99, targetP99, r.Latest,
		r.BytesEach>>10, targetBytes>>10, r.ServerCPU)
}
