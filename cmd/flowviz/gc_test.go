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
		if got := percentFor(live); got != want {
			t.Errorf("with %d MiB the heap may grow by %d %%, not %d", live>>20, got, want)
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
