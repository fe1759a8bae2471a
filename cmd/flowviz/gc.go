package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// gcPercent lets the heap grow to five times what is live before it is collected: what lives is a few MB, what a trace of
	// 7,000 lots makes and drops is 3 MB, and at Go's own 100 a fifth of the time goes into collecting.
	gcPercent = 400
	// gcRoom is how much it may grow by at most, or by what is allocated in a second. What lives of 2,000 listeners is 57 MB with their stacks; four times
	// that would be 110 KB for each of them, to save the 5 % of a core that collecting each 2 s takes. Eight batches of 1,000 lots at once allocate
	// 100 MB in a second: collecting three times in it took a fifth of the API's time.
	gcRoom = 32 << 20
	// gcMost is how much it may grow by at most, for what is allocated in a second, and where 40 % of what lives are more, or else 5 %. Of 10,000,000 lots in
	// memory they were 480 MB: new pages after a start, each a fault, and for ten seconds a trace of 90 lots took twice as long.
	gcMost = 128 << 20
)

// paceCollections sets after each collection when the next is due, until ctx ends.
func paceCollections(ctx context.Context) {
	percent := gcPercent
	debug.SetGCPercent(percent)
	at, allocated := time.Now(), metric("/gc/heap/allocs:bytes")
	var again func()
	again = func() {
		if ctx.Err() != nil {
			return
		}
		now, total := time.Now(), metric("/gc/heap/allocs:bytes")
		rate := float64(total-allocated) / now.Sub(at).Seconds()
		at, allocated = now, total
		if next := percentFor(survived(), rate); next != percent {
			percent = next
			debug.SetGCPercent(percent)
		}
		afterCollection(again)
	}
	afterCollection(again)
}

// percentFor is by how much the heap may grow, of what survived the last collection, where so many bytes are allocated a second: in steps, since setting it
// stops all for a moment.
func percentFor(live uint64, rate float64) int {
	const step, small = 20, 5
	live = max(live, 1)
	room := min(max(gcRoom, uint64(rate)), gcMost)
	percent := min(max(100*room/live/step*step, 2*step), gcPercent)
	return int(min(percent, max(100*gcMost/live/small*small, small)))
}

// survived is how much the last collection left.
func survived() uint64 { return metric("/gc/heap/live:bytes") + metric("/gc/scan/stack:bytes") }

func metric(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// afterCollection has fn called once, after the next collection.
func afterCollection(fn func()) {
	marker := new(*int) // with a pointer, so that it shares no memory with what lives on
	runtime.AddCleanup(marker, func(fn func()) { fn() }, fn)
}
