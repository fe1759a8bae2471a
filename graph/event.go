package graph

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

// ask is what a subscription's arguments say.
type ask struct {
	site, run *string
	types     []event.Type
	after     *relay.Cursor
}

// wish is what a subscription asks for, with its names looked up.
type wish struct {
	again  bool          // it was open already, and goes on where it is
	after  *relay.Cursor // stands above the argument; nil for the argument
	run    *uuid.UUID
	types  []event.Type
	heads  []relay.EventPlace // how far the streams had come, by site
	places []relay.EventPlace // behind which it begins, of the same sites
}

// wants tells whether an event is among what is asked for.
func (w *wish) wants(e *event.Told) bool {
	return (w.run == nil || e.Of(*w.run)) && (len(w.types) == 0 || slices.Contains(w.types, e.What()))
}

// turn is why a subscription's resolver runs: to look its arguments up, or to show one event.
type turn struct {
	wish *wish
	told *event.Told
}

type turnKey struct{}

// listen gives the event whose turn it is; none while arguments are looked up.
func listen[E event.Object](ctx context.Context, r *Resolver, a ask) (<-chan E, error) {
	turn, ok := ctx.Value(turnKey{}).(*turn)
	if !ok {
		return nil, fault.BadInput("", "subscribe by websocket (graphql-transport-ws), or accept text/event-stream")
	}
	events := make(chan E, 1)
	defer close(events)
	if turn.told == nil {
		return events, r.lookUp(ctx, a, turn.wish)
	}
	if shown, ok := turn.told.Shown().(E); ok {
		events <- shown
	}
	return events, nil
}

// lookUp makes a wish of arguments.
func (r *Resolver) lookUp(ctx context.Context, a ask, w *wish) (err error) {
	ctx, cancel := context.WithTimeout(ctx, forPage.answer)
	defer cancel()
	ctx, end := r.reading(ctx)
	defer end()
	w.types = a.types
	if w.heads, err = loader.FindersFrom(ctx).Site.EventPlaces(ctx, a.site); err != nil {
		return err
	}
	if a.run != nil {
		run, err := loader.FindersFrom(ctx).Run.ByCode(ctx, *a.run)
		if err != nil {
			return err
		}
		if run == nil {
			return fault.New(fault.NotFound, "run", "there is no run %q", *a.run)
		}
		w.run = &run.ID
	}
	if w.again {
		w.places = slices.Clone(w.heads)
		return nil
	}
	if w.after == nil {
		w.after = a.after
	}
	w.places, err = begin(w.heads, w.after)
	return err
}

// begin is where to go on after a cursor: at the heads where there is none. RESYNC where the cursor can't say it of a site.
func begin(heads []relay.EventPlace, after *relay.Cursor) ([]relay.EventPlace, error) {
	if after == nil {
		return slices.Clone(heads), nil
	}
	held, err := after.Events()
	if err != nil {
		return nil, fault.BadInput("after", "%s", fault.Of(err).Message)
	}
	places := make([]relay.EventPlace, len(heads))
	for i, head := range heads {
		at := slices.IndexFunc(held, func(p relay.EventPlace) bool { return p.Site == head.Site })
		switch {
		case at < 0:
			return nil, fault.New(fault.Resync, "after", "the cursor holds no place of a site that is there for you now: read anew, together with eventCursor, and go on from there")
		case held[at].Sequence > head.Sequence:
			return nil, fault.New(fault.Resync, "after", "the cursor is of events that are not there, as after a restored backup: read anew, together with eventCursor, and go on from there")
		}
		places[i] = held[at]
	}
	return places, nil
}

// subject finds what an event is about; nil where it is there no more.
func subject(ctx context.Context, t *event.Told) (model.Node, error) {
	id, ok := t.Subject()
	if !ok {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return load(ctx, id)
}
