package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"flowviz/db/dbtest"
)

func TestUser(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	environ := atURL(url)
	statement(t, url, `WITH new AS (
		INSERT INTO site (code, name, time_zone) VALUES ('DUNA', 'Duna', 'Europe/Budapest'), ('TISZ', 'Tisza', 'Europe/Budapest') RETURNING id
	) INSERT INTO site_head (site_id) SELECT id FROM new`)
	const password, another = "four brown hens on a roof", "five green eggs in a basket"
	run := func(stdin string, args ...string) result {
		return given(t.Context(), strings.NewReader(stdin), environ, append([]string{"user"}, args...)...)
	}
	if r := run(password+"\n", "add", "Mia@example.com", "--name", "Mia", "--member", "DUNA=ADMIN"); r.code != 0 || r.stdout != "" {
		t.Fatalf("%+v", r)
	}
	list := func(want string) {
		t.Helper()
		if r := run("", "list"); r.code != 0 || r.stdout != want {
			t.Errorf("list: %+v\nwant %s", r, want)
		}
	}
	list("mia@example.com  active  DUNA=ADMIN  Mia\n")

	s := serve(t, environ, "serve")
	signIn := func(password, want string) {
		t.Helper()
		_, _, answer := post(t, s.url+"/graphql", `{"query": "mutation { login(input: {email: \"mia@example.com\", password: \"`+password+`\"}) { user { role } } }"}`)
		if !strings.Contains(answer, want) {
			t.Errorf("%s\nwant %s", answer, want)
		}
	}
	signIn(password, `"role":"ADMIN"`)
	if r := run(another, "passwd", "mia@example.com"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	signIn(password, "UNAUTHENTICATED")
	signIn(another, `"role":"ADMIN"`)

	if r := run("", "disable", "mia@example.com"); r.code == 0 || !strings.Contains(r.stderr, "last ADMIN") {
		t.Errorf("the last ADMIN: %+v", r)
	}
	if r := run(password, "add", "eva@example.com", "--name", "Eva", "--member", "DUNA=ADMIN", "--member", "TISZ=VIEWER"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	if r := run("", "disable", "MIA@example.com"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	signIn(another, "UNAUTHENTICATED")
	list("eva@example.com  active    DUNA=ADMIN TISZ=VIEWER  Eva\nmia@example.com  disabled  DUNA=ADMIN              Mia\n")
	if r := run("", "add", "mia@example.com", "--member", "TISZ=MANAGER"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	signIn(another, `"role":"ADMIN"`)
	if diff := cmp.Diff([]string{
		"DUNA flowviz user add: CREATE_USER mia@example.com",
		"DUNA flowviz user passwd: CHANGE_PASSWORD mia@example.com",
		"DUNA flowviz user add: CREATE_USER eva@example.com",
		"DUNA flowviz user disable: DEACTIVATE_USER mia@example.com",
		"DUNA flowviz user add: UPDATE_USER mia@example.com",
		"TISZ flowviz user add: CREATE_USER eva@example.com",
		"TISZ flowviz user add: UPDATE_USER mia@example.com",
		"TISZ flowviz user add: CHANGE_MEMBERSHIP mia@example.com",
	}, auditLog(t, url)); diff != "" {
		t.Errorf("the audit log (-want +got):\n%s", diff)
	}
	for _, r := range []result{
		run("short", "add", "x@example.com", "--name", "X", "--member", "DUNA=VIEWER"),
		run("swordfish\n", "passwd", "mia@example.com"),
		run(password, "add", "x@example.com", "--member", "DUNA=VIEWER"),
		run(password, "add", "x@example.com", "--name", "X", "--member", "DUNA=BOSS"),
		run(password, "add", "x@example.com", "--name", "X", "--member", "NOPE=VIEWER"),
		run(password, "add", "x@example.com", "--name", "X"),
	} {
		if r.code == 0 || strings.Count(r.stderr, "\n") != 1 || strings.Contains(r.stderr, "swordfish") {
			t.Errorf("%+v", r)
		}
	}
}

// TestUserLink: whose account a user's is to be is said and taken back at the command line, and stands in the log; the rest is
// internal/identity's.
func TestUserLink(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	environ := append(atURL(url), "FLOWVIZ_OIDC_ISSUER=https://accounts.example.com")
	statement(t, url, `WITH new AS (INSERT INTO site (code, name, time_zone) VALUES ('DUNA', 'Duna', 'Europe/Budapest') RETURNING id)
		INSERT INTO site_head (site_id) SELECT id FROM new`)
	run := func(environ []string, args ...string) result {
		return given(t.Context(), strings.NewReader("four brown hens on a roof\n"), environ, append([]string{"user"}, args...)...)
	}
	for _, args := range [][]string{
		{"add", "mia@example.com", "--name", "Mia", "--member", "DUNA=ADMIN"},
		{"link", "Mia@example.com", "--subject", "7f3c"},
		{"unlink", "mia@example.com"},
	} {
		if r := run(environ, args...); r.code != 0 || r.stdout+r.stderr != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
	for _, c := range []struct {
		environ []string
		args    []string
		says    string
	}{
		{environ, []string{"unlink", "mia@example.com"}, "no link that waits"},
		{environ, []string{"link", "mia@example.com"}, "subject: give"},
		{environ, []string{"link", "eva@example.com", "--subject", "7f3c"}, "there is no user"},
		{atURL(url), []string{"link", "mia@example.com", "--subject", "7f3c"}, "FLOWVIZ_OIDC_ISSUER: is missing"},
	} {
		if r := run(c.environ, c.args...); r.code != 1 || !strings.Contains(r.stderr, c.says) || strings.Count(r.stderr, "\n") != 1 {
			t.Errorf("%v: %+v; want %q", c.args, r, c.says)
		}
	}
	if diff := cmp.Diff([]string{
		"DUNA flowviz user add: CREATE_USER mia@example.com",
		"DUNA flowviz user link: LINK_USER mia@example.com",
		"DUNA flowviz user unlink: UNLINK_USER mia@example.com",
	}, auditLog(t, url)); diff != "" {
		t.Errorf("the audit log (-want +got):\n%s", diff)
	}
}

// auditLog is what stands in the sites' logs of what commands did, with their names.
func auditLog(t *testing.T, url string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	check(t, err)
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT concat(s.code, ' ', e.program, ': ', e.action, ' ', e.subject_label)
		FROM audit_event e JOIN site s ON s.id = e.site_id
		WHERE e.program LIKE 'flowviz %' ORDER BY s.code, e.sequence`)
	check(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	check(t, err)
	return lines
}

// TestSecretsOfOurOwn: made once, and readable for nobody else.
func TestSecretsOfOurOwn(t *testing.T) {
	t.Parallel()
	a := &app{config: config{Data: filepath.Join(t.TempDir(), "new", "folder")}}
	keys, err := a.keys()
	check(t, err)
	again, err := a.keys()
	check(t, err)
	if keys[0].ID != again[0].ID {
		t.Error("each start has another key")
	}
	password, err := a.demoPassword()
	check(t, err)
	if other, err := a.demoPassword(); err != nil || other != password || len(password) < 15 {
		t.Errorf("each start has another password: %d %v", len(password), err)
	}
	entries, err := os.ReadDir(a.config.Data)
	check(t, err)
	if len(entries) != 2 {
		t.Errorf("files: %v", entries)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		check(t, err)
		if info.Mode() != fs.FileMode(0o600) {
			t.Errorf("%s has mode %v", entry.Name(), info.Mode())
		}
	}
}

// TestStoredCost: the program stores passwords with a cost of 12, where its other tests make it as fast as bcrypt can.
func TestStoredCost(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	statement(t, url, `WITH new AS (INSERT INTO site (code, name, time_zone) VALUES ('DUNA', 'Duna', 'Europe/Budapest') RETURNING id)
		INSERT INTO site_head (site_id) SELECT id FROM new`)
	add := exec.CommandContext(t.Context(), os.Args[0], "user", "add", "mia@example.com", "--name", "Mia", "--member", "DUNA=ADMIN")
	add.Env = append(atURL(url), asProgram+"=1")
	add.Stdin = strings.NewReader("four brown hens on a roof\n")
	if said, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	conn, err := pgx.Connect(t.Context(), url)
	check(t, err)
	defer func() { check(t, conn.Close(t.Context())) }()
	var hash string
	check(t, conn.QueryRow(t.Context(), "SELECT hash FROM password_credential").Scan(&hash))
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost != 12 {
		t.Errorf("%d, %v", cost, err)
	}
}
