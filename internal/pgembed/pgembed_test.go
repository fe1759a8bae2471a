package pgembed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/pgembed"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// childFolder makes the test program a process that holds a data folder until it is killed.
const childFolder = "PGEMBED_TEST_CHILD_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		hold(dir)
	}
	os.Exit(m.Run())
}

func hold(dir string) {
	srv, err := pgembed.Start(context.Background(), pgembed.Config{Dir: dir})
	if err != nil {
		fmt.Println("start failed:", err)
		os.Exit(1)
	}
	fmt.Println(srv.URL("postgres"))
	select {}
}

// startChild returns a process that is starting a server, and the line that it prints when it has.
func startChild(t *testing.T, dir string) (child *exec.Cmd, line func() string) {
	t.Helper()
	child = exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	t.Cleanup(func() {
		kill(child)
		if srv, err := pgembed.Start(context.Background(), pgembed.Config{Dir: dir}); err == nil { // ends what the child left running
			_ = srv.Stop()
		}
	})
	return child, func() string {
		text, err := bufio.NewReader(out).ReadString('\n')
		must(t, err)
		return strings.TrimSpace(text)
	}
}

func kill(child *exec.Cmd) {
	_ = child.Process.Kill() // it may have ended before
	_ = child.Wait()
}

// start starts a server that the test's end stops.
func start(t *testing.T, dir string) *pgembed.Server {
	t.Helper()
	srv, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
	if errors.Is(err, pgembed.ErrNotInstalled) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	must(t, err)
	t.Cleanup(func() { _ = srv.Stop() }) // the tests that care stop it themselves
	return srv
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func ask(t *testing.T, url, query string) string {
	t.Helper()
	var answer string
	must(t, connect(t, url).QueryRow(t.Context(), query).Scan(&answer))
	return answer
}

func do(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn := connect(t, url)
	for _, statement := range statements {
		_, err := conn.Exec(t.Context(), statement)
		must(t, err)
	}
}

// store writes a row that wantStored finds again.
func store(t *testing.T, url string) {
	t.Helper()
	do(t, url, "create table kept (word text)", "insert into kept values ('cheese')")
}

func wantStored(t *testing.T, url string) {
	t.Helper()
	if diff := cmp.Diff("cheese", ask(t, url, "select word from kept")); diff != "" {
		t.Error(diff)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantFault(t *testing.T, err error, code fault.Code, parts ...string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("got error %v, want one of code %s", err, code)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q doesn't name %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has several lines", err)
	}
}

func postgresPID(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	must(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	return pid
}

func TestRestartKeepsData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	srv := start(t, dir)
	store(t, srv.URL("postgres"))
	must(t, srv.Stop())
	must(t, srv.Stop())
	select {
	case <-srv.Done():
		t.Error("Done is closed after a Stop")
	default:
	}
	wantStored(t, start(t, dir).URL("postgres"))
}

var urlShape = regexp.MustCompile(`^postgres://postgres:[A-Z2-7]{26}@127\.0\.0\.1:\d+/flow%20viz\?sslmode=disable$`)

func TestDatabaseIsAsPromised(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := start(t, dir)
	if url := srv.URL("flow viz"); !urlShape.MatchString(url) {
		t.Errorf("URL is %s", url)
	}
	url := srv.URL("postgres")
	for query, want := range map[string]string{
		"show listen_addresses":        "127.0.0.1",
		"show unix_socket_directories": "",
		"show data_checksums":          "on",
		"show server_encoding":         "UTF8",
		"show password_encryption":     "scram-sha-256",
		"show jit":                     "off",
		"show fsync":                   "on",
		"select datlocprovider::text || ' ' || datlocale from pg_database where datname = 'template1'": "b C.UTF-8",
		"select string_agg(distinct auth_method, ' ') from pg_hba_file_rules":                          "scram-sha-256",
		"select current_user::text": "postgres",
	} {
		if got := ask(t, url, query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	for name, want := range map[string]os.FileMode{"password": 0o600, "lock": 0o600, "postgres": 0o700 | os.ModeDir} {
		info, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode() != want {
			t.Errorf("%s: mode %v, want %v", name, info.Mode(), want)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, start(t, dir).Stop())
	srv, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir, Settings: map[string]string{
		"work_mem":         "5MB",       // instead of ours
		"lock_timeout":     "7s",        // beside ours
		"listen_addresses": "127.0.0.2", // not to be changed
	}})
	must(t, err)
	defer srv.Stop()
	for setting, want := range map[string]string{"work_mem": "5MB", "lock_timeout": "7s", "listen_addresses": "127.0.0.1"} {
		if got := ask(t, srv.URL("postgres"), "show "+setting); got != want {
			t.Errorf("%s = %s, want %s", setting, got, want)
		}
	}

	must(t, srv.Stop())
	_, err = pgembed.Start(t.Context(), pgembed.Config{Dir: dir, Settings: map[string]string{"work_memory": "5MB"}})
	wantFault(t, err, fault.FailedPrecondition, dir, "work_memory")
}

func TestSecondStartIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := start(t, dir)
	_, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
	wantFault(t, err, fault.Conflict, dir, fmt.Sprintf("process %d since 20", os.Getpid()), "stop it")
	store(t, srv.URL("postgres")) // the first is none the worse for it
	must(t, srv.Stop())
	wantStored(t, start(t, dir).URL("postgres"))
}

func TestParentKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, start(t, dir).Stop()) // skips where there is no PostgreSQL
	child, line := startChild(t, dir)
	url := line()
	store(t, url)
	orphan := postgresPID(t, dir)
	kill(child)
	must(t, syscall.Kill(orphan, 0)) // the case is what it claims to be

	srv := start(t, dir)
	wantStored(t, srv.URL("postgres"))
	if pid := postgresPID(t, dir); pid == orphan {
		t.Errorf("process %d still serves", pid)
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("the orphan still accepts connections")
	}
}

// untilInitialising returns when a database is being made in the folder. That lasts half a second; a look takes microseconds.
func untilInitialising(ctx context.Context, dir string) {
	for ctx.Err() == nil {
		if found, _ := filepath.Glob(filepath.Join(dir, "init-*", "PG_VERSION")); len(found) > 0 {
			return
		}
		runtime.Gosched()
	}
}

func TestInitialisationKilled(t *testing.T) {
	t.Parallel()
	must(t, start(t, t.TempDir()).Stop()) // skips where there is no PostgreSQL
	dir := t.TempDir()
	child, _ := startChild(t, dir)
	untilInitialising(t.Context(), dir)
	kill(child)
	if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
		t.Fatal("the initialisation was over already")
	}

	srv := start(t, dir)
	if got := ask(t, srv.URL("postgres"), "select 'works'"); got != "works" {
		t.Error(got)
	}
	must(t, srv.Stop())
	must(t, start(t, dir).Stop()) // removes what an initdb may have written after its folder was removed
	if found, _ := filepath.Glob(filepath.Join(dir, "init-*")); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
}

func TestPostgresKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := start(t, dir)
	store(t, srv.URL("postgres"))

	// A session that computes doesn't notice its server's death, and would keep the next one from starting.
	busy := connect(t, srv.URL("postgres"))
	answered := make(chan error, 1)
	go func() {
		_, err := busy.Exec(context.Background(), "select count(*) from generate_series(1, 1e12)")
		answered <- err
	}()
	watcher := connect(t, srv.URL("postgres"))
	for active := 0; active == 0; {
		must(t, watcher.QueryRow(t.Context(),
			"select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid()").Scan(&active))
	}

	must(t, syscall.Kill(postgresPID(t, dir), syscall.SIGKILL))
	<-srv.Done()
	err := srv.Stop()
	if err == nil || !strings.Contains(err.Error(), "ended by itself: signal: killed") {
		t.Errorf("Stop said %v", err)
	}

	wantStored(t, start(t, dir).URL("postgres"))
	if err := <-answered; err == nil {
		t.Error("the session of the killed server went on")
	}
}

func TestStalePIDOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, start(t, dir).Stop())
	pidFile := filepath.Join(dir, "postgres", "postmaster.pid")

	// As a reused number would be: a program of the same user, for one of another PostgreSQL ignores.
	other := exec.Command("sleep", "1000")
	info, err := os.Stat(filepath.Join(dir, "postgres"))
	must(t, err)
	if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != os.Geteuid() {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	must(t, other.Start())
	t.Cleanup(func() { kill(other) })

	for name, text := range map[string]string{
		"another program's": fmt.Sprintf("%d\n%s\n1\n2\n\n127.0.0.1\n1 1\nready   \n", other.Process.Pid, filepath.Join(dir, "postgres")),
		"empty":             "",
	} {
		must(t, os.WriteFile(pidFile, []byte(text), 0o600))
		srv, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		must(t, srv.Stop())
	}
	must(t, other.Process.Signal(syscall.Signal(0))) // and the program lives
}

func TestFolderIsRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		make func(t *testing.T, dir string)
		want []string
	}{
		"foreign files": {
			func(t *testing.T, dir string) {
				must(t, os.WriteFile(filepath.Join(dir, "thesis.odt"), []byte("x"), 0o600))
			},
			[]string{"thesis.odt", "empty"},
		},
		"no database": {
			func(t *testing.T, dir string) { must(t, os.Mkdir(filepath.Join(dir, "postgres"), 0o700)) },
			[]string{"no PostgreSQL database", "backup"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c.make(t, dir)
			before := tree(t, dir)
			_, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
			wantFault(t, err, fault.FailedPrecondition, append(c.want, dir)...)
			after := tree(t, dir)
			delete(after, "lock")
			if diff := cmp.Diff(before, after); diff != "" {
				t.Error("the folder was changed:", diff)
			}
		})
	}
	t.Run("a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(file, nil, 0o600))
		_, err := pgembed.Start(t.Context(), pgembed.Config{Dir: file})
		wantFault(t, err, fault.FailedPrecondition, file)
	})
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		_, err := pgembed.Start(t.Context(), pgembed.Config{})
		wantFault(t, err, fault.BadUserInput, "data folder")
	})
}

func tree(t *testing.T, dir string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	names := map[string]bool{}
	for _, entry := range entries {
		names[entry.Name()] = true
	}
	return names
}

func TestDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(t *testing.T, dir string)
		want  []string
	}{
		"of another version": {
			func(t *testing.T, dir string) {
				must(t, os.WriteFile(filepath.Join(dir, "postgres", "PG_VERSION"), []byte("16\n"), 0o600))
			},
			[]string{"is PostgreSQL 17, and the database was made by 16"},
		},
		"password lost": {
			func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "password"))) },
			[]string{"password is missing", "backup"},
		},
		"password of another": {
			func(t *testing.T, dir string) {
				must(t, os.WriteFile(filepath.Join(dir, "password"), []byte("swordfish\n"), 0o600))
			},
			[]string{"isn't the database's", "backup"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			must(t, start(t, dir).Stop())
			c.spoil(t, dir)
			_, err := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
			wantFault(t, err, fault.FailedPrecondition, c.want...)
			// The failed start holds nothing: the next one fails for the same reason, not for a lock or a server left behind.
			_, again := pgembed.Start(t.Context(), pgembed.Config{Dir: dir})
			if diff := cmp.Diff(err.Error(), again.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoPrograms(t *testing.T) {
	t.Parallel()
	_, err := pgembed.Start(t.Context(), pgembed.Config{Dir: t.TempDir(), BinDir: filepath.Join(t.TempDir(), "nothing")})
	wantFault(t, err, fault.FailedPrecondition, "npm ci --prefix tools/postgres")
	if !errors.Is(err, pgembed.ErrNotInstalled) {
		t.Error("not ErrNotInstalled:", err)
	}
}

func TestStartCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		untilInitialising(ctx, dir)
		cancel()
	}()
	_, err := pgembed.Start(ctx, pgembed.Config{Dir: dir})
	if errors.Is(err, pgembed.ErrNotInstalled) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if left := tree(t, dir); !left["password"] || len(left) != 2 {
		t.Errorf("left: %v, want lock and password", left)
	}
	must(t, start(t, dir).Stop())
}

// TestHandedToRoot: a backup that root restored belongs to root, as whom PostgreSQL doesn't run.
func TestHandedToRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	srv := start(t, dir)
	store(t, srv.URL("postgres"))
	must(t, srv.Stop())
	must(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		return errors.Join(err, os.Lchown(path, 0, 0))
	}))
	wantStored(t, start(t, dir).URL("postgres"))
}

func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	for name, folder := range map[string]func(i int) string{
		"new":  func(i int) string { return filepath.Join(dir, "new", strconv.Itoa(i)) },
		"kept": func(int) string { return filepath.Join(dir, "kept") },
	} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				srv, err := pgembed.Start(b.Context(), pgembed.Config{Dir: folder(i)})
				if err != nil {
					b.Fatal(err)
				}
				if err := srv.Stop(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
