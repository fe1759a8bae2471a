package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"flowviz/db/dbtest"
)

// asProgram makes a process of these tests the program itself.
const asProgram = "RUN_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main() // it exits
	}
	dbtest.Main(m)
}

// result is how a command ended.

type result struct {
	code           int
	stdout, stderr string
}

// flowviz runs a command to its end.

func flowviz(ctx context.Context, environ []string, args ...string) result {
	return given(ctx, strings.NewReader(""), environ, args...)
}

func given(ctx context.Context, stdin io.Reader, environ []string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := execute(ctx, args, environ, bcrypt.MinCost, stdin, &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

func atURL(url string) []string { return []string{"DATABASE_URL=" + url} }

// must runs a command that succeeds, and returns what it printed.

func must(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	r := flowviz(t.Context(), environ, args...)
	if r.code != 0 {
		t.Fatalf("flowviz %s: exit code %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	}
	return r.stdout
}

func TestFailuresAreOneLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { check(t, taken.Close()) })
	current := dbtest.URL(t)
	newer := dbtest.URL(t)
	statement(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	foreign := t.TempDir()
	check(t, os.WriteFile(filepath.Join(foreign, "thesis.txt"), nil, 0o600))
	secret := filepath.Join(t.TempDir(), "url")
	check(t, os.WriteFile(secret, []byte("postgres://postgres:swordfish@127.0.0.1:1/lots\n"), 0o600))

	for name, c := range map[string]struct {
		environ []string
		args    []string
		want    []string
	}{
		"unknown command":      {nil, []string{"serv"}, []string{`unknown command "serv"`}},
		"unknown sub-command":  {nil, []string{"migrate", "sideways"}, []string{`unknown command "sideways"`}},
		"unknown flag":         {nil, []string{"serve", "--port", "1"}, []string{"--port"}},
		"two databases":        {nil, []string{"serve", "--data", "x", "--database-url", "y"}, []string{"data", "database-url"}},
		"two database secrets": {[]string{"DATABASE_URL=x", "DATABASE_URL_FILE=" + secret}, []string{"version"}, []string{"DATABASE_URL_FILE", "unset"}},
		"no such secret":       {[]string{"DATABASE_URL_FILE=" + secret + "s"}, []string{"version"}, []string{secret + "s"}},

		"address without a port":      {nil, []string{"serve", "--addr", "127.0.0.1"}, []string{`"127.0.0.1"`, "127.0.0.1:8080", "FLOWVIZ_ADDR"}},
		"address with no number":      {nil, []string{"serve", "--addr", "127.0.0.1:http"}, []string{"127.0.0.1:http", "--addr"}},
		"address with a large number": {nil, []string{"serve", "--addr", "127.0.0.1:65536"}, []string{"127.0.0.1:65536"}},
		"address taken":               {atURL(current), []string{"serve", "--addr", taken.Addr().String()}, []string{taken.Addr().String(), "taken", "another"}},

		"database URL":           {atURL("postgres://127.0.0.1:port/"), []string{"serve", "--addr", "127.0.0.1:0"}, []string{"DATABASE_URL"}},
		"unreachable":            {[]string{"DATABASE_URL_FILE=" + secret}, []string{"serve", "--addr", "127.0.0.1:0"}, []string{`"lots"`, "127.0.0.1:1", "refused", "DATABASE_URL"}},
		"unreachable for a task": {[]string{"DATABASE_URL_FILE=" + secret}, []string{"migrate", "status"}, []string{"127.0.0.1:1", "refused"}},
		"no such host":           {atURL("postgres://postgres.invalid/lots"), []string{"migrate", "up"}, []string{"postgres.invalid", "can't be reached"}},
		"no such database":       {atURL(current + "&dbname=nowhere"), []string{"migrate", "up"}, []string{"nowhere", "does not exist"}},
		"newer schema":           {atURL(newer), []string{"serve", "--addr", "127.0.0.1:0"}, []string{"99999", "newer"}},
		"newer schema, status":   {atURL(newer), []string{"migrate", "status"}, []string{"99999", "newer"}},
		"newer schema, down":     {atURL(newer), []string{"migrate", "down"}, []string{"99999", "newer"}},
		"newer schema, a task":   {atURL(newer), []string{"dataset", "--lots", "1"}, []string{"99999", "newer"}},
		"folder of other things": {nil, []string{"serve", "--addr", "127.0.0.1:0", "--data", foreign}, []string{foreign, "thesis.txt"}},
		"flag over environ":      {atURL(current), []string{"migrate", "status", "--data", foreign}, []string{foreign}},

		"a bad key":            {append(atURL(current), "FLOWVIZ_JWT_KEYS=swordfish"), []string{"serve", "--addr", "127.0.0.1:0"}, []string{"FLOWVIZ_JWT_KEYS", "base64url"}},
		"no place for a key":   {append(atURL(current), "FLOWVIZ_DATA="+secret), []string{"serve", "--addr", "127.0.0.1:0"}, []string{"FLOWVIZ_JWT_KEYS", "FLOWVIZ_DATA"}},
		"a bad demo password":  {append(atURL(dbtest.URL(t)), "FLOWVIZ_DEMO_PASSWORD=swordfish", "FLOWVIZ_DATA="+t.TempDir()), []string{"demo", "--addr", "127.0.0.1:0"}, []string{"FLOWVIZ_DEMO_PASSWORD", "15"}},
		"a provider of nobody": {append(atURL(current), "FLOWVIZ_OIDC_CLIENT_ID=x", "FLOWVIZ_DATA="+t.TempDir()), []string{"serve", "--addr", "127.0.0.1:0"}, []string{"FLOWVIZ_OIDC_ISSUER"}},
		"a provider's roles":   {append(atURL(current), "FLOWVIZ_OIDC_ISSUER=https://a.example", "FLOWVIZ_OIDC_ROLES=x", "FLOWVIZ_DATA="+t.TempDir()), []string{"serve", "--addr", "127.0.0.1:0"}, []string{"FLOWVIZ_OIDC_ROLES", "GROUP=SITE=ROLE"}},
		"nowhere to return to": {append(atURL(current), "FLOWVIZ_OIDC_ISSUER=https://a.example", "FLOWVIZ_OIDC_CLIENT_ID=x", "FLOWVIZ_OIDC_CLIENT_SECRET=y", "FLOWVIZ_DATA="+t.TempDir()), []string{"serve", "--addr", "127.0.0.1:0"}, []string{"FLOWVIZ_OIDC_REDIRECT_URL", "/auth/oidc/callback"}},
		"two client secrets":   {[]string{"FLOWVIZ_OIDC_CLIENT_SECRET=x", "FLOWVIZ_OIDC_CLIENT_SECRET_FILE=" + secret}, []string{"version"}, []string{"FLOWVIZ_OIDC_CLIENT_SECRET_FILE", "unset"}},
		"user without a role":  {atURL(current), []string{"user", "add", "a@example.com", "--name", "A", "--member", "DUNA"}, []string{"DUNA=ADMIN"}},
		"user nowhere":         {atURL(current), []string{"user", "disable", "a@example.com"}, []string{"a@example.com", "user list"}},

		"dataset of nothing": {atURL(current), []string{"dataset", "--lots", "0"}, []string{"lots"}},
		"dataset, how many":  {atURL(current), []string{"dataset"}, []string{"lots"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := flowviz(t.Context(), c.environ, c.args...)
			if r.code == 0 {
				t.Error("exit code 0")
			}
			if strings.Count(r.stderr, "\n") != 1 || !strings.HasSuffix(r.stderr, "\n") {
				t.Errorf("not one line on stderr:\n%s", r.stderr)
			}
			if r.stdout != "" {
				t.Errorf("stdout: %s", r.stdout)
			}
			for _, part := range c.want {
				if !strings.Contains(r.stderr, part) {
					t.Errorf("%q doesn't name %q", r.stderr, part)
				}
			}
			if strings.Contains(r.stderr, "swordfish") {
				t.Errorf("%q tells the password", r.stderr)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	want := result{code: 1, stderr: "flowviz: interrupted\n"}
	if diff := cmp.Diff(want, flowviz(ctx, atURL(dbtest.URL(t)), "serve", "--addr", "127.0.0.1:0"), cmp.AllowUnexported(result{})); diff != "" {
		t.Error(diff)
	}
}

func TestHelpTellsNoSecret(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"serve", "--help"}, {"migrate"}} {
		if out := must(t, atURL("postgres://me:swordfish@example.com/"), args...); strings.Contains(out, "swordfish") {
			t.Errorf("help for %q tells the password", args)
		}
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	environ := atURL(dbtest.EmptyURL(t))
	all := strings.Count(must(t, environ, "migrate", "status"), "pending")
	if all == 0 {
		t.Fatal("an empty database has nothing pending")
	}
	if up := must(t, environ, "migrate", "up"); strings.Count(up, "applied") != all {
		t.Errorf("%d are pending, and up says:\n%s", all, up)
	}
	if up := must(t, environ, "migrate", "up"); up != "nothing is pending\n" {
		t.Errorf("up again: %s", up)
	}
	down := must(t, environ, "migrate", "down")
	file, found := strings.CutPrefix(strings.TrimSpace(down), "took back ")
	if !found {
		t.Fatalf("down: %s", down)
	}
	status := must(t, environ, "migrate", "status")
	if !strings.Contains(status, "pending               "+file) || strings.Count(status, "pending") != 1 {
		t.Errorf("status after %s went down:\n%s", file, status)
	}
	for range all - 1 {
		must(t, environ, "migrate", "down")
	}
	if down := must(t, environ, "migrate", "down"); down != "no migration is applied\n" {
		t.Errorf("down, with nothing left: %s", down)
	}
}

func TestDataset(t *testing.T) {
	t.Parallel()
	environ := atURL(dbtest.EmptyURL(t))
	out := must(t, environ, "dataset", "--lots", "50", "--site-size", "25", "--seed", "7")
	if !strings.Contains(out, "lots at 2 sites") {
		t.Error(out)
	}
	if r := flowviz(t.Context(), environ, "dataset", "--lots", "50"); r.code == 0 || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("a second data set: %+v", r)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out := must(t, nil, "version"); !strings.HasPrefix(out, "flowviz ") || !strings.Contains(out, " go1.") {
		t.Error(out)
	}
}

// serving is a command that serves until the test's end, or until stop.

// serve starts a command that serves, and waits until it says where.

// embedded is a data folder in which PostgreSQL works.

// TestServeEmbedded: tasks join the server of a folder that is in use, and a second server is refused.

// TestDatabaseEnds: a server whose PostgreSQL is gone says so and ends, for who supervises it to start it anew.

// TestStopLetsRequestsFinish: a request under way is answered, and new ones aren't taken.

func statement(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	check(t, err)
	_, err = conn.Exec(t.Context(), sql)
	check(t, err)
	check(t, conn.Close(t.Context()))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
