package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"flowviz/bench/lab"
)

// measurement is what one subject did in one round.
type measurement struct {
	took      time.Duration
	latencies []time.Duration
	bytes     int64
	server    time.Duration // CPU time of the subject's own process
	postgres  time.Duration // CPU time of all of PostgreSQL's processes
}

func (m measurement) perSecond() float64 { return float64(len(m.latencies)) / m.took.Seconds() }

// bench measures subjects with so many clients.
type bench struct {
	client     *lab.Client
	clients    int
	postmaster int
}

// measure has the clients ask for the lots in turn, each its next one when the last is answered, for so long.
func (b bench) measure(ctx context.Context, s subject, g group, period time.Duration) (measurement, error) {
	var m measurement
	server, postgres, err := b.times(s)
	if err != nil {
		return m, err
	}
	began := time.Now()
	parts := make([]measurement, b.clients)
	errs := make([]error, b.clients)
	var wg sync.WaitGroup
	for i := range b.clients {
		wg.Go(func() { parts[i], errs[i] = b.loop(ctx, s, g, i, began.Add(period)) })
	}
	wg.Wait()
	m.took = time.Since(began)
	if err := errors.Join(errs...); err != nil {
		return m, err
	}
	serverAfter, postgresAfter, err := b.times(s)
	if err != nil {
		return m, err
	}
	m.server, m.postgres = serverAfter-server, postgresAfter-postgres
	for _, p := range parts {
		m.latencies = append(m.latencies, p.latencies...)
		m.bytes += p.bytes
	}
	slices.Sort(m.latencies)
	return m, nil
}

// loop is one client's work. A body that is shorter or longer than the same lot's before is an error: it could be GraphQL's,
// which come with status 200.
func (b bench) loop(ctx context.Context, s subject, g group, first int, end time.Time) (measurement, error) {
	var m measurement
	lengths := make(map[string]int64, len(g.lots))
	for i := first; time.Now().Before(end) || len(m.latencies) == 0; i++ {
		l := g.lots[i%len(g.lots)]
		req, err := s.request(ctx, s.process.Address, g.question, l)
		if err != nil {
			return m, err
		}
		sent := time.Now()
		n, err := b.client.Read(req, io.Discard)
		if err != nil {
			return m, fmt.Errorf("%s, %s: %w", s.name, l.code, err)
		}
		m.latencies = append(m.latencies, time.Since(sent))
		m.bytes += n
		if before, ok := lengths[l.code]; ok && before != n {
			return m, fmt.Errorf("%s answers for %s with %d bytes, and with %d before", s.name, l.code, n, before)
		}
		lengths[l.code] = n
	}
	return m, nil
}

func (b bench) times(s subject) (server, postgres time.Duration, err error) {
	if server, err = s.process.CPU(); err != nil {
		return 0, 0, err
	}
	postgres, err = lab.PostgresTime(b.postmaster)
	return server, postgres, err
}
