package loader

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/graph-gophers/dataloader/v7"
)

const (
	// Wait is how long a level gathers keys: a latency floor for each level of a query, not a throughput knob. The fields of
	// one level ask within microseconds of each other; the library's own 16 ms would be most of a query's time.
	Wait = time.Millisecond
	// never is when the library closes a batch by itself: levels do.
	never = 24 * time.Hour
)

// level closes the batches of all loaders of a response together, so long after the first key of any. If each had its own clock, what a level has
// found could still come into a batch of the same level that was opened a little later: by chance, some of it or all.
type level struct {
	wait    time.Duration
	mu      sync.Mutex
	open    []*batch
	closing sync.RWMutex // held for as long as some batches of a level are closed and others aren't
}

// batch is what one loader gathers.
type batch struct {
	open  atomic.Bool
	close func()
}

// gather has a batch closed with the others of the level.
func (l *level) gather(b *batch) {
	if b.open.Swap(true) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, b)
	if len(l.open) == 1 {
		time.AfterFunc(l.wait, l.end)
	}
}

func (l *level) end() {
	l.mu.Lock()
	ended := l.open
	l.open = nil
	l.mu.Unlock()

	l.closing.Lock()
	defer l.closing.Unlock()
	for _, b := range ended {
		b.open.Store(false) // before: a key that comes between the two is fetched now, and closing its batch again does nothing
		b.close()
	}
}

// awaitClosed waits until no batch of the level takes keys any more: what is fetched for one could else ask another.
func (l *level) awaitClosed() {
	l.closing.RLock()
	defer l.closing.RUnlock()
}

// cache is the library's, which is told of each key that wasn't asked for before, before that comes into a batch.
type cache[K comparable, V any] struct {
	dataloader.Cache[K, V]

	level *level
	batch batch
}

func (c *cache[K, V]) Set(ctx context.Context, key K, value dataloader.Thunk[V]) {
	c.level.gather(&c.batch)
	c.Cache.Set(ctx, key, value)
}
