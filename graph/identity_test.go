package graph_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/internal/identity"
)

const password = "four brown hens on a roof"

// office is the API with its door, for two sites with one ADMIN each.
type office struct {
	t       *testing.T
	pool    *pgxpool.Pool
	handler http.Handler
	cookies []*http.Cookie
}

func newOffice(t *testing.T) *office {
	t.Helper()
	pool := dbtest.New(t, nil)
	o := &office{t: t, pool: pool}
	app := dbtest.AsApp(t, pool, nil)
	t.Cleanup(app.Close)
	all := map[int32]identity.Role{}
	for _, code := range []string{"DUNA", "TISZ"} {
		id, err := db.New(pool).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "Europe/Budapest"})
		o.check(err)
		all[id] = db.RoleADMIN
	}
	console := identity.WithActor(t.Context(), &identity.Actor{Memberships: all})
	for _, code := range []string{"DUNA", "TISZ"} {
		_, err := newIdentity(app).Create(console, identity.NewUser{
			Email: strings.ToLower(code) + "@example.com", FullName: code, Password: password, Memberships: []identity.SiteRole{{SiteCode: code, Role: db.RoleADMIN}},
		})
		o.check(err)
	}
	log := slog.New(slog.DiscardHandler)
	o.handler = identity.NewAuthenticator(app, newTokens(), time.Now, log).Middleware(newHandler(t, newResolver(app)))
	return o
}

func (o *office) check(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// ask sends a query as the holder of a token, "" for nobody, with the cookies that were set before.
func (o *office) ask(token, query string) (status int, answer string) {
	o.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	o.check(err)
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, cookie := range o.cookies {
		if cookie.Value != "" {
			r.AddCookie(cookie)
		}
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	if set := w.Result().Cookies(); len(set) > 0 {
		o.cookies = set
	}
	return w.Code, w.Body.String()
}

// field takes one text out of an answer.
func field(t *testing.T, answer, name string) string {
	t.Helper()
	_, after, found := strings.Cut(answer, `"`+name+`":"`)
	value, _, _ := strings.Cut(after, `"`)
	if !found || value == "" {
		t.Fatalf("%s has no %s", answer, name)
	}
	return value
}

func login(email, secret, more string) string {
	return fmt.Sprintf(`mutation { login(input: {email: %q, password: %q%s}) { accessToken refreshToken expiresAt user { email role memberships { role } active } } }`, email, secret, more)
}

func (o *office) token(email string) string {
	o.t.Helper()
	_, answer := o.ask("", login(email, password, ""))
	return field(o.t, answer, "accessToken")
}

func (o *office) wants(what, answer string, parts ...string) {
	o.t.Helper()
	for _, part := range parts {
		if !strings.Contains(answer, part) {
			o.t.Errorf("%s: %s\nlacks %s", what, answer, part)
		}
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, answer := o.ask("", login("Duna@example.com", password, ""))
	o.wants("login", answer, `"user":{"email":"duna@example.com","role":"ADMIN","memberships":[{"role":"ADMIN"}],"active":true}`)
	access, refresh := field(t, answer, "accessToken"), field(t, answer, "refreshToken")
	if len(o.cookies) > 0 {
		t.Error("a cookie is set that nobody asked for")
	}
	const who = `{ viewer { email role memberships { site { code } role } } }`
	_, answer = o.ask(access, who)
	o.wants("viewer", answer, `{"data":{"viewer":{"email":"duna@example.com","role":"ADMIN","memberships":[{"site":{"code":"DUNA"},"role":"ADMIN"}]}}}`)
	_, answer = o.ask("", who)
	o.wants("nobody", answer, `"code":"UNAUTHENTICATED"`)
	_, answer = o.ask("", `{ viewer { email } }`)
	o.wants("nobody", answer, `{"data":{"viewer":null}}`)
	if status, answer := o.ask("x", who); status != http.StatusUnauthorized || !strings.Contains(answer, `"UNAUTHENTICATED"`) {
		t.Errorf("a bad token: %d %s", status, answer)
	}
	_, answer = o.ask("", login("duna@example.com", "wrong", ""))
	o.wants("wrong password", answer, `"code":"UNAUTHENTICATED"`)
	_, again := o.ask("", login("nobody@example.com", "wrong", ""))
	if answer != again {
		t.Errorf("it tells who is there:\n%s\n%s", answer, again)
	}

	_, answer = o.ask("", `mutation { refreshToken(input: {refreshToken: "`+refresh+`"}) { accessToken refreshToken user { email } } }`)
	o.wants("refresh", answer, `"email":"duna@example.com"`)
	_, answer = o.ask(field(t, answer, "accessToken"), `mutation { logout { loggedOut } }`)
	o.wants("logout", answer, `{"data":{"logout":{"loggedOut":true}}}`)
	for _, mutation := range []string{`mutation { logout { loggedOut } }`, `mutation { refreshToken(input: {}) { accessToken } }`, `mutation { changePassword(input: {currentPassword: "x", newPassword: "y"}) { user { id } } }`} {
		_, answer = o.ask("", mutation)
		o.wants(mutation, answer, `"code":"UNAUTHENTICATED"`)
	}
}

// TestLoginOfBrowsers: the refresh token is in the cookie and nowhere else.
func TestLoginOfBrowsers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, answer := o.ask("", login("duna@example.com", password, ", cookie: true"))
	o.wants("login", answer, `"refreshToken":null`)
	if len(o.cookies) != 1 || o.cookies[0].Value == "" || !o.cookies[0].HttpOnly || o.cookies[0].SameSite != http.SameSiteStrictMode || o.cookies[0].Path != "/graphql" {
		t.Fatalf("cookies: %+v", o.cookies)
	}
	first := o.cookies[0].Value
	const refresh = `mutation { refreshToken(input: {}) { accessToken refreshToken } }`
	_, answer = o.ask("", refresh)
	o.wants("refresh", answer, `"refreshToken":null`)
	field(t, answer, "accessToken")
	if second := o.cookies[0].Value; second == first || second == "" {
		t.Errorf("the cookie is now %q", second)
	}
	kept := *o.cookies[0]
	_, answer = o.ask("", `mutation { logout { loggedOut } }`)
	o.wants("logout without an access token", answer, `"loggedOut":true`)
	if o.cookies[0].Value != "" || o.cookies[0].Expires.After(time.Now()) {
		t.Errorf("the cookie stays: %+v", o.cookies[0])
	}
	o.cookies = []*http.Cookie{&kept}
	_, answer = o.ask("", refresh)
	o.wants("refresh after logout", answer, `"code":"UNAUTHENTICATED"`)
	if o.cookies[0].Value != "" {
		t.Error("a cookie that doesn't hold stays")
	}
	without := newHandler(t, newResolver(o.pool))
	_, bytes, _ := ask(t, without, login("duna@example.com", password, ", cookie: true"), nil)
	o.wants("no answer to set it on", string(bytes), `"code":"BAD_USER_INPUT"`, `"field":"cookie"`)
}

// TestLoginsAreCountedEach: ten guesses are compared and no eleventh, and none that comes packed with others.
func TestLoginsAreCountedEach(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var b strings.Builder
	for i := range 16 {
		guess := `login(input: {email: "duna@example.com", password: "wrong"}) { accessToken }`
		fmt.Fprintf(&b, " a%d: %s", i, guess)
		_, answer := o.ask("", "mutation { "+guess+" }")
		o.wants("a guess", answer, `"errors"`)
	}
	_, packed := o.ask("", "mutation {"+b.String()+" }")
	o.wants("guesses in one operation", packed, `"code":"LIMIT"`, "stands alone")
	var compared int
	o.check(o.pool.QueryRow(t.Context(), "SELECT max(cardinality(guessed_at)) FROM password_guess").Scan(&compared))
	_, answer := o.ask("", login("duna@example.com", password, ""))
	o.wants("the right one, too late", answer, `"code":"RATE_LIMITED"`)
	if compared > 10 {
		t.Errorf("%d were compared", compared)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	duna, tisz := o.token("duna@example.com"), o.token("tisz@example.com")
	const create = `mutation { createUser(input: {email: "new@example.com", fullName: "New", password: "` + password + `", memberships: [{siteCode: "DUNA", role: OPERATOR}]}) { user { id email role memberships { site { code } role } active } } }`
	_, answer := o.ask(duna, create)
	o.wants("created", answer, `"email":"new@example.com","role":"OPERATOR","memberships":[{"site":{"code":"DUNA"},"role":"OPERATOR"}],"active":true`)
	id := field(t, answer, "id")
	_, answer = o.ask(duna, create)
	o.wants("again", answer, `"code":"CONFLICT","field":"email"`)
	_, answer = o.ask(o.token("new@example.com"), create)
	o.wants("no ADMIN", answer, `"code":"FORBIDDEN"`, "ADMIN")
	_, answer = o.ask("", create)
	o.wants("nobody", answer, `"code":"UNAUTHENTICATED"`)

	const list = `{ users { totalCount nodes { email } } }`
	for token, want := range map[string]string{
		duna:                       `{"data":{"users":{"totalCount":2,"nodes":[{"email":"duna@example.com"},{"email":"new@example.com"}]}}}`,
		tisz:                       `{"data":{"users":{"totalCount":1,"nodes":[{"email":"tisz@example.com"}]}}}`,
		"":                         `"code":"UNAUTHENTICATED"`,
		o.token("new@example.com"): `"code":"FORBIDDEN"`,
	} {
		_, answer = o.ask(token, list)
		o.wants("users", answer, want)
	}
	_, answer = o.ask(duna, `{ users(filter: {site: "DUNA", role: OPERATOR, active: true, search: "NEW@"}, first: 1) { totalCount nodes { fullName } pageInfo { hasNextPage } } }`)
	o.wants("filtered", answer, `{"totalCount":1,"nodes":[{"fullName":"New"}],"pageInfo":{"hasNextPage":false}}`)

	// node finds a user only where the caller shares a site.
	node := `{ node(id: "` + id + `") { id ... on User { email } } }`
	_, answer = o.ask(duna, node)
	o.wants("node", answer, `"email":"new@example.com"`)
	_, answer = o.ask(tisz, node)
	o.wants("another's node", answer, `{"data":{"node":null}}`)
	update := func(more string) string {
		return `mutation { updateUser(input: {userId: "` + id + `", ` + more + `}) { user { fullName role active memberships { site { code } role } } } }`
	}
	_, answer = o.ask(duna, update(`fullName: "Newer", memberships: [{siteCode: "DUNA", role: MANAGER}]`))
	o.wants("updated", answer, `{"fullName":"Newer","role":"MANAGER","active":true,"memberships":[{"site":{"code":"DUNA"},"role":"MANAGER"}]}`)
	_, answer = o.ask(tisz, update(`fullName: "Mine"`))
	o.wants("another's", answer, `"code":"NOT_FOUND","field":"userId"`)
	_, answer = o.ask(duna, update(`memberships: [{siteCode: "TISZ", role: ADMIN}]`))
	o.wants("at another's site", answer, `"code":"NOT_FOUND","field":"memberships[0].siteCode"`)
	_, answer = o.ask(duna, `mutation { deactivateUser(input: {userId: "`+id+`"}) { user { active role } } }`)
	o.wants("deactivated", answer, `{"active":false,"role":"MANAGER"}`)
	_, answer = o.ask("", login("new@example.com", password, ""))
	o.wants("deactivated, and signs in", answer, `"code":"UNAUTHENTICATED"`)
	_, answer = o.ask(duna, update(`active: true`))
	o.wants("active again", answer, `"active":true`)
	_, answer = o.ask(o.token("new@example.com"), `mutation { changePassword(input: {currentPassword: "`+password+`", newPassword: "five green eggs in a box"}) { user { email } } }`)
	o.wants("changed", answer, `{"data":{"changePassword":{"user":{"email":"new@example.com"}}}}`)
}

func TestAPITokens(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	duna, tisz := o.token("duna@example.com"), o.token("tisz@example.com")
	create := `mutation { createApiToken(input: {name: "reports", role: AUDITOR, siteCodes: ["DUNA"], expiresAt: "` +
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + `"}) { secret apiToken { id name role readOnly sites { code } createdBy { email } revokedAt } } }`
	_, answer := o.ask(duna, create)
	o.wants("created", answer, `"name":"reports","role":"AUDITOR","readOnly":true,"sites":[{"code":"DUNA"}],"createdBy":{"email":"duna@example.com"},"revokedAt":null`)
	secret, id := field(t, answer, "secret"), field(t, answer, "id")
	_, answer = o.ask(secret, `{ viewer { email } }`)
	o.wants("the program", answer, `"duna@example.com"`)
	_, answer = o.ask(secret, create)
	o.wants("a token makes no token", answer, `"code":"FORBIDDEN"`)
	const list = `{ apiTokens { totalCount nodes { id name } } }`
	_, answer = o.ask(duna, list)
	o.wants("mine", answer, `"totalCount":1`, id)
	if strings.Contains(answer, secret) {
		t.Error("the secret is shown again")
	}
	_, answer = o.ask(tisz, list)
	o.wants("another's", answer, `"totalCount":0`)
	node, revoke := `{ node(id: "`+id+`") { ... on ApiToken { name } } }`, `mutation { revokeApiToken(input: {apiTokenId: "`+id+`"}) { apiToken { name revokedAt } } }`
	_, answer = o.ask(tisz, node)
	o.wants("another's node", answer, `{"node":null}`)
	_, answer = o.ask(tisz, revoke)
	o.wants("another's", answer, `"code":"NOT_FOUND","field":"apiTokenId"`)
	_, answer = o.ask(duna, revoke)
	if revoked := field(t, answer, "revokedAt"); revoked == "" {
		t.Error(answer)
	}
	_, answer = o.ask(duna, node)
	o.wants("node", answer, `"name":"reports"`)
}
