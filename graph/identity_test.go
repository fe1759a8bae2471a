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

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/db/dbtest"
	"flowviz/graph"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

const password = "four brown hens on a roof"

// office is the API with its door, for two sites with one ADMIN each.
type office struct {
	t        *testing.T
	pool     *pgxpool.Pool
	app      *pgxpool.Pool
	resolver *graph.Resolver
	handler  http.Handler
	cookies  []*http.Cookie
	seen     *string // the latest audit event that was looked at
}

func newOffice(t *testing.T) *office {
	t.Helper()
	pool := dbtest.New(t, nil)
	app := dbtest.AsApp(t, pool, nil)
	o := &office{t: t, pool: pool, app: app}
	t.Cleanup(app.Close)
	all := map[int32]identity.Role{}
	for _, code := range []string{"DUNA", "TISZ"} {
		id, err := db.New(pool).InsertSite(t.Context(), db.InsertSiteParams{Code: code, Name: code, TimeZone: "Europe/Budapest"})
		o.check(err)
		all[id] = db.RoleADMIN
	}
	console := identity.WithActor(identity.WithOrigin(t.Context(), identity.Origin{Program: "a test"}), &identity.Actor{Memberships: all})
	for _, code := range []string{"DUNA", "TISZ"} {
		_, err := newIdentity(app).Create(console, identity.NewUser{
			Email: strings.ToLower(code) + "@example.com", FullName: code, Password: password, Memberships: []identity.SiteRole{{SiteCode: code, Role: db.RoleADMIN}},
		})
		o.check(err)
	}
	o.resolver = newResolver(app)
	o.serve()
	return o
}

// serve answers by o.resolver, as it is now.
func (o *office) serve() {
	authenticator := identity.NewAuthenticator(o.app, newTokens(), time.Now, slog.New(slog.DiscardHandler))
	o.handler = authenticator.Middleware(newHandler(o.t, o.resolver))
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

// TestForeignUsersAreNotThere: a user of another site is refused as one who was made up is, by the same statements.
func TestForeignUsersAreNotThere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	foreign, err := db.New(o.pool).UserByEmail(t.Context(), "tisz@example.com")
	o.check(err)
	app := dbtest.AsApp(t, o.pool, db.Recorder(record))
	t.Cleanup(app.Close)
	h := newHandler(t, newResolver(app))
	admin := &identity.Actor{UserID: newID(), Memberships: map[int32]identity.Role{1: db.RoleADMIN}}
	for _, mutation := range []string{
		`updateUser(input: {userId: %q, fullName: "x"}) { user { id } }`, `deactivateUser(input: {userId: %q}) { user { id } }`,
	} {
		try := func(id uuid.UUID) (answer, ran string) {
			global := relay.ID{Kind: relay.User, UUID: id}.String()
			_, text, did := askAs(t, h, admin, "mutation { "+fmt.Sprintf(mutation, global)+" }", nil)
			return string(text), did.sorted()
		}
		answer, ran := try(foreign.ID)
		o.wants(mutation, answer, `"code":"NOT_FOUND"`, `"field":"userId"`)
		if madeUp, did := try(newID()); answer != madeUp || ran != did || ran == "\n" {
			t.Errorf("%s: a foreign user: %s\n%s\none who was made up: %s\n%s", mutation, answer, ran, madeUp, did)
		}
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
	o.wants("the right one, too late", answer, `"code":"RATE_LIMITED","cost":11,"limit":"passwords","retryAfter":`, `,"value":10}`)
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

// TestPeopleAreAudited: what is changed about people and tokens stands in the log of each site that it concerns, by whom, and
// without a secret.
func TestPeopleAreAudited(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	duna, tisz := o.token("duna@example.com"), o.token("tisz@example.com")
	o.forget()
	_, answer := o.ask(duna, `mutation { createUser(input: {email: "New@example.com", fullName: "New", password: "`+password+`", memberships: [{siteCode: "DUNA", role: OPERATOR}]}) { user { id } } }`)
	id := field(t, answer, "id")
	o.logged("createUser", `DUNA CREATE_USER User new@example.com null→{"active":true,"email":"new@example.com","fullName":"New","role":"OPERATOR"} by duna@example.com`)

	update := func(token, more string) {
		t.Helper()
		_, answer := o.ask(token, `mutation { updateUser(input: {userId: "`+id+`", `+more+`}) { user { id } } }`)
		o.wants("updateUser", answer, id)
	}
	update(duna, `fullName: "Newer", memberships: [{siteCode: "DUNA", role: MANAGER}]`)
	o.logged("updateUser",
		`DUNA UPDATE_USER User new@example.com {"fullName":"New"}→{"fullName":"Newer"} by duna@example.com`,
		`DUNA CHANGE_MEMBERSHIP User new@example.com {"role":"OPERATOR"}→{"role":"MANAGER"} by duna@example.com`)
	update(duna, `fullName: "Newer", memberships: [{siteCode: "DUNA", role: MANAGER}], active: true`)
	o.logged("nothing new")

	_, err := o.pool.Exec(t.Context(), "INSERT INTO membership SELECT u.id, s.id, 'ADMIN' FROM app_user u, site s WHERE u.email = 'duna@example.com' AND s.code = 'TISZ'")
	o.check(err)
	both := o.token("duna@example.com")
	update(both, `memberships: [{siteCode: "TISZ", role: VIEWER}]`)
	o.logged("a new site",
		`DUNA SIGN_IN User duna@example.com null→null by duna@example.com`,
		`TISZ SIGN_IN User duna@example.com null→null by duna@example.com`,
		`TISZ CHANGE_MEMBERSHIP User new@example.com null→{"role":"VIEWER"} by duna@example.com`)
	_, answer = o.ask(o.token("new@example.com"), `mutation { changePassword(input: {currentPassword: "`+password+`", newPassword: "five green eggs in a box"}) { user { id } } }`)
	o.wants("changePassword", answer, id)
	o.logged("changePassword",
		`DUNA SIGN_IN User new@example.com null→null by new@example.com`,
		`DUNA CHANGE_PASSWORD User new@example.com null→null by new@example.com`,
		`TISZ SIGN_IN User new@example.com null→null by new@example.com`,
		`TISZ CHANGE_PASSWORD User new@example.com null→null by new@example.com`)
	_, answer = o.ask(both, `mutation { deactivateUser(input: {userId: "`+id+`"}) { user { id } } }`)
	o.wants("deactivateUser", answer, id)
	o.logged("deactivateUser",
		`DUNA DEACTIVATE_USER User new@example.com {"active":true}→{"active":false} by duna@example.com`,
		`TISZ DEACTIVATE_USER User new@example.com {"active":true}→{"active":false} by duna@example.com`)
	update(both, `active: true`)
	o.logged("active again",
		`DUNA UPDATE_USER User new@example.com {"active":false}→{"active":true} by duna@example.com`,
		`TISZ UPDATE_USER User new@example.com {"active":false}→{"active":true} by duna@example.com`)
	update(duna, `removeSites: ["DUNA"]`)
	o.logged("removed", `DUNA CHANGE_MEMBERSHIP User new@example.com {"role":"MANAGER"}→null by duna@example.com`)

	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	_, answer = o.ask(both, `mutation { createApiToken(input: {name: "reports", role: AUDITOR, siteCodes: ["TISZ", "DUNA"], expiresAt: "`+expires+`"}) { secret apiToken { id } } }`)
	secret, id := field(t, answer, "secret"), field(t, answer, "id")
	token := `CREATE_API_TOKEN ApiToken reports null→{"expiresAt":"` + expires + `","name":"reports","readOnly":true,"role":"AUDITOR"} by duna@example.com`
	o.logged("createApiToken", "DUNA "+token, "TISZ "+token)
	revoke := `mutation { revokeApiToken(input: {apiTokenId: "` + id + `"}) { apiToken { id revokedAt } } }`
	_, answer = o.ask(tisz, revoke) // whose caller is no member of the other site
	token = `REVOKE_API_TOKEN ApiToken reports {"revokedAt":null}→{"revokedAt":"` + field(t, answer, "revokedAt") + `"} by tisz@example.com`
	o.logged("revokeApiToken", "DUNA "+token, "TISZ "+token)
	_, answer = o.ask(tisz, revoke)
	o.wants("revoked again", answer, id)
	o.logged("revoked again")

	_, answer = o.ask(both, `mutation { createApiToken(input: {name: "scale", role: OPERATOR, siteCodes: ["DUNA", "TISZ"], expiresAt: "`+expires+`"}) { secret apiToken { id } } }`)
	another := field(t, answer, "secret")
	_, err = o.pool.Exec(t.Context(), "DELETE FROM membership m USING site s WHERE s.id = m.site_id AND s.code = 'TISZ'")
	o.check(err)
	_, err = o.pool.Exec(t.Context(), "INSERT INTO membership SELECT u.id, s.id, 'ADMIN' FROM app_user u, site s WHERE u.email = 'tisz@example.com' AND s.code = 'DUNA'")
	o.check(err)
	tisz = o.token("tisz@example.com")
	_, answer = o.ask(tisz, `{ users(filter: {search: "duna@"}) { nodes { id } } }`)
	id = field(t, answer, "id")
	o.forget()
	_, answer = o.ask(tisz, `mutation { deactivateUser(input: {userId: "`+id+`"}) { user { active } } }`)
	o.wants("deactivateUser, with a token", answer, `"active":false`)
	_, answer = o.ask(tisz, `{ apiTokens { nodes { name revokedAt } } }`)
	token = `REVOKE_API_TOKEN ApiToken scale {"revokedAt":null}→{"revokedAt":"` + field(t, answer[strings.Index(answer, `"scale"`):], "revokedAt") + `"} by tisz@example.com`
	o.logged("deactivateUser, with a token", `DUNA DEACTIVATE_USER User duna@example.com {"active":true}→{"active":false} by tisz@example.com`,
		"DUNA "+token, "TISZ "+token) // where neither of them is a member any more

	for _, forbidden := range []string{secret, another, password, "five green eggs", "$2a$"} {
		var n int
		o.check(o.pool.QueryRow(t.Context(), "SELECT count(*) FROM audit_event e WHERE e::text LIKE '%' || $1 || '%'", forbidden).Scan(&n))
		if n > 0 {
			t.Errorf("%d events hold %q", n, forbidden)
		}
	}
	_, err = o.pool.Exec(t.Context(), "INSERT INTO membership SELECT u.id, s.id, 'ADMIN' FROM app_user u, site s WHERE u.email = 'tisz@example.com' AND s.code = 'TISZ'")
	o.check(err)
	tisz = o.token("tisz@example.com")
	for _, site := range []string{"DUNA", "TISZ"} {
		_, answer = o.ask(tisz, `{ verifyAudit(site: "`+site+`") { intact } }`)
		o.wants(site, answer, `"intact":true`)
	}
}

// forget takes what was logged before for read.
func (o *office) forget() {
	o.t.Helper()
	o.check(o.pool.QueryRow(o.t.Context(), "SELECT max(id::text) FROM audit_event").Scan(&o.seen))
}

// logged holds what was added to the logs since it was asked last.
func (o *office) logged(what string, want ...string) {
	o.t.Helper()
	rows, err := o.pool.Query(o.t.Context(), `
		SELECT concat(s.code, ' ', e.action, ' ', e.subject_kind, ' ', e.subject_label, ' ', coalesce(e.before::text, 'null'), '→',
			coalesce(e.after::text, 'null'), ' by ', coalesce(u.email, e.program, 'nobody'))
		FROM audit_event e JOIN site s ON s.id = e.site_id LEFT JOIN app_user u ON u.id = e.user_id
		WHERE $1::text IS NULL OR e.id::text > $1 ORDER BY s.code, e.sequence`, o.seen)
	o.check(err)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	o.check(err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		o.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	o.forget()
}
