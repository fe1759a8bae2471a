package pubsub

import (
	"slices"

	"flowviz/internal/event"
	"flowviz/internal/relay"
)

// Listener waits for events of some sites, of some types.
type Listener struct {
	hub   *Hub
	sites []int32
	types []event.Type
	news  chan struct{}
}

// Listen waits for events of sites, whose streams have come as far as heads say; of all types where types is empty. Close it.
func (h *Hub) Listen(heads []relay.EventPlace, types []event.Type) *Listener {
	l := &Listener{hub: h, types: types, news: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, head := range heads {
		s := h.streams[head.Site]
		if s == nil {
			s = &stream{head: head.Sequence, listeners: map[*Listener]struct{}{}}
			h.streams[head.Site] = s
		}
		s.listeners[l] = struct{}{}
		l.sites = append(l.sites, head.Site)
	}
	return l
}

// News tells when there may be more.
func (l *Listener) News() <-chan struct{} { return l.news }

// Close stops it; nothing may be asked for it any more.
func (l *Listener) Close() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	for _, site := range l.sites {
		s := l.hub.streams[site]
		delete(s.listeners, l)
		if len(s.listeners) == 0 {
			delete(l.hub.streams, site)
		}
	}
}

// hears reports whether any of the types concerns it.
func (l *Listener) hears(types map[event.Type]bool) bool {
	return len(l.types) == 0 || slices.ContainsFunc(l.types, func(t event.Type) bool { return types[t] })
}
