package graph_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"flowviz/db"
	"flowviz/graph"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/identity"
	"flowviz/internal/pubsub"
)

// Replicas are processes of their own, so that they can be killed: this test's own program, told by its environment to serve.
const replicaEnv = "FLOWVIZ_TEST_REPLICA" // the database's URL

// TestReplica serves, where it is told to; else there is nothing to test.
func TestReplica(t *testing.T) { // not parallel: it is alone in its process
	address := os.Getenv(replicaEnv)
	if address == "" {
		t.Skip("serves other tests")
	}
	pool, err := db.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	hub := pubsub.NewHub(pool, slog.Default())
	go hub.Run(t.Context())
	var carrier pubsub.Carrier = pubsub.Postgres{Pool: pool}
	if server := os.Getenv("VALKEY_URL"); server != "" {
		if carrier, err = pubsub.NewValkey(server); err != nil {
			t.Fatal(err)
		}
	}
	hints := pubsub.NewHints(hub, carrier, slog.New(slog.DiscardHandler))
	go hints.Run(t.Context())
	commands := command.NewExecutor(pool, audit.NewRecorder(newID, time.Now), newID, time.Now)
	commands.AfterTelling(hints.Told)
	r := newResolverOf(pool, commands, time.Now)
	r.Events, r.Identify = hub, identity.NewAuthenticator(pool, newTokens(), time.Now, slog.Default())
	h, err := graph.NewHandler(r, graph.Edge{}, slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("serving " + listener.Addr().String() + "\n")
	mux := http.NewServeMux()
	mux.Handle("/", r.Identify.Middleware(h))
	mux.HandleFunc("/counts", count)
	mux.HandleFunc("/leaks", (&leaks{}).find)
	t.Fatal((&http.Server{Handler: mux, ConnContext: graph.KeepConn}).Serve(listener))
}

// count tells how many goroutines and open files there are.
func count(w http.ResponseWriter, _ *http.Request) {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, "%d %d", runtime.NumGoroutine(), len(files))
}

// leaks finds goroutines that were not there when it was asked first.
type leaks struct {
	mu    sync.Mutex
	known goleak.Option
}

// find tells where those are that stay for the second or two in which goleak looks again.
func (l *leaks) find(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		l.known = goleak.IgnoreCurrent()
		return
	}
	// This request's own connection has one that notices whether its client goes away; and one to the database, on which a write took 15 ms, goes on reading
	// until its next answer: one at most for each of the pool's, which the files tell of.
	own := []goleak.Option{l.known, goleak.IgnoreAnyFunction("net/http.(*connReader).backgroundRead"), goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgconn/internal/bgreader.(*BGReader).bgRead")}
	if err := goleak.Find(own...); err != nil {
		fmt.Fprint(w, err)
	}
}

// replica is one process.
type replica struct {
	t      *testing.T
	app    *pgxpool.Pool
	valkey string

	mu      sync.Mutex
	url     string
	process *exec.Cmd
}

func startReplica(t *testing.T, app *pgxpool.Pool, valkey string) *replica {
	t.Helper()
	r := &replica{t: t, app: app, valkey: valkey}
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *replica) start() {
	r.t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(r.t.Context()), os.Args[0], "-test.run=^TestReplica$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), replicaEnv+"="+r.app.Config().ConnString(), "VALKEY_URL="+r.valkey)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "serving "); ok {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.process, r.url = cmd, "http://"+address
			return
		}
	}
	r.t.Fatal("a replica doesn't serve")
}

// kill ends the process at once, with whatever it is doing.
func (r *replica) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process != nil {
		_ = r.process.Process.Kill()
		_ = r.process.Wait() // it was killed, and says so
		r.process = nil
	}
}

func (r *replica) address() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.url
}
