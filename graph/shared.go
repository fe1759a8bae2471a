package graph

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// ticketHeader, or the parameter token of the address, says to which shared stream a request belongs.
const ticketHeader = "X-GraphQL-Event-Stream-Token"

// reserved is how long a shared stream may be reserved until somebody receives it.
const reserved = 10 * time.Second

// sharing is the other mode of npm's graphql-sse, for browsers that open six connections at most: one stream of several operations. PUT
// reserves it and gives its ticket, GET receives it, POST begins operations and DELETE ends them. It is this replica's: where there are several,
// a client must always reach the same one.
type sharing struct {
	live      *live
	documents Documents
}

// Supports implements graphql.Transport.
func (sharing) Supports(r *http.Request) bool {
	return r.Method == http.MethodPut || r.Method == http.MethodDelete || ticketOf(r) != ""
}

func ticketOf(r *http.Request) string {
	if ticket := r.Header.Get(ticketHeader); ticket != "" {
		return ticket
	}
	return r.URL.Query().Get("token")
}

// sharedStream carries several operations.
type sharedStream struct {
	stream

	ticket     string
	operations operations
}

// sharedStreams are those of this replica, by their tickets.
type sharedStreams struct {
	mu  sync.Mutex
	all map[string]*sharedStream
}

// Do implements graphql.Transport.
func (t sharing) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodPut {
		t.reserve(w, r)
		return
	}
	s, refused := t.find(r)
	if refused == nil {
		switch r.Method {
		case http.MethodGet:
			refused = t.receive(w, r, s)
		case http.MethodPost:
			t.begin(w, r, exec, s)
		case http.MethodDelete:
			s.operations.end(r.URL.Query().Get("operationId"))
		default:
			w.Header().Set("Allow", "PUT, GET, POST, DELETE")
			refused = &refusal{http.StatusMethodNotAllowed, fault.BadUserInput, "reserve a stream by PUT, receive it by GET, send operations by POST and end them by DELETE", nil}
		}
	}
	if refused != nil {
		refused.write(w, plainJSON)
	}
}

// reserve keeps a stream for who asks, among the five connections that they may have.
func (t sharing) reserve(w http.ResponseWriter, r *http.Request) {
	if identity.ActorFrom(r.Context()) == nil {
		(&refusal{http.StatusUnauthorized, fault.Unauthenticated, "sign in first", nil}).write(w, plainJSON)
		return
	}
	s := &sharedStream{ticket: rand.Text()}
	// It lives longer than this request.
	s.line = newLine(identity.Answered(context.WithoutCancel(r.Context())), s.beat)
	if used, ok := t.live.lines.add(s.line, maxSubscriptions); !ok {
		s.line.hangUp(nil)
		refused := tooLarge("streams", maxStreams, used, "a user has %d connections for several subscriptions at once, each for %d streams: end one", maxLines, maxSubscriptions)
		refused.status = http.StatusTooManyRequests
		refused.write(w, plainJSON)
		return
	}
	t.live.shared.keep(s)
	context.AfterFunc(s.line.ctx, func() {
		t.live.shared.forget(s)
		t.live.lines.remove(s.line)
	})
	time.AfterFunc(reserved, func() {
		if !s.isBegun() {
			s.line.hangUp(nil)
		}
	})
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(s.ticket)) // who went away leaves it to its time
}

func (s *sharedStreams) keep(stream *sharedStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[stream.ticket] = stream
}

func (s *sharedStreams) forget(stream *sharedStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, stream.ticket)
}

// find is the stream of a request's ticket. Who receives it may come without a name, as a browser's EventSource does: the ticket is their
// proof. Everybody else must be who reserved it.
func (t sharing) find(r *http.Request) (*sharedStream, *refusal) {
	t.live.shared.mu.Lock()
	s := t.live.shared.all[ticketOf(r)]
	t.live.shared.mu.Unlock()
	actor := identity.ActorFrom(r.Context())
	if s != nil && (actor != nil || r.Method != http.MethodGet) {
		if by, _ := s.line.who(); userKey(by) != userKey(actor) {
			s = nil
		}
	}
	if s == nil {
		return nil, &refusal{http.StatusNotFound, fault.NotFound, "no such stream is reserved for you here: reserve one by PUT", nil}
	}
	return s, nil
}

// receive sends the stream until it ends.
func (t sharing) receive(w http.ResponseWriter, r *http.Request, s *sharedStream) *refusal {
	if !s.take(w) {
		return &refusal{http.StatusConflict, fault.Conflict, "this stream is received already: reserve another", nil}
	}
	defer context.AfterFunc(r.Context(), func() { s.line.hangUp(nil) })()
	defer context.AfterFunc(s.line.ctx, s.release)()
	if err := s.begin(r.Context()); err == nil {
		<-s.line.ctx.Done()
	}
	s.close()
	s.operations.work.Wait()
	return nil
}

// begin starts an operation, whose answers the stream carries. Its request's token is who is on the line from now on.
func (t sharing) begin(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, s *sharedStream) {
	media := cmp.Or(negotiate(r.Header), plainJSON) // who accepts neither gets the answers by the stream
	if !s.isBegun() {
		(&refusal{http.StatusConflict, fault.Conflict, "receive the stream first, by GET", nil}).write(w, media)
		return
	}
	params, refused := post{documents: t.documents}.read(w, r)
	if refused != nil {
		refused.write(w, media)
		return
	}
	id, ok := params.Extensions["operationId"].(string)
	if !ok || id == "" || len(id) > maxName {
		badRequest("name the operation in extensions.operationId").write(w, media)
		return
	}
	params.Headers = r.Header
	entered := identity.Answered(context.WithoutCancel(r.Context())) // it outlives this request
	s.line.enter(entered)
	ctx, operation, answer := operate(entered, exec, s.line, params)
	if answer != nil {
		respond(w, media, answer)
		return
	}
	err := s.operations.begin(ctx, s.line, id, func(ctx context.Context) {
		s.operate(ctx, t.live, exec, operation, params, id)
	}, func() { s.complete(id) })
	switch {
	case errors.Is(err, errSameID):
		(&refusal{http.StatusConflict, fault.Conflict, "an operation of this id is running", nil}).write(w, media)
	case err != nil:
		refused := tooMany()
		refused.status = http.StatusTooManyRequests
		refused.write(w, media)
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

// operate executes an operation until it ends.
func (s *sharedStream) operate(ctx context.Context, l *live, exec graphql.GraphExecutor, operation *graphql.OperationContext, params *graphql.RawParams, id string) {
	name, _ := json.Marshal(id) // a text
	before, behind := `{"id":`+string(name)+`,"payload":`, "}"
	send := func(body []byte, cursor relay.Cursor) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return s.next(cursor, before, string(body), behind)
	}
	var answer *graphql.Response
	if isSubscription(operation) {
		sub := &subscription{live: l, exec: exec, line: s.line, params: params, send: send}
		var err error
		if answer, err = sub.run(ctx, operation); err != nil && ctx.Err() == nil {
			s.line.hangUp(err)
		}
	} else {
		next, ctx := exec.DispatchOperation(ctx, operation)
		answer = next(ctx)
	}
	if answer == nil {
		return
	}
	body, err := encode(answer)
	if err == nil {
		err = send(body, "")
	}
	if err != nil && ctx.Err() == nil {
		s.line.hangUp(err)
	}
}

// complete says that an operation is over.
func (s *sharedStream) complete(id string) {
	name, _ := json.Marshal(id)                                           // a text
	_ = s.write("event: complete\ndata: {\"id\":", string(name), "}\n\n") // that it can't be written, the line is told
}
