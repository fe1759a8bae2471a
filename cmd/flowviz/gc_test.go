package main

import (
	"context"
	"runtime"
	"testing"
	"time"
)

func TestHeapGrowsByRoomAtMost(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: gcPercent, 8 << 20: gcPercent, 16 << 20: 200, 32 << 20: 100, 50 << 20: 60, 150 << 20: 40, 320 << 20: 40, 640 << 20: 20, 1 << 40: 5} {
		if got := percentFor(live, 16<<20); got != want {
			t.Errorf("with %d MiB the heap may grow by %d %%, not %d", live>>20, got, want)
		}
	}
	for rate, want := range map[float64]int{0: 80, 32 << 20: 80, 64 << 20: 160, 128 << 20: 320, 1 << 40: 320} {
		if got := percentFor(40<<20, rate); got != want {
			t.Errorf("with %.0f bytes allocated a second, 40 MiB may grow by %d %%, not %d", rate, got, want)
		}
	}
	if survived() == 0 {
		t.Error("nothing lives")
	}
}

func TestAfterCollection(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	twice := make(chan struct{})
	afterCollection(func() { afterCollection(func() { close(twice) }) })
	for {
		runtime.GC()
		select {
		case <-twice:
			return
		case <-ctx.Done():
			t.Fatal("a collection goes unnoticed")
		case <-time.After(time.Millisecond):
		}
	}
}
