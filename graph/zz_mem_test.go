package graph_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"testing"
	"time"

	"flowviz/db"
	"flowviz/internal/relay"
)

func memHandlers(mux *http.ServeMux) {
	mux.HandleFunc("/mem", func(w http.ResponseWriter, _ *http.Request) {
		runtime.GC()
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Fprintf(w, "heap %d KiB stack %d KiB sys %d KiB goroutines %d", m.HeapAlloc>>10, m.StackInuse>>10, m.Sys>>10, runtime.NumGoroutine())
	})
	mux.HandleFunc("/heap", pprof.Handler("heap").ServeHTTP)
	mux.HandleFunc("/gor", pprof.Handler("goroutine").ServeHTTP)
}

func TestZZMem(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	const n = 400
	a := newAudience(t, n/5, db.RoleVIEWER)
	r := startReplica(t, a.app, "")
	get := func(p string) string {
		w, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(r.address() + p)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		b, _ := io.ReadAll(w.Body)
		return string(b)
	}
	t.Log(get("/mem"))
	start := relay.EventCursor([]relay.EventPlace{{Site: 1}, {Site: 2}})
	listen := listenBySocket
	if os.Getenv("ZZ") == "sse" {
		listen = listenByEvents
	}
	for i := range n {
		go func() {
			err := listen(t.Context(), r.address(), a.tokens[i/5], start, func(*frame) error { return nil })
			if t.Context().Err() == nil {
				t.Log(err)
			}
		}()
	}
	time.Sleep(3 * time.Second)
	for range 20 {
		if err := a.happen(t.Context(), 1, 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Log(get("/mem"))
	os.WriteFile("/tmp/zz.heap", []byte(get("/heap")), 0o600)
	os.WriteFile("/tmp/zz.gor", []byte(get("/gor?debug=1")), 0o600)
}
