package watch

import (
	"fmt"
	"time"
)

// latest is the last of some instants; nil ones are none.
func latest(instants ...*time.Time) time.Time {
	var last time.Time
	for _, t := range instants {
		if t != nil && t.After(last) {
			last = *t
		}
	}
	return last
}

// overdue reports whether more than a time has passed since something was done that is due each time anew, and since when the latest one is
// due.
func overdue(last time.Time, each time.Duration, now time.Time) (since time.Time, ok bool) {
	late := now.Sub(last) - 1
	return last.Add(late - late%each), late >= each
}

// minutes says a time as people do: 2 h 5 min.
func minutes(d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	if h == 0 {
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}
