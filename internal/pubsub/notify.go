package pubsub

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A hint says that there may be events, and nothing else: whoever gets it looks. One that is lost costs interval at most.

// channel is where replicas tell each other that there may be events.
const channel = "flowviz_event"

const (
	// hintEvery bounds how often a replica tells the others. NOTIFY in each command's transaction would queue the commits behind one
	// lock: with 32 connections it halves them.
	hintEvery = 20 * time.Millisecond
	// retry is how long to wait for what carries hints when it is gone.
	retry = time.Second
)

// Carrier carries hints between replicas.
type Carrier interface {
	// Send tells the other replicas.
	Send(ctx context.Context) error
	// Receive calls hint for what others send, until ctx ends or it can't any more.
	Receive(ctx context.Context, hint func()) error
}

// Hints tell the other replicas what this one's commands tell, and this one what theirs do.
type Hints struct {
	hub     *Hub
	carrier Carrier
	log     *slog.Logger
	told    chan struct{}
}

// NewHints lets carrier carry the hub's hints. Somebody must Run it.
func NewHints(hub *Hub, carrier Carrier, log *slog.Logger) *Hints {
	return &Hints{hub: hub, carrier: carrier, log: log, told: make(chan struct{}, 1)}
}

// Told is for a command that told something: this replica looks at once, the others as soon as they hear of it. It never waits.
func (h *Hints) Told() {
	h.hub.Hint()
	signal(h.told)
}

// Run carries hints until ctx ends.
func (h *Hints) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { h.keep(ctx, "sent", h.send) })
	both.Go(func() {
		h.keep(ctx, "received", func(ctx context.Context) error { return h.carrier.Receive(ctx, h.hub.Hint) })
	})
	both.Wait()
}

// keep does work again and again.
func (h *Hints) keep(ctx context.Context, what string, work func(context.Context) error) {
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "hints can't be "+what+": events take up to 250 ms longer", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(retry):
		}
	}
}

func (h *Hints) send(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.told:
		}
		if err := h.carrier.Send(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(hintEvery):
		}
	}
}

// Postgres carries hints by NOTIFY.
type Postgres struct{ Pool *pgxpool.Pool }

// Send implements Carrier.
func (p Postgres) Send(ctx context.Context) error {
	_, err := p.Pool.Exec(ctx, "NOTIFY "+channel)
	return err
}

// Receive implements Carrier, on a connection of its own. Behind a PgBouncer that shares connections by transaction nothing arrives.
func (p Postgres) Receive(ctx context.Context, hint func()) error {
	conn, err := pgx.ConnectConfig(ctx, p.Pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		hint()
	}
}
