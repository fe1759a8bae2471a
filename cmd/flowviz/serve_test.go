package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"flowviz/db/dbtest"
	"flowviz/internal/demo/demotest"
	"flowviz/internal/pgembed"
)

type serving struct {
	t         *testing.T
	url       string
	stop, end func() (code int, said string) // end waits until the command ends by itself
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func serve(t *testing.T, environ []string, args ...string) serving {
	t.Helper()
	if !slices.ContainsFunc(environ, func(setting string) bool { return strings.HasPrefix(setting, "FLOWVIZ_DATA=") }) {
		environ = append(slices.Clone(environ), "FLOWVIZ_DATA="+t.TempDir())
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, says := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, append(args, "--addr", "127.0.0.1:0"), environ, bcrypt.MinCost, strings.NewReader(""), says, says)
		says.Close()
	}()
	lines := bufio.NewScanner(out)
	var said strings.Builder
	url := ""
	for url == "" && lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		url = address.FindString(lines.Text())
	}
	rest := make(chan struct{})
	go func() {
		defer close(rest)
		for lines.Scan() {
			said.WriteString(lines.Text() + "\n")
		}
	}()
	end := sync.OnceValues(func() (int, string) {
		<-rest
		return <-ended, said.String()
	})
	stop := func() (int, string) {
		cancel()
		return end()
	}
	t.Cleanup(func() { stop() })
	if url == "" {
		_, said := stop()
		t.Fatalf("flowviz %s doesn't serve:\n%s", strings.Join(args, " "), said)
	}
	return serving{t: t, url: url, stop: stop, end: end}
}

func get(t *testing.T, url string) (status int, header http.Header, body string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(url)
	check(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	check(t, err)
	return res.StatusCode, res.Header, string(text)
}

func post(t *testing.T, url, body string) (status int, header http.Header, answer string) {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	check(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	check(t, err)
	return res.StatusCode, res.Header, string(text)
}

func TestServe(t *testing.T) {
	t.Parallel()
	url := dbtest.EmptyURL(t)
	s := serve(t, atURL(url), "serve")
	for path, want := range map[string]int{
		"/healthz":  http.StatusOK,
		"/readyz":   http.StatusOK,
		"/":         http.StatusFound,
		"/nowhere":  http.StatusNotFound,
		"/assets/x": http.StatusNotFound,
	} {
		if status, _, body := get(t, s.url+path); status != want {
			t.Errorf("%s: %d, want %d: %s", path, status, want, body)
		}
	}
	if _, header, _ := get(t, s.url+"/"); header.Get("Location") != "/graphiql" {
		t.Errorf("/ leads to %s", header.Get("Location"))
	}

	status, _, body := post(t, s.url+"/graphql", `{"query": "{ viewer { email } }"}`)
	if status != http.StatusOK || body != `{"data":{"viewer":null}}` {
		t.Errorf("/graphql: %d %s", status, body)
	}
	status, header, body := post(t, s.url+"/graphql", `{"query": "{ lots(first: 1) { totalCount } }"}`)
	if status != http.StatusUnauthorized || !strings.Contains(body, `"UNAUTHENTICATED"`) || header.Get("X-Request-Id") == "" {
		t.Errorf("/graphql, for nobody: %d %v %s", status, header, body)
	}
	if status, _, body := post(t, s.url+"/graphql", `{"query": "`+strings.Repeat("#", 64<<10+1)+`"}`); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d %s", status, body)
	}
	if status, header, body := get(t, s.url+"/schema.graphql"); status != http.StatusUnauthorized || header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(body, `"UNAUTHENTICATED"`) {
		t.Errorf("/schema.graphql, for nobody: %d %v %.300s", status, header, body)
	}

	if status, header, body := get(t, s.url+"/.well-known/jwks.json"); status != http.StatusOK || header.Get("Content-Type") != "application/jwk-set+json" || !strings.Contains(body, `"crv":"Ed25519"`) {
		t.Errorf("the keys: %d %v %s", status, header, body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", strings.NewReader(`{"query": "{ viewer { id } }"}`))
	check(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer x")
	res, err := http.DefaultClient.Do(req)
	check(t, err)
	check(t, res.Body.Close())
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a bad token: %d", res.StatusCode)
	}

	// Somebody migrates down under the running server.
	must(t, atURL(url), "migrate", "down")
	status, header, body = get(t, s.url+"/readyz")
	if status != http.StatusServiceUnavailable || header.Get("Cache-Control") != "no-store" || !strings.Contains(body, "flowviz migrate up") || strings.Count(body, "\n") != 1 {
		t.Errorf("/readyz with an old schema: %d %v %s", status, header, body)
	}
	if status, header, _ := get(t, s.url+"/healthz"); status != http.StatusOK || header.Get("Cache-Control") != "no-store" {
		t.Errorf("/healthz with an old schema: %d %v", status, header)
	}

	if code, said := s.stop(); code != 0 {
		t.Errorf("stopped with exit code %d:\n%s", code, said)
	}
	if _, err := http.Get(s.url + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

func embedded(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	srv, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
	if errors.Is(err, pgembed.ErrNotInstalled) && os.Getenv("CI") == "" {
		t.Skip(err) // says how to install it
	}
	check(t, err)
	check(t, srv.Stop())
	return dir
}

func TestServeEmbedded(t *testing.T) {
	t.Parallel()
	dir := embedded(t)
	environ := []string{"FLOWVIZ_DATA=" + dir}
	s := serve(t, environ, "serve")
	if status := must(t, environ, "migrate", "status"); strings.Contains(status, "pending") {
		t.Errorf("another folder's status:\n%s", status)
	}
	r := flowviz(t.Context(), environ, "serve", "--addr", "127.0.0.1:0")
	if r.code == 0 || !strings.Contains(r.stderr, dir) || !strings.Contains(r.stderr, "in use by process") || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("a second server: %+v", r)
	}
	if status, _, body := get(t, s.url+"/readyz"); status != http.StatusOK {
		t.Errorf("the first server isn't ready any more: %s", body)
	}
	if code, said := s.stop(); code != 0 {
		t.Errorf("stopped with exit code %d:\n%s", code, said)
	}
	if status := must(t, environ, "migrate", "status"); strings.Contains(status, "pending") {
		t.Errorf("status after the server stopped:\n%s", status)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	environ := append(atURL(dbtest.EmptyURL(t)), "FLOWVIZ_DATA="+t.TempDir())
	first := serve(t, environ, "demo")
	code, said := first.stop()
	for _, part := range []string{"Loaded 30 days", first.url + "/graphiql", "viewer@demo.flowviz", "Password  "} {
		if code != 0 || !strings.Contains(said, part) {
			t.Errorf("exit code %d, and %q is not said:\n%s", code, part, said)
		}
	}
	lots := regexp.MustCompile(`\d+ lots`).FindString(said)

	_, password, _ := strings.Cut(said, "Password  ")
	password, _, _ = strings.Cut(password, "\n")

	second := serve(t, environ, "demo", "--seed", "2")
	for role, want := range map[string]string{"viewer": "VIEWER", "operator": "OPERATOR", "manager": "MANAGER", "auditor": "AUDITOR", "admin": "ADMIN"} {
		query := fmt.Sprintf(`{"query": "mutation { login(input: {email: \"%s@demo.flowviz\", password: \"%s\"}) { user { role memberships { role } } } }"}`, role, password)
		want := fmt.Sprintf(`{"data":{"login":{"user":{"role":"%[1]s","memberships":[{"role":"%[1]s"},{"role":"%[1]s"}]}}}}`, want)
		if _, _, answer := post(t, second.url+"/graphql", query); answer != want {
			t.Errorf("%s signs in with the printed password: %s", role, answer)
		}
	}
	want := fmt.Sprintf(`{"data":{"lots":{"totalCount":%s}}}`, strings.TrimSuffix(lots, " lots"))
	if answer := second.ask(password, `{"query": "{ lots(first: 1) { totalCount } }"}`); answer != want {
		t.Errorf("the second start has %s, the first loaded %s", answer, lots)
	}
	if code, said := second.stop(); code != 0 || !strings.Contains(said, "already") || !strings.Contains(said, password) {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

// ask sends a query as the demo's manager.
func (s serving) ask(password, body string) (answer string) {
	s.t.Helper()
	res := s.send(s.signIn(password), http.MethodPost, "/graphql", body)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	check(s.t, err)
	return string(text)
}

// signIn gives the demo's manager a token.
func (s serving) signIn(password string) string {
	s.t.Helper()
	_, _, in := post(s.t, s.url+"/graphql", fmt.Sprintf(
		`{"query": "mutation { login(input: {email: \"manager@demo.flowviz\", password: \"%s\"}) { accessToken } }"}`, password))
	_, token, _ := strings.Cut(in, `"accessToken":"`)
	token, _, _ = strings.Cut(token, `"`)
	return token
}

// send asks for anything with a token; the answer comes as it is sent.
func (s serving) send(token, method, path, body string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	check(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	check(s.t, err)
	return res
}

// TestServedSchema: the whole schema is for who is signed in.
func TestServedSchema(t *testing.T) {
	t.Parallel()
	s := serve(t, append(atURL(demotest.Template(t).URL(t)), "FLOWVIZ_DEMO_PASSWORD="+demoPassword), "demo")
	for token, want := range map[string]struct {
		status int
		part   string
	}{
		s.signIn(demoPassword): {http.StatusOK, "\ntype Query {\n"},
		"made up":              {http.StatusUnauthorized, `"UNAUTHENTICATED"`},
	} {
		res := s.send(token, http.MethodGet, "/schema.graphql", "")
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		check(t, err)
		if res.StatusCode != want.status || !strings.Contains(string(text), want.part) {
			t.Errorf("%d %.300s; want %d %s", res.StatusCode, text, want.status, want.part)
		}
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := serve(t, atURL(dbtest.URL(t)), "serve")
	for path, want := range map[string]string{
		"/graphql": "gzip", // ten errors are more than a packet
		"/healthz": "",
	} {
		body := `{"query": "{` + strings.Repeat(" nothing", 10) + `}"}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
		check(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept-Encoding", "gzip") // set by hand, the transport leaves the answer as it comes
		res, err := http.DefaultClient.Do(req)
		check(t, err)
		check(t, res.Body.Close())
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%s: encoding %q, want %q", path, got, want)
		}
	}
}

const demoPassword = "a password for the demo"

// TestGuardedServe: what the settings say holds for the program as it serves.
func TestGuardedServe(t *testing.T) {
	t.Parallel()
	s := serve(t, append(atURL(demotest.Template(t).URL(t)), "FLOWVIZ_INTROSPECTION=off", "FLOWVIZ_DEMO_PASSWORD="+demoPassword), "demo")
	if status, header, _ := get(t, s.url+"/schema.graphql"); status != http.StatusNotFound || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("/schema.graphql: %d %v", status, header)
	}
	if answer := s.ask(demoPassword, `{"query":"{__schema{types{name}}}"}`); !strings.Contains(answer, "FORBIDDEN") {
		t.Errorf("a question about the schema: %s", answer)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", strings.NewReader(`{"query":"{sites{code}}"}`))
	check(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", "https://evil.example")
	res, err := http.DefaultClient.Do(req)
	check(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another origin: %d", res.StatusCode)
	}
}

func TestDatabaseEnds(t *testing.T) {
	t.Parallel()
	dir := embedded(t)
	s := serve(t, []string{"FLOWVIZ_DATA=" + dir}, "serve")
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	check(t, err)
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	check(t, err)
	check(t, syscall.Kill(pid, syscall.SIGQUIT))
	if code, said := s.end(); code == 0 || !strings.Contains(said, "flowviz: PostgreSQL ended by itself") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

func TestStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		io.WriteString(w, "done")
	})
	listener, err := listen(t.Context(), "127.0.0.1:0")
	check(t, err)
	log := slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- (&app{log: log}).answer(ctx, newHTTPServer(handler, log), listener, nil) }()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		answer <- fmt.Sprint(string(text), err)
	}()
	<-arrived
	cancel()
	for { // until the server has heard of it
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("ended with a request under way: %v", err)
	default:
	}
	close(release)
	if body := <-answer; body != "done<nil>" {
		t.Errorf("answer: %q", body)
	}
	check(t, <-ended)
}

// TestKeysRotateServed: while two keys are in the settings, both are published, and tokens of both hold; of one that was taken away none
// does.
func TestKeysRotateServed(t *testing.T) {
	t.Parallel()
	const older, newer = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	url := demotest.Template(t).URL(t)
	with := func(keys string) serving {
		return serve(t, append(atURL(url), "FLOWVIZ_DEMO_PASSWORD="+demoPassword, "FLOWVIZ_JWT_KEYS="+keys), "demo")
	}
	keyOf := func(token string) string {
		header, _, _ := strings.Cut(token, ".")
		text, err := base64.RawURLEncoding.DecodeString(header)
		check(t, err)
		var of struct{ Kid string }
		check(t, json.Unmarshal(text, &of))
		return of.Kid
	}
	before, both, after := with(older), with(newer+","+older), with(newer)
	old, young := before.signIn(demoPassword), both.signIn(demoPassword)
	for name, tc := range map[string]struct {
		at        serving
		holds     map[string]bool
		published []string
	}{
		"before": {before, map[string]bool{old: true, young: false}, []string{keyOf(old)}},
		"both":   {both, map[string]bool{old: true, young: true}, []string{keyOf(young), keyOf(old)}},
		"after":  {after, map[string]bool{old: false, young: true}, []string{keyOf(young)}},
	} {
		for token, holds := range tc.holds {
			res := tc.at.send(token, http.MethodPost, "/graphql", `{"query": "{ viewer { email } }"}`)
			check(t, res.Body.Close())
			if (res.StatusCode == http.StatusOK) != holds || !holds && res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s, the token of %s: %d", name, keyOf(token), res.StatusCode)
			}
		}
		var set struct{ Keys []struct{ Kid string } }
		_, _, body := get(t, tc.at.url+"/.well-known/jwks.json")
		check(t, json.Unmarshal([]byte(body), &set))
		var published []string
		for _, key := range set.Keys {
			published = append(published, key.Kid)
		}
		if !slices.Equal(published, tc.published) {
			t.Errorf("%s: %v are published, not %v", name, published, tc.published)
		}
	}
}

// TestServedHeaders: pages, answers and refusals alike say what a browser may make of them, and that no other page frames or reads them.
func TestServedHeaders(t *testing.T) {
	t.Parallel()
	s := serve(t, atURL(dbtest.URL(t)), "serve")
	for name, tc := range map[string]struct {
		method, path, body, origin string
		status                     int
	}{
		"a page":               {http.MethodGet, "/graphiql", "", "", 0}, // where nothing is built, 503
		"no such asset":        {http.MethodGet, "/assets/x", "", "", http.StatusNotFound},
		"no such page":         {http.MethodGet, "/nowhere", "", "", http.StatusNotFound},
		"a redirection":        {http.MethodGet, "/", "", "", http.StatusFound},
		"an answer":            {http.MethodPost, "/graphql", `{"query": "{ viewer { id } }"}`, "", http.StatusOK},
		"who isn't signed in":  {http.MethodPost, "/graphql", `{"query": "{ sites { code } }"}`, "", http.StatusUnauthorized},
		"no request":           {http.MethodPost, "/graphql", `{`, "", http.StatusBadRequest},
		"a large one":          {http.MethodPost, "/graphql", strings.Repeat("#", 5<<18+1), "", http.StatusRequestEntityTooLarge},
		"another method":       {http.MethodGet, "/graphql", "", "", http.StatusMethodNotAllowed},
		"another page's":       {http.MethodPost, "/graphql", `{}`, "https://evil.example", http.StatusForbidden},
		"the schema of nobody": {http.MethodGet, "/schema.graphql", "", "", http.StatusUnauthorized},
		"the keys":             {http.MethodGet, "/.well-known/jwks.json", "", "", http.StatusOK},
		"a probe":              {http.MethodGet, "/healthz", "", "", http.StatusOK},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tc.method, s.url+tc.path, strings.NewReader(tc.body))
		check(t, err)
		r.Header.Set("Content-Type", "application/json")
		if tc.origin != "" {
			r.Header.Set("Origin", tc.origin)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		check(t, err)
		check(t, res.Body.Close())
		if tc.status != 0 && res.StatusCode != tc.status {
			t.Errorf("%s: %d, not %d", name, res.StatusCode, tc.status)
		}
		for header, value := range map[string]string{
			"Content-Security-Policy": "frame-ancestors 'none'", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if got := res.Header.Values(header); len(got) != 1 || !strings.Contains(got[0], value) {
				t.Errorf("%s, %d: %s %q, not %s", name, res.StatusCode, header, got, value)
			}
		}
	}
}
