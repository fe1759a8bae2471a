package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcPercent lets the heap grow to five times what is live before it is collected: what lives is a few MB, what a trace of
	// 7,000 lots makes and drops is 3 MB, and at Go's own 100 a fifth of the time goes into collecting.
	gcPercent = 400
	// gcRoom is how much it may grow by at most. What lives of 2,000 listeners is 57 MB with their stacks; four times that would be 110 KB for
	// each of them, to save the 5 % of a core that collecting each 2 s takes.
	gcRoom = 32 << 20
	// gcMost is how much it may grow by at most where 40 % of what lives are more, or else 5 %. Of 10,000,000 lots in memory they were 480 MB: new pages after a
	// start, each a fault, and for ten seconds a trace of 90 lots took twice as long.
	gcMost = 128 << 20
)

// paceCollections sets after each collection when the next is due, until ctx ends.
func paceCollections(ctx context.Context) {
	percent := gcPercent
	debug.SetGCPercent(percent)
	var again func()
	again = func() {
		if ctx.Err() != nil {
			return
		}
		if next := percentFor(survived()); next != percent {
			percent = next
			debug.SetGCPercent(percent)
		}
		afterCollection(again)
	}
	afterCollection(again)
}

// percentFor is by how much the heap may grow, of what survived the last collection: in steps, since setting it stops all for a moment.
func percentFor(live uint64) int {
	const step, small = 20, 5
	live = max(live, 1)
	percent := min(max(100*gcRoom/live/step*step, 2*step), gcPercent)
	return int(min(percent, max(100*gcMost/live/small*small, small)))
}

// survived is how much the last collection left.
func survived() uint64 {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// afterCollection has fn called once, after the next collection.
func afterCollection(fn func()) {
	marker := new(*int) // with a pointer, so that it shares no memory with what lives on
	runtime.AddCleanup(marker, func(fn func()) { fn() }, fn)
}
