package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"

	"flowviz/bench/lab"
)

// perToken is how many listen with one token: as many sockets as a user may have.
const perToken = 5

const listening = `subscription { qcEvents { cursor occurredAt decision { id decision lot { code } } } }`

// audience is all who listen.
type audience struct {
	all []*subscriber
}

// subscriber hears decisions.
type subscriber struct {
	mu    sync.Mutex
	heard []time.Duration // how late each came
	last  string          // when the last one happened: they must come in order
	err   error
}

var happened = []byte(`"occurredAt":"`)

// hear takes a message in which there may be a decision. It happens as often as anything here, and on the cores of what is measured, so it
// reads no more than it must.
func (s *subscriber) hear(text []byte) {
	_, rest, ok := bytes.Cut(text, happened)
	if !ok {
		return
	}
	now := time.Now()
	at, _, _ := bytes.Cut(rest, []byte{'"'})
	when, err := time.Parse(time.RFC3339Nano, string(at))
	s.mu.Lock()
	defer s.mu.Unlock()
	// All decisions of this run happen one after the other, so an instant names its event.
	if string(at) == s.last {
		err = fmt.Errorf("%s came twice", at)
	} else if before, _ := time.Parse(time.RFC3339Nano, s.last); when.Before(before) {
		err = fmt.Errorf("%s came after %s", at, s.last)
	}
	if err != nil {
		s.err = err
		return
	}
	s.last = string(at)
	s.heard = append(s.heard, now.Sub(when))
}

// gather lets n listen, half of them by websocket and half by server-sent events, and returns when all do.
func (l *line) gather(ctx context.Context, n int) (*audience, error) {
	tokens, err := l.tokens(ctx, (n+perToken-1)/perToken)
	if err != nil {
		return nil, err
	}
	a := &audience{}
	var opening errgroup.Group
	opening.SetLimit(20)
	for i := range n {
		s := &subscriber{}
		a.all = append(a.all, s)
		// Those of a token listen in the same way: a socket counts as 20 streams.
		listen := l.bySocket
		if i/perToken%2 == 1 {
			listen = l.byEvents
		}
		opening.Go(func() error { return listen(ctx, tokens[i/perToken], s) })
	}
	if err := opening.Wait(); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return a, nil
}

// bySocket begins to listen.
func (l *line) bySocket(ctx context.Context, token string, s *subscriber) error {
	conn, _, err := websocket.Dial(ctx, "ws://"+l.address+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // an upgrade has none
	if err != nil {
		return err
	}
	for _, text := range []string{
		`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`,
		`{"id":"1","type":"subscribe","payload":{"query":"` + listening + `"}}`,
		`{"id":"2","type":"subscribe","payload":{"query":"{ __typename }"}}`,
	} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return err
		}
	}
	for answered := false; !answered; {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		answered = bytes.Contains(text, []byte(`"id":"2"`))
	}
	go func() {
		defer func() { _ = conn.CloseNow() }() // it is over, one way or the other
		for {
			_, text, err := conn.Read(ctx)
			if err == nil && bytes.Equal(text, []byte(`{"type":"ping"}`)) {
				err = conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`))
			}
			if err != nil {
				s.end(ctx, err)
				return
			}
			s.hear(text)
		}
	}()
	return nil
}

// byEvents begins to listen.
func (l *line) byEvents(ctx context.Context, token string, s *subscriber) error {
	req, err := lab.GraphQL(ctx, l.address, token, listening, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	client := http.Client{Transport: &http.Transport{DisableCompression: true, ReadBufferSize: 1024}}
	w, err := client.Do(req) //nolint:bodyclose // closed when the stream ends
	if err != nil {
		return err
	}
	if w.StatusCode != http.StatusOK || !strings.HasPrefix(w.Header.Get("Content-Type"), "text/event-stream") {
		return errors.Join(errors.New(w.Status), w.Body.Close())
	}
	go func() {
		defer w.Body.Close()
		lines := bufio.NewScanner(w.Body)
		for lines.Scan() {
			s.hear(lines.Bytes())
		}
		s.end(ctx, fmt.Errorf("the stream ended: %w", lines.Err()))
	}()
	return nil
}

// end tells that nothing comes any more, which is a failure before ctx ends.
func (s *subscriber) end(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
}

// await gives all time to hear n decisions, and returns how many never came.
func (a *audience) await(n int, patience time.Duration) (lost int) {
	for until := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		lost = 0
		for _, s := range a.all {
			s.mu.Lock()
			lost += max(n-len(s.heard), 0)
			s.mu.Unlock()
		}
		if lost == 0 || time.Now().After(until) {
			return lost
		}
	}
}

// delays are how late each event came to each subscriber.
func (a *audience) delays() (all []time.Duration) {
	for _, s := range a.all {
		s.mu.Lock()
		all = append(all, s.heard...)
		s.mu.Unlock()
	}
	return all
}

// failure is the first of any subscriber.
func (a *audience) failure() error {
	for _, s := range a.all {
		s.mu.Lock()
		err := s.err
		s.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}
