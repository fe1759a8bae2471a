// Package pubsub hands on what happened at the sites to all who listen at this replica.
//
// One reader follows the streams of the sites that somebody listens to. Each stream is numbered without a gap (internal/event), so
// whoever asks for what follows a place gets all of it, in order, and once: what came lately from memory, what is older from the
// database, and there is no seam between the two. A poll finds what is new; a hint only makes it look sooner.
package pubsub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

const (
	// interval is how long an event waits at most until it is found: hints may be lost.
	interval = 250 * time.Millisecond
	// pause gathers hints: at most so often the database is asked, however many commands there are.
	pause = 5 * time.Millisecond
	// page is how many events of a stream are read at once.
	page = 500
	// kept events of a stream stay in memory, for those who are a little behind: some 500 KB.
	kept = 2_000
	// wakeEvery so many events all are woken, whatever they ask for. Who passes events over falls back meanwhile, and mustn't fall behind
	// what is kept: the database may have forgotten by then.
	wakeEvery = kept / 2
	// readTimeout bounds one look.
	readTimeout = 5 * time.Second
)

// Hub is a replica's reader of event streams.
type Hub struct {
	pool *pgxpool.Pool
	log  *slog.Logger
	hint chan struct{}

	mu      sync.Mutex
	streams map[int32]*stream // by site; those that somebody listens to
	mayRead bool              // what went wrong last was told
}

// stream is what is known of one site's.
type stream struct {
	head      int64         // the last event that was read
	recent    []*event.Told // up to head, without a gap
	listeners map[*Listener]struct{}
}

// NewHub reads through pool. Somebody must Run it.
func NewHub(pool *pgxpool.Pool, log *slog.Logger) *Hub {
	return &Hub{pool: pool, log: log, hint: make(chan struct{}, 1), streams: map[int32]*stream{}, mayRead: true}
}

// Hint has the hub look at once. It never waits.
func (h *Hub) Hint() { signal(h.hint) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is waiting
	}
}

// Run reads until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	tick := time.NewTimer(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-h.hint:
		}
		more, err := h.poll(ctx)
		h.report(ctx, err)
		if more {
			h.Hint()
		}
		tick.Reset(interval)
		wait := pause
		if err != nil { // a database that doesn't answer isn't asked at each hint
			wait = interval
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// report logs the first of several failures, and their end.
func (h *Hub) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && h.mayRead:
		h.mayRead = false
		h.log.WarnContext(ctx, "events can't be read: those who listen wait", "error", err)
	case err == nil && !h.mayRead:
		h.mayRead = true
		h.log.InfoContext(ctx, "events are read again")
	}
}

// poll reads what is new of all streams that somebody listens to. more is true where there may be more.
func (h *Hub) poll(ctx context.Context) (more bool, err error) {
	h.mu.Lock()
	sites, places := make([]int32, 0, len(h.streams)), make([]int64, 0, len(h.streams))
	for site, s := range h.streams {
		sites, places = append(sites, site), append(places, s.head)
	}
	h.mu.Unlock()
	if len(sites) == 0 {
		return false, nil
	}
	rows, err := h.read(ctx, sites, places)
	if err != nil {
		return false, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(e *event.Told) bool { return e.SiteID != rows[0].SiteID })
		if n < 0 {
			n = len(rows)
		}
		if s := h.streams[rows[0].SiteID]; s != nil {
			s.add(rows[:n])
		}
		more = more || n == page
		rows = rows[n:]
	}
	return more, nil
}

// read reads what follows places of several streams.
func (h *Hub) read(ctx context.Context, sites []int32, places []int64) ([]*event.Told, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	snapshot := db.NewSnapshot(ctx, h.pool, db.Scope{Sites: sites})
	defer snapshot.Close()
	snapshot.Last()
	rows, err := db.New(snapshot).EventsAfter(ctx, db.EventsAfterParams{Sites: sites, Sequences: places, Size: page})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]*event.Told, len(rows))
	for i, row := range rows {
		events[i] = &event.Told{Event: row}
	}
	return events, nil
}

// add takes what follows the head, and wakes those whom it concerns.
func (s *stream) add(events []*event.Told) {
	first := events[0].Sequence
	if first <= s.head { // somebody closed and opened the stream meanwhile
		events = events[min(s.head-first+1, int64(len(events))):]
	}
	if len(events) == 0 {
		return
	}
	if first > s.head+1 { // what lies between was forgotten
		s.recent = nil
	}
	passed := s.head / wakeEvery
	s.head = events[len(events)-1].Sequence
	s.recent = append(s.recent, events...)
	all := s.head/wakeEvery > passed
	if len(s.recent) > 2*kept {
		s.recent = slices.Clone(s.recent[len(s.recent)-kept:])
	}
	types := map[event.Type]bool{}
	for _, e := range events {
		types[e.What()] = true
	}
	for l := range s.listeners {
		if all || l.hears(types) {
			signal(l.news)
		}
	}
}

// errForgotten is RESYNC.
func errForgotten() error {
	return fault.New(fault.Resync, "after", "what followed this cursor is no longer known, as events are kept for %d days: read anew, together with eventCursor, and go on from there",
		event.Lifetime/(24*time.Hour))
}

// After is what follows a place in a stream that the caller listens to, in order: a part of it, and nothing where it has come to its end.
// RESYNC where some of it was forgotten.
func (h *Hub) After(ctx context.Context, place relay.EventPlace) ([]*event.Told, error) {
	h.mu.Lock()
	s := h.streams[place.Site]
	if s == nil {
		h.mu.Unlock()
		return nil, errors.New("nobody listens to this site")
	}
	behind := s.head - place.Sequence
	if behind <= 0 {
		h.mu.Unlock()
		return nil, nil
	}
	if recent := int64(len(s.recent)); behind <= recent {
		events := s.recent[recent-behind : min(recent-behind+page, recent)]
		h.mu.Unlock()
		return events, nil
	}
	h.mu.Unlock()
	events, err := h.read(ctx, []int32{place.Site}, []int64{place.Sequence})
	if err != nil {
		return nil, err
	}
	if len(events) == 0 || events[0].Sequence != place.Sequence+1 {
		return nil, errForgotten()
	}
	return events, nil
}

// Behind is how many events follow the place, as far as they were read.
func (h *Hub) Behind(place relay.EventPlace) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.streams[place.Site]; s != nil {
		return max(s.head-place.Sequence, 0)
	}
	return 0
}
