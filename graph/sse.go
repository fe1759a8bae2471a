package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

const eventStream = "text/event-stream"

// remark is how often a stream says something that means nothing, so that what lies between keeps it open.
const remark = 15 * time.Second

// streams is GraphQL over server-sent events as npm's graphql-sse specifies it, one operation a connection: a POST of JSON, or a GET that
// changes nothing. Each event has its cursor as its id, so that a client that connects again goes on by itself.
type streams struct {
	live      *live
	documents Documents
}

// Supports implements graphql.Transport.
func (streams) Supports(r *http.Request) bool { return wantsStream(r.Header) }

// wantsStream tells who accepts a stream of events.
func wantsStream(h http.Header) bool {
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept"), ","), ",") {
		if media, _, err := mime.ParseMediaType(part); err == nil && media == eventStream {
			return true
		}
	}
	return false
}

// Do implements graphql.Transport.
func (t streams) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.Header().Set("Cache-Control", "no-store")
	params, refused := t.read(w, r)
	if refused != nil {
		refused.write(w, plainJSON)
		return
	}
	params.Headers = r.Header
	s := &stream{w: w, control: http.NewResponseController(w)}
	s.line = newLine(r.Context(), s.beat)
	defer s.close()
	ctx, operation, answer := operate(s.line.ctx, exec, s.line, params)
	if answer == nil && r.Method == http.MethodGet && operation.Operation.Operation == ast.Mutation {
		w.Header().Set("Allow", http.MethodPost)
		(&refusal{http.StatusMethodNotAllowed, fault.BadUserInput, "send mutations by POST", nil}).write(w, plainJSON)
		return
	}
	if answer != nil && statusOf(plainJSON, answer) != http.StatusOK {
		respond(w, plainJSON, answer)
		return
	}
	if media := negotiate(r.Header); media != "" && (answer != nil || !isSubscription(operation)) {
		if answer == nil { // a client that accepts both wants a stream where there is more than one answer
			next, ctx := exec.DispatchOperation(ctx, operation)
			answer = next(ctx)
		}
		respond(w, media, answer)
		return
	}
	if used, ok := t.live.lines.add(s.line, 1); !ok {
		refused := tooLarge("streams", maxStreams, used, "a user has %d streams at once: end one", maxStreams)
		refused.status = http.StatusTooManyRequests
		refused.write(w, plainJSON)
		return
	}
	defer t.live.lines.remove(s.line)
	if err := s.begin(r.Context()); err != nil {
		return // the client is gone
	}
	ctx = identity.Answered(ctx)
	defer context.AfterFunc(s.line.ctx, s.release)()
	if answer != nil {
		s.end(answer)
		return
	}
	if !isSubscription(operation) {
		next, ctx := exec.DispatchOperation(ctx, operation)
		s.end(next(ctx))
		return
	}
	sub := &subscription{live: t.live, exec: exec, line: s.line, params: params, after: lastEventID(r), send: s.one}
	answer, err := sub.run(ctx, operation)
	// A stream that was cut off just ends: a client that connects again says by itself which event was its last.
	if err == nil {
		s.end(answer)
	}
}

// lastEventID is where a client that connects again has come to; nil where it doesn't.
func lastEventID(r *http.Request) *relay.Cursor {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return new(relay.Cursor(id))
	}
	return nil
}

// read takes the parameters from the body of a POST, or from the address of a GET.
func (t streams) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, *refusal) {
	if r.Method != http.MethodGet {
		return post{documents: t.documents}.read(w, r)
	}
	body, err := bodyOf(r.URL.Query())
	if err != nil {
		return nil, badRequest("variables or extensions are no JSON")
	}
	return parse(body, t.documents)
}

// bodyOf is what a POST of the same request would have.
func bodyOf(query url.Values) ([]byte, error) {
	members := map[string]any{}
	for _, name := range []string{"query", "operationName", "documentId"} {
		if query.Has(name) {
			members[name] = query.Get(name)
		}
	}
	for _, name := range []string{"variables", "extensions"} {
		if query.Has(name) {
			members[name] = json.RawMessage(query.Get(name))
		}
	}
	return json.Marshal(members)
}

// stream is one client's.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	line    *line

	mu      sync.Mutex
	frame   bytes.Buffer
	written time.Time
	begun   bool
}

// take gives it to who receives it; false where somebody does already.
func (s *stream) take(w http.ResponseWriter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w != nil {
		return false
	}
	s.w, s.control = w, http.NewResponseController(w)
	return true
}

// begin answers with the headers. From here on each write has its own time. ctx is the request's.
func (s *stream) begin(ctx context.Context) error {
	h := s.w.Header()
	h.Set("Content-Type", eventStream+"; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx would wait for a page of it
	if err := s.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	impatient(ctx)
	s.w.WriteHeader(http.StatusOK)
	s.mu.Lock()
	s.begun = true
	s.mu.Unlock()
	return s.write(":\n\n")
}

func (s *stream) isBegun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

// one sends an answer of the only operation.
func (s *stream) one(body []byte, cursor relay.Cursor) error { return s.next(cursor, string(body)) }

// next sends one frame, with a cursor where there is one.
func (s *stream) next(cursor relay.Cursor, data ...string) error {
	frame := []string{"event: next\n"}
	if cursor != "" {
		frame = append(frame, "id: ", string(cursor), "\n")
	}
	return s.write(append(append(append(frame, "data: "), data...), "\n\n")...)
}

// end sends the last answer, where there is one.
func (s *stream) end(answer *graphql.Response) {
	if answer != nil {
		body, err := encode(answer)
		if err != nil || s.one(body, "") != nil {
			return
		}
	}
	_ = s.write("event: complete\ndata:\n\n") // the client may be gone
}

func (s *stream) write(parts ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.line.ctx.Err() != nil:
		return context.Cause(s.line.ctx)
	case s.w == nil: // nobody receives it yet
		return errStalled
	}
	s.frame.Reset()
	for _, part := range parts {
		s.frame.WriteString(part)
	}
	now := graphql.Now()
	s.written = now
	err := s.control.SetWriteDeadline(now.Add(writeTimeout))
	if s.line.ctx.Err() != nil { // it ended meanwhile, and its release may have come before this deadline
		s.release()
		return context.Cause(s.line.ctx)
	}
	if err == nil {
		_, err = s.w.Write(s.frame.Bytes())
	}
	if err == nil {
		err = s.control.Flush()
	}
	if err != nil {
		s.line.hangUp(errors.Join(errStalled, err))
	}
	return err
}

// beat says something now and then. Who writes at the moment does so anyway.
func (s *stream) beat(now time.Time) {
	if !s.mu.TryLock() {
		return
	}
	due := s.begun && now.Sub(s.written) > remark
	s.mu.Unlock()
	if due {
		go func() { _ = s.write(":\n\n") }() // that it can't be written, the line is told
	}
}

// close ends the stream, and waits for what is being written: with the request ends what it is written to.
func (s *stream) close() {
	s.line.hangUp(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
}

// release ends a write that is stuck.
func (s *stream) release() { _ = s.control.SetWriteDeadline(graphql.Now()) } // where it fails, the connection is closed
