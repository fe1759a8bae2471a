// Package rate says how often somebody may do something: a bucket that empties at a constant rate, as the generic cell rate
// algorithm has it (ITU-T I.371). Of each key it keeps one instant, the one at which its bucket will be empty.
//
// Invariant: in any span of time, what was allowed of a key is at most the burst plus the rate times the span.
package rate

import (
	"sync"
	"time"
)

// Limit is how much a key may do: so much at once, and so much a second in the long run.
type Limit struct {
	Burst     int
	PerSecond float64
}

// Limiter keeps a bucket for each key of one kind, in this process.
type Limiter struct {
	limit Limit
	now   func() time.Time

	mu    sync.Mutex
	empty map[string]time.Time // when each key's bucket will be empty; those that are, are forgotten
	sweep int                  // size of empty at which the empty ones are looked for
}

// firstSweep is how many keys are kept before the empty ones are looked for: some 1 MB.
const firstSweep = 10_000

// New makes a limiter that reads the time from now.
func New(limit Limit, now func() time.Time) *Limiter {
	return &Limiter{limit: limit, now: now, empty: map[string]time.Time{}, sweep: firstSweep}
}

// Limit is what each key may do.
func (l *Limiter) Limit() Limit { return l.limit }

// Allow takes amount from a key's bucket, or says how long to wait until there is room for it; nothing is taken then. More
// than the burst never has room: it counts as the burst.
func (l *Limiter) Allow(key string, amount int) (wait time.Duration, ok bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	empty := l.empty[key]
	if empty.Before(now) {
		empty = now
	}
	filled := empty.Add(l.takes(min(amount, l.limit.Burst)))
	if wait := filled.Sub(now) - l.takes(l.limit.Burst); wait > 0 {
		return wait, false
	}
	l.empty[key] = filled
	l.forget(now)
	return 0, true
}

// takes is how long a bucket needs to lose an amount.
func (l *Limiter) takes(amount int) time.Duration {
	return time.Duration(float64(amount) / l.limit.PerSecond * float64(time.Second))
}

// forget drops the buckets that are empty, whenever their number has doubled.
func (l *Limiter) forget(now time.Time) {
	if len(l.empty) < l.sweep {
		return
	}
	for key, empty := range l.empty {
		if empty.Before(now) {
			delete(l.empty, key)
		}
	}
	l.sweep = max(firstSweep, 2*len(l.empty))
}
