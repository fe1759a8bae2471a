package pubsub

import (
	"testing"

	"flowviz/db"
	"flowviz/internal/event"
)

// TestNobodyFallsBehindWhatIsKept: who asks for what never happens stays near enough that no event that it passes over is asked for again.
func TestNobodyFallsBehindWhatIsKept(t *testing.T) {
	t.Parallel()
	l := &Listener{types: []event.Type{event.AlertRaised}, news: make(chan struct{}, 1)}
	s := &stream{listeners: map[*Listener]struct{}{l: {}}}
	place := int64(0)
	for s.head < 10*kept {
		batch := make([]*event.Told, page)
		for i := range batch {
			batch[i] = &event.Told{Event: db.Event{Sequence: s.head + int64(i) + 1, Type: string(event.LotChanged)}}
		}
		s.add(batch)
		if behind := s.head - place; behind > int64(len(s.recent)) {
			t.Fatalf("%d events behind, of which %d are kept", behind, len(s.recent))
		}
		select {
		case <-l.news:
			place = s.head
		default:
		}
	}
	if len(s.recent) > 2*kept {
		t.Errorf("%d events are kept", len(s.recent))
	}
}

// TestStreamHasNoGap: what was read twice is taken once, and what lies before a gap is not shown as if it followed.
func TestStreamHasNoGap(t *testing.T) {
	t.Parallel()
	told := func(from, to int64) (events []*event.Told) {
		for n := from; n <= to; n++ {
			events = append(events, &event.Told{Event: db.Event{Sequence: n}})
		}
		return events
	}
	s := &stream{head: 10}
	for _, c := range []struct{ from, to, head, kept int64 }{
		{11, 13, 13, 3}, {12, 15, 15, 5}, {11, 14, 15, 5}, {20, 21, 21, 2},
	} {
		s.add(told(c.from, c.to))
		if s.head != c.head || int64(len(s.recent)) != c.kept {
			t.Fatalf("after %d to %d: head %d, %d kept", c.from, c.to, s.head, len(s.recent))
		}
		for i, e := range s.recent {
			if want := s.head - int64(len(s.recent)-1-i); e.Sequence != want {
				t.Errorf("event %d stands where %d belongs", e.Sequence, want)
			}
		}
	}
}
