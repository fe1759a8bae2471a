package graph

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/rate"
	"flowviz/internal/relay"
)

// subprotocol is GraphQL over WebSocket, as npm's graphql-ws specifies it.
const subprotocol = "graphql-transport-ws"

const (
	// initTimeout is how long a client may take to say who it is.
	initTimeout = 3 * time.Second
	// silence is how long a client may say nothing until it is asked for a sign of life, and then again until it is given up.
	// With the rounds between, that is 10 s at most.
	silence = 4 * time.Second
	// answerBeats are looked at after that time, in which an answer may be read that came while this process stood still.
	answerBeats = 2
	// goodbye is how long a client has to hear why it is hung up on, of the 2 s in which a sign-out closes also one that receives nothing.
	goodbye = 500 * time.Millisecond
	// maxReason is what fits beside the code into a closing frame (RFC 6455, 5.5).
	maxReason = 123
)

// The codes with which a socket is closed. Those of 44xx are the protocol's.
const (
	closeEnding       = websocket.StatusGoingAway
	closeLater        = websocket.StatusTryAgainLater // after which npm's graphql-ws connects again, as after 1011 and 4429 it doesn't
	closeBadMessage   = websocket.StatusCode(4400)
	closeNoInit       = websocket.StatusCode(4401)
	closeForbidden    = websocket.StatusCode(4403)
	closeNoProtocol   = websocket.StatusCode(4406)
	closeInitTimeout  = websocket.StatusCode(4408)
	closeSameID       = websocket.StatusCode(4409)
	closeTooManyInits = websocket.StatusCode(4429)
)

// closing ends a socket, with a code and a reason that its client is told.
type closing struct {
	code   websocket.StatusCode
	reason string
}

func (c closing) Error() string { return c.reason }

// closingOver ends a socket by a limit, and names it as the extensions of an error do.
func closingOver(reason, limit string, value, cost int) closing {
	return closing{closeLater, fmt.Sprintf("%s (limit %s, value %d, cost %d)", reason, limit, value, cost)}
}

// closingFor says with which code a socket ends for a cause.
func closingFor(cause error) closing {
	if c, ok := errors.AsType[closing](cause); ok {
		return c
	}
	if s, ok := errors.AsType[slow](cause); ok {
		reason := "too slow, resume after " + string(s.cursor)
		if len(reason) > maxReason { // of a member of more than a dozen sites; they have it with the last event
			reason = "too slow, resume after the last cursor"
		}
		return closing{closeLater, reason}
	}
	switch {
	case errors.Is(cause, errSignedOut):
		return closing{closeForbidden, errSignedOut.Error()}
	case errors.Is(cause, errEnding):
		return closing{closeEnding, errEnding.Error()}
	case errors.Is(cause, context.Canceled): // the client is gone
		return closing{websocket.StatusNormalClosure, ""}
	}
	return closing{closeLater, errOurs.Error()}
}

// sockets is GraphQL over WebSocket. The library's own has no write deadline, no limits, and keeps 4 of the protocol's 14 rules.
type sockets struct {
	live      *live
	documents Documents
	requests  *rate.Limiter
}

// Supports implements graphql.Transport.
func (sockets) Supports(r *http.Request) bool { return isUpgrade(r) }

func isUpgrade(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

// Do implements graphql.Transport.
func (t sockets) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	kept := &keepConn{ResponseWriter: w}
	conn, err := websocket.Accept(kept, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // origins are checked as for POST, before
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return // it has answered
	}
	conn.SetReadLimit(maxBody)
	endUnreceived(kept.conn, writeTimeout)
	s := &socket{sockets: t, exec: exec, conn: conn, net: kept.conn, address: r.RemoteAddr}
	s.line = newLine(identity.Answered(r.Context()), s.beat)
	defer context.AfterFunc(s.line.ctx, s.close)()
	if conn.Subprotocol() != subprotocol {
		s.line.hangUp(closing{closeNoProtocol, "Subprotocol not acceptable"})
	}
	s.serve()
}

// keepConn keeps the connection that is taken over: of a client that doesn't read, it can be closed at once.
type keepConn struct {
	http.ResponseWriter

	conn net.Conn
}

// Hijack implements http.Hijacker.
func (k *keepConn) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(k.ResponseWriter).Hijack()
	k.conn = conn
	return conn, rw, err
}

// socket is one client's.
type socket struct {
	sockets

	exec    graphql.GraphExecutor
	conn    *websocket.Conn
	net     net.Conn
	line    *line
	address string

	writing sync.Mutex
	heard   atomic.Bool // since the last beat that looked
	quiet   time.Time   // since when nothing was heard; known to beat alone
	asked   bool        // for a sign of life; known to beat alone
	beats   int         // since it was to have answered; known to beat alone

	entered    bool // known to serve alone
	operations operations
}

// said is one message of the protocol's, either way.
type said struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// readSaid reads a message. Its payload is a part of the frame, which may be a megabyte, and no copy of it.
func readSaid(frame []byte) (m said, ok bool) {
	if wellFormed(frame) != nil {
		return m, false
	}
	d := &decoder{body: frame}
	for d.begin(); d.more(); {
		name := d.name()
		switch {
		case name == "payload":
			m.Payload = d.raw()
		case (name == "id" || name == "type") && d.space() != '"':
			return m, false
		case name == "id":
			m.ID = d.text()
		case name == "type":
			m.Type = d.text()
		default:
			d.raw()
		}
	}
	return m, true
}

// serve reads what the client says until the socket ends.
func (s *socket) serve() {
	timer := time.AfterFunc(initTimeout, func() {
		s.line.hangUp(closing{closeInitTimeout, "Connection initialisation timeout"})
	})
	defer timer.Stop()
	defer s.operations.work.Wait()
	defer s.line.hangUp(nil)
	defer s.live.lines.remove(s.line)
	for {
		kind, text, err := s.conn.Read(context.Background()) // closing the connection ends it
		if err != nil {
			return
		}
		s.heard.Store(true)
		m, ok := readSaid(text)
		if kind != websocket.MessageText || !ok {
			s.line.hangUp(closing{closeBadMessage, "Invalid message received"})
			continue
		}
		if wait, ok := s.requests.AllowAddress(s.address, 1); !ok {
			s.line.hangUp(closingOver(tooOften(wait).Message, "requests", s.requests.Limit().Burst, 1))
			continue
		}
		if m.Type == "connection_init" && !s.entered {
			timer.Stop()
		}
		if s.line.ctx.Err() != nil { // it is being closed
			continue
		}
		if err := s.handle(m); err != nil {
			s.line.hangUp(err)
		}
	}
}

func (s *socket) handle(m said) error {
	switch {
	case m.Type == "connection_init":
		return s.init(m)
	case m.Type == "ping":
		return s.pong(m)
	case m.Type == "pong":
		return nil
	case m.Type == "subscribe" && !s.entered:
		return closing{closeNoInit, "Unauthorized"}
	case m.Type == "subscribe" && m.ID != "" && len(m.ID) <= maxName && len(m.Payload) > 0:
		return s.subscribe(m)
	case m.Type == "complete" && m.ID != "":
		s.operations.end(m.ID)
		return nil
	}
	return closing{closeBadMessage, "Invalid message received"}
}

// bearerOf is the token in a message's payload; "" where there is none.
func bearerOf(payload json.RawMessage) string {
	var members map[string]any
	if json.Unmarshal(payload, &members) != nil {
		return ""
	}
	for name, value := range members {
		if text, ok := value.(string); ok && strings.EqualFold(name, "authorization") {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text, "Bearer "), "bearer "))
		}
	}
	return ""
}

// enter takes a token that came in a payload.
func (s *socket) enter(ctx context.Context, bearer string) (context.Context, error) {
	refused := closing{closeForbidden, "Forbidden"}
	if s.live.resolver.Identify == nil {
		return nil, refused
	}
	ctx, err := s.live.resolver.Identify.Enter(ctx, bearer)
	switch {
	case fault.Of(err) != nil:
		return nil, refused
	case err != nil:
		return nil, closing{closeLater, "who asks can't be found out at the moment"}
	}
	return ctx, nil
}

// init lets the client in, by a token in the message or in the upgrade's headers.
func (s *socket) init(m said) error {
	if s.entered {
		return closing{closeTooManyInits, "Too many initialisation requests"}
	}
	if bearer := bearerOf(m.Payload); bearer != "" {
		ctx, err := s.enter(s.line.ctx, bearer)
		if err != nil {
			return err
		}
		s.line.begin(ctx)
	}
	if actor, _ := s.line.who(); actor == nil {
		return closing{closeForbidden, "Forbidden"}
	}
	if used, ok := s.live.lines.add(s.line, maxSubscriptions); !ok {
		return closingOver(fmt.Sprintf("too many sockets of one user, each for %d streams", maxSubscriptions), "streams", maxStreams, used)
	}
	s.entered = true
	return s.write(said{Type: "connection_ack"})
}

// pong answers a ping. One with a token renews who is on the line.
func (s *socket) pong(m said) error {
	if bearer := bearerOf(m.Payload); bearer != "" && s.entered {
		ctx, err := s.enter(s.line.ctx, bearer)
		if err != nil {
			return err
		}
		if !s.line.enter(ctx) {
			return closing{closeForbidden, "Forbidden"}
		}
		return s.write(said{Type: "pong"})
	}
	return s.write(said{Type: "pong", Payload: m.Payload})
}

// subscribe begins an operation.
func (s *socket) subscribe(m said) error {
	var end said
	var err error
	work := func(ctx context.Context) {
		if end, err = s.operate(ctx, m); err != nil && ctx.Err() == nil {
			s.line.hangUp(err)
		}
	}
	last := func() {
		if err == nil {
			_ = s.write(end) // that it can't be written, the socket is told
		}
	}
	switch begun := s.operations.begin(s.line.ctx, s.line, m.ID, work, last); {
	case errors.Is(begun, errSameID):
		return closing{closeSameID, "Subscriber for " + m.ID[:min(len(m.ID), 60)] + " already exists"}
	case begun != nil:
		return s.write(said{ID: m.ID, Type: "error", Payload: tooMany().errors()})
	}
	return nil
}

// operate executes an operation, and returns the message with which it ends.
func (s *socket) operate(ctx context.Context, m said) (end said, err error) {
	params, bad := parse(m.Payload, s.documents)
	if bad != nil {
		return said{ID: m.ID, Type: "error", Payload: bad.errors()}, nil
	}
	ctx, operation, refused := operate(ctx, s.exec, s.line, params)
	if refused != nil {
		return s.refusal(m.ID, refused)
	}
	id, err := json.Marshal(m.ID)
	if err != nil {
		return said{}, err
	}
	opening := []byte(`{"id":` + string(id) + `,"type":"next","payload":`)
	send := func(body []byte, _ relay.Cursor) error {
		frame := make([]byte, 0, len(opening)+len(body)+1)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return s.writeText(append(append(append(frame, opening...), body...), '}'))
	}
	end = said{ID: m.ID, Type: "complete"}
	if isSubscription(operation) {
		sub := &subscription{live: s.live, exec: s.exec, line: s.line, params: params, send: send}
		refused, err := sub.run(ctx, operation)
		if refused != nil {
			return s.refusal(m.ID, refused)
		}
		return end, err
	}
	next, ctx := s.exec.DispatchOperation(ctx, operation)
	body, err := encode(next(ctx))
	if err != nil {
		return end, err
	}
	return end, send(body, "")
}

// refusal ends an operation with errors.
func (*socket) refusal(id string, answer *graphql.Response) (said, error) {
	errs, err := json.Marshal(answer.Errors)
	return said{ID: id, Type: "error", Payload: errs}, err
}

func (s *socket) write(m said) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return s.writeText(text)
}

func (s *socket) writeText(text []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := s.net.SetWriteDeadline(graphql.Now().Add(writeTimeout)); err != nil {
		return err
	}
	if err := s.line.ctx.Err(); err != nil { // looked at after the deadline is set: close sets another
		return err
	}
	if err := s.conn.Write(context.Background(), websocket.MessageText, text); err != nil {
		s.line.hangUp(errStalled)
		return errStalled
	}
	return nil
}

// beat asks a client that was silent for a sign of life, and gives up one that gives none.
func (s *socket) beat(now time.Time) {
	switch {
	case s.heard.Swap(false) || s.quiet.IsZero():
		s.quiet, s.asked = now, false
	case now.Sub(s.quiet) < silence:
	case s.asked && s.beats < answerBeats:
		s.beats++
	case s.asked:
		s.line.hangUp(errStalled)
	default:
		s.quiet, s.asked, s.beats = now, true, 0
		go func() { _ = s.write(said{Type: "ping"}) }() // that it can't be written, the socket is told
	}
}

// close says why, and closes the connection whether that is heard or not.
func (s *socket) close() {
	why, heard := closingFor(context.Cause(s.line.ctx)), goodbye
	if _, ok := errors.AsType[slow](context.Cause(s.line.ctx)); ok { // what was sent before is still on its way
		heard = writeTimeout
	}
	// A write that is stuck ends now, and what is written from here on is the goodbye alone.
	_ = s.net.SetWriteDeadline(graphql.Now().Add(heard)) // where it fails, the connection is closed already
	timer := time.AfterFunc(heard, func() { _ = s.net.Close() })
	defer timer.Stop()
	if errors.Is(context.Cause(s.line.ctx), errStalled) {
		_ = s.net.Close() // nobody hears a goodbye
	}
	_ = s.conn.Close(why.code, why.reason) // the client may be gone
}
