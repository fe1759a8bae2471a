package rate_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"flowviz/internal/rate"
)

func TestAllow(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := rate.New(rate.Limit{Burst: 10, PerSecond: 2}, func() time.Time { return now })
	for i, step := range []struct {
		after  time.Duration
		key    string
		amount int
		wait   time.Duration
	}{
		{0, "a", 4, 0},
		{0, "a", 6, 0},
		{0, "a", 1, 500 * time.Millisecond},
		{0, "b", 10, 0},
		{400 * time.Millisecond, "a", 1, 100 * time.Millisecond},
		{100 * time.Millisecond, "a", 1, 0},
		{time.Hour, "a", 1_000, 0}, // never more than the burst
		{0, "a", 1_000, 5 * time.Second},
	} {
		now = now.Add(step.after)
		if wait, ok := l.Allow(step.key, step.amount); wait != step.wait || ok != (step.wait == 0) {
			t.Errorf("step %d: waits %s, %t; want %s", i, wait, ok, step.wait)
		}
	}
}

// TestNeverMore: in any span, what was allowed is at most the burst plus the rate times the span.
func TestNeverMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rate.Limit{Burst: rapid.IntRange(1, 100).Draw(t, "burst"), PerSecond: rapid.Float64Range(0.1, 100).Draw(t, "rate")}
		start := time.Unix(0, 0)
		now := start
		l := rate.New(limit, func() time.Time { return now })
		allowed := 0
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 2_000).Draw(t, "ms")) * time.Millisecond)
			amount := rapid.IntRange(1, limit.Burst).Draw(t, "amount")
			if _, ok := l.Allow("a", amount); ok {
				allowed += amount
			}
			if most := float64(limit.Burst) + limit.PerSecond*now.Sub(start).Seconds(); float64(allowed) > most+0.001 {
				t.Fatalf("%d were allowed by %s, and %.3f may be", allowed, now.Sub(start), most)
			}
		}
	})
}

// TestManyKeys: buckets that are empty again are forgotten.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := rate.New(rate.Limit{Burst: 1, PerSecond: 1}, func() time.Time { return now })
	for i := range 50_000 {
		now = now.Add(time.Millisecond)
		l.Allow(fmt.Sprint(i), 1)
	}
	if n := l.Keys(); n > 20_000 {
		t.Errorf("%d keys are kept, and some 1,000 were needed", n)
	}
}
