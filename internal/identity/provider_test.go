package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"flowviz/db"
	"flowviz/internal/fault"
)

const clientID, clientSecret = "flowviz", "swordfish"

// company is an identity provider (zitadel's, with its example's storage) and this system before it, each with an address.
type company struct {
	*world
	provider *Provider
	site     *httptest.Server // this system
	staff    *staff
	log      logged
}

// logged is what the log was told: why, which people aren't told.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// staff is the provider's storage: its people, and how the next tokens differ from what a well-behaved provider gives.
type staff struct {
	*storage.Storage

	mu       sync.Mutex
	people   map[string]*storage.User
	groups   map[string]any // by subject, what the claim of roles holds
	scope    string         // without which the claim of roles isn't given
	scopes   []string       // what was asked for last
	inToken  bool           // whether an ID token says all about somebody, or the user info
	issuer   string         // instead of its own
	nonce    string         // instead of the request's
	azp      string         // instead of our client
	lifetime time.Duration
	authTime time.Time
	otherKey *storage.Storage // whose key is published
}

func (s *staff) GetUserByID(id string) *storage.User { return s.people[id] }

func (s *staff) GetUserByUsername(name string) *storage.User { return s.people[name] }

func (s *staff) ExampleClientID() string { return "service" }

func (s *staff) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// SetUserinfoFromRequest says what the ID token says.
func (s *staff) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, request op.IDTokenRequest, scopes []string) error {
	if err := s.Storage.SetUserinfoFromRequest(ctx, info, request, scopes); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inToken {
		s.describe(info, request.GetSubject())
	}
	return nil
}

// SetUserinfoFromToken says what the user info says.
func (s *staff) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	if err := s.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.describe(info, subject)
	return nil
}

func (s *staff) describe(info *oidc.UserInfo, subject string) {
	person := s.people[subject]
	info.Email, info.EmailVerified, info.Name = person.Email, oidc.Bool(person.EmailVerified), person.FirstName+" "+person.LastName
	if groups := s.groups[subject]; groups != nil && (s.scope == "" || slices.Contains(s.scopes, s.scope)) {
		info.AppendClaims("flowviz_roles", groups)
	}
}

// issuerOf names another than the provider's own in tokens alone: metadata of another are refused before.
func (s *staff) issuerOf(own string) op.IssuerFromRequest {
	return func(r *http.Request) string {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.issuer != "" && r.URL.Path == "/oauth/token" {
			return s.issuer
		}
		return own
	}
}

func (s *staff) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	request, err := s.Storage.AuthRequestByCode(ctx, code)
	if err != nil {
		return nil, err
	}
	s.set(func() { s.scopes = request.GetScopes() })
	return &altered{request, s}, nil
}

func (s *staff) CreateAccessToken(ctx context.Context, request op.TokenRequest) (string, time.Time, error) {
	if changed, ok := request.(*altered); ok {
		request = changed.AuthRequest
	}
	return s.Storage.CreateAccessToken(ctx, request)
}

func (s *staff) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	client, err := s.Storage.GetClientByClientID(ctx, id)
	return &alteredClient{client, s}, err
}

func (s *staff) KeySet(ctx context.Context) ([]op.Key, error) {
	s.mu.Lock()
	other := s.otherKey
	s.mu.Unlock()
	if other != nil {
		return other.KeySet(ctx)
	}
	return s.Storage.KeySet(ctx)
}

// altered is a request that gets another token than it asked for.
type altered struct {
	op.AuthRequest

	staff *staff
}

func (a *altered) GetNonce() string {
	a.staff.mu.Lock()
	defer a.staff.mu.Unlock()
	if a.staff.nonce != "" {
		return a.staff.nonce
	}
	return a.AuthRequest.GetNonce()
}

func (a *altered) GetAuthTime() time.Time {
	a.staff.mu.Lock()
	defer a.staff.mu.Unlock()
	if !a.staff.authTime.IsZero() {
		return a.staff.authTime
	}
	return a.AuthRequest.GetAuthTime()
}

func (a *altered) GetClientID() string {
	a.staff.mu.Lock()
	defer a.staff.mu.Unlock()
	if a.staff.azp != "" {
		return a.staff.azp
	}
	return a.AuthRequest.GetClientID()
}

func (a *altered) GetAudience() []string { return []string{a.GetClientID()} }

type alteredClient struct {
	op.Client

	staff *staff
}

func (c *alteredClient) GetID() string {
	c.staff.mu.Lock()
	defer c.staff.mu.Unlock()
	if c.staff.azp != "" {
		return c.staff.azp
	}
	return c.Client.GetID()
}

func (c *alteredClient) IsScopeAllowed(scope string) bool { return scope == c.staff.scope }

func (c *alteredClient) IDTokenLifetime() time.Duration {
	c.staff.mu.Lock()
	defer c.staff.mu.Unlock()
	return c.staff.lifetime
}

// newCompany has the people mia, who is in order, and others whom a test makes.
func newCompany(t *testing.T) *company {
	t.Helper()
	c := &company{world: newWorld(t, &clock{}), staff: &staff{people: map[string]*storage.User{}, groups: map[string]any{}, lifetime: time.Hour}}
	mux := http.NewServeMux()
	c.site = httptest.NewServer(mux)
	t.Cleanup(c.site.Close)

	c.staff.Storage = storage.NewStorageWithClients(c.staff, map[string]*storage.Client{
		clientID: storage.WebClient(clientID, clientSecret, c.site.URL+CallbackPath),
	})
	idp := httptest.NewUnstartedServer(nil)
	issuer := "http://" + idp.Listener.Addr().String()
	idp.Config.Handler = serveStaff(t, issuer, c.staff)
	idp.Start()
	t.Cleanup(idp.Close)

	c.provider = c.providerAt(issuer, c.site.URL)
	mux.HandleFunc("GET "+SignInPath, c.provider.SignIn)
	mux.HandleFunc("GET "+CallbackPath, c.provider.Callback)
	mux.HandleFunc("GET "+homePage, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "at "+r.URL.String()) })
	c.hire("mia", []string{"DUNA=MANAGER"})
	return c
}

func (c *company) providerAt(issuer, site string) *Provider {
	c.t.Helper()
	roles, err := ParseRoleMap("plant-managers=DUNA=MANAGER, auditors=*=AUDITOR")
	c.check(err)
	p, err := NewProvider(ProviderConfig{
		Issuer: issuer, ClientID: clientID, ClientSecret: clientSecret, RedirectURL: site + CallbackPath, RolesClaim: "flowviz_roles", Roles: roles,
	}, c.Service, c.keys(), slog.New(slog.NewTextHandler(&c.log, nil)))
	c.check(err)
	return p
}

func (c *company) keys() Keys { return c.tokens.keys }

// serveStaff is zitadel's provider with the least of a page to sign in on.
func serveStaff(t *testing.T, issuer string, s *staff) http.Handler {
	t.Helper()
	provider, err := op.NewProvider(&op.Config{CryptoKey: sha256.Sum256([]byte(issuer)), CodeMethodS256: true, AuthMethodPost: true}, s,
		func(bool) (op.IssuerFromRequest, error) { return s.issuerOf(issuer), nil }, op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/username", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "who is it? %s", r.FormValue("authRequestID"))
	})
	withIssuer := op.NewIssuerInterceptor(provider.IssuerFromRequest)
	mux.Handle("POST /login/username", withIssuer.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.FormValue("id")
		if err := s.CheckUsernamePassword(r.FormValue("username"), "verysecure", id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, op.AuthCallbackURL(provider)(r.Context(), id), http.StatusFound)
	}))
	mux.Handle("/", provider)
	return mux
}

// hire gives the provider a person whose verified address is that of example.com.
func (c *company) hire(name string, groups any) *storage.User {
	person := &storage.User{
		ID: name, Username: name, Password: "verysecure", FirstName: strings.ToUpper(name[:1]) + name[1:], LastName: "Kovács",
		Email: name + "@example.com", EmailVerified: true,
	}
	c.staff.set(func() { c.staff.people[name], c.staff.groups[name] = person, groups })
	return person
}

// browser is somebody's.
type browser struct {
	*http.Client
	c *company
	// last is the address at which the provider sends the browser back.
	last *url.URL
}

func (c *company) browser() *browser {
	jar, err := cookiejar.New(nil)
	c.check(err)
	b := &browser{c: c, Client: &http.Client{Jar: jar}}
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == CallbackPath {
			b.last = r.URL
		}
		return nil
	}
	return b
}

// page is what a browser ends up with.
type page struct {
	status  int
	text    string
	cookies []*http.Cookie
}

// go to an address.
func (b *browser) visit(address string) page {
	b.c.t.Helper()
	return b.read(b.Get(address))
}

func (b *browser) read(r *http.Response, err error) page {
	b.c.t.Helper()
	b.c.check(err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	b.c.check(err)
	return page{r.StatusCode, string(text), r.Cookies()}
}

// begin goes as far as the provider's page, and returns the number of the sign-in there.
func (b *browser) begin(query string) string {
	b.c.t.Helper()
	at := b.visit(b.c.site.URL + SignInPath + query)
	id, ok := strings.CutPrefix(at.text, "who is it? ")
	if !ok {
		b.c.t.Log(b.c.log.String())
		b.c.t.Fatalf("not at the provider: %+v", at)
	}
	return id
}

// answer tells the provider who it is, and follows it back.
func (b *browser) answer(id, name string) page {
	b.c.t.Helper()
	return b.read(b.PostForm(b.c.provider.config.Issuer+"/login/username", url.Values{"id": {id}, "username": {name}}))
}

// signIn goes all the way.
func (b *browser) signIn(name string) page {
	b.c.t.Helper()
	return b.answer(b.begin(""), name)
}

// actor is whom the refresh cookie of the browser stands for.
func (b *browser) actor() (*Actor, *SignedIn) {
	b.c.t.Helper()
	api, err := url.Parse(b.c.site.URL + cookiePath)
	b.c.check(err)
	cookies := b.Jar.Cookies(api)
	if len(cookies) != 1 || cookies[0].Name != cookieName {
		b.c.t.Fatalf("cookies of the API: %v", cookies)
	}
	in, err := b.c.Refresh(b.c.t.Context(), Secret(cookies[0].Value))
	b.c.check(err)
	b.Jar.SetCookies(api, []*http.Cookie{{Name: cookieName, Value: string(in.RefreshToken), Path: cookiePath}})
	actor, err := b.c.door.Authenticate(b.c.t.Context(), string(in.AccessToken))
	b.c.check(err)
	return actor, in
}

// TestSignInAtProvider goes through the whole flow: a new user, then the same one, whose roles, name and address follow the provider.
func TestSignInAtProvider(t *testing.T) {
	t.Parallel()
	for _, inToken := range []bool{false, true} {
		c := newCompany(t)
		c.staff.set(func() { c.staff.inToken = inToken })
		b := c.browser()
		if at := b.answer(b.begin("?next="+url.QueryEscape("/graphiql?query=1")), "mia"); at.status != http.StatusOK || at.text != "at /graphiql?query=1" {
			t.Fatalf("after a sign-in: %+v", at)
		}
		actor, in := b.actor()
		if diff := cmp.Diff(map[int32]Role{c.sites["DUNA"]: db.RoleMANAGER}, actor.Memberships); diff != "" {
			t.Errorf("memberships (-want +got):\n%s", diff)
		}
		if in.User.Email != "mia@example.com" || in.User.FullName != "Mia Kovács" {
			t.Errorf("user %+v", in.User)
		}
		if cookies := c.flowCookies(b); len(cookies) > 0 {
			t.Errorf("the sign-in's cookie stays: %v", cookies)
		}
		if at := c.browser().signIn("mia"); at.status != http.StatusOK {
			t.Fatalf("in another browser: %+v", at)
		}
		first, err := c.Refresh(t.Context(), in.RefreshToken) // who is what they were goes on elsewhere
		c.check(err)

		c.staff.set(func() {
			c.staff.groups["mia"] = []any{"auditors", "DUNA=OPERATOR", "XXXX=ADMIN", "DUNA=KING", "cooks", 7}
			c.staff.people["mia"].Email, c.staff.people["mia"].LastName = "Mia.Nagy@example.com", "Nagy"
		})
		if at := b.signIn("mia"); at.text != "at /graphiql" {
			t.Fatalf("the second time: %+v", at)
		}
		again, in := b.actor()
		if again.UserID != actor.UserID || in.User.Email != "mia.nagy@example.com" || in.User.FullName != "Mia Nagy" {
			t.Errorf("the second time it is %+v", in.User)
		}
		_, err = c.Refresh(t.Context(), first.RefreshToken)
		refused(t, "begun under another role", err, fault.Unauthenticated, "")
		if diff := cmp.Diff(map[int32]Role{c.sites["DUNA"]: db.RoleOPERATOR, c.sites["TISZ"]: db.RoleAUDITOR}, again.Memberships); diff != "" {
			t.Errorf("memberships (-want +got):\n%s", diff)
		}
		follow := " UPDATE_USER mia.nagy@example.com map[email:mia@example.com fullName:Mia Kovács]→map[email:mia.nagy@example.com fullName:Mia Nagy]"
		if diff := cmp.Diff([]string{
			"1 CREATE_USER mia@example.com map[]→map[active:true email:mia@example.com fullName:Mia Kovács role:MANAGER]",
			"1" + follow, "1 CHANGE_MEMBERSHIP mia.nagy@example.com map[role:MANAGER]→map[role:OPERATOR]",
			"2" + follow, "2 CHANGE_MEMBERSHIP mia.nagy@example.com map[]→map[role:AUDITOR]",
		}, c.recorded()); diff != "" {
			t.Errorf("recorded (-want +got):\n%s", diff)
		}

		// Nothing is left to be once the provider gives no role, and no session.
		c.staff.set(func() { c.staff.groups["mia"] = []string{"cooks"} })
		if at := b.signIn("mia"); at.status != http.StatusForbidden || !strings.Contains(at.text, "member of no site") {
			t.Errorf("without a role: %+v", at)
		}
		if own := c.memberships("mia.nagy@example.com"); own != "" {
			t.Errorf("without a role there is still %s", own)
		}
		_, err = c.Refresh(t.Context(), in.RefreshToken)
		refused(t, "begun under a role that is gone", err, fault.Unauthenticated, "")
	}
}

// TestProviderSession: a session that began at the provider lasts a shift, in which what the provider says may change unheard.
func TestProviderSession(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	b := c.browser()
	b.signIn("mia")
	_, in := b.actor()
	if left := time.Until(in.RefreshExpiresAt); left > 12*time.Hour {
		t.Errorf("the session is said to last %s", left)
	}
	in, err := c.later(12*time.Hour-time.Minute).Refresh(t.Context(), in.RefreshToken)
	c.check(err)
	_, err = c.later(12*time.Hour+time.Second).Refresh(t.Context(), in.RefreshToken)
	refused(t, "after twelve hours", err, fault.Unauthenticated, "")
	if at := b.signIn("mia"); at.status != http.StatusOK {
		t.Errorf("signing in again: %+v", at)
	}
}

// TestProviderScopes: roles that the provider gives for a scope of its own are there where that is asked for.
func TestProviderScopes(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.staff.set(func() { c.staff.scope = "groups" })
	if at := c.browser().signIn("mia"); at.status != http.StatusForbidden || !strings.Contains(at.text, "member of no site") {
		t.Errorf("without the scope: %+v", at)
	}
	c.provider.config.Scopes = []string{"groups"}
	b := c.browser()
	if at := b.signIn("mia"); at.status != http.StatusOK {
		t.Fatalf("with the scope: %+v", at)
	}
	if actor, _ := b.actor(); actor.Memberships[c.sites["DUNA"]] != db.RoleMANAGER {
		t.Errorf("memberships %v", actor.Memberships)
	}
}

func (c *company) flowCookies(b *browser) []*http.Cookie {
	at, err := url.Parse(c.site.URL + CallbackPath)
	c.check(err)
	return slices.DeleteFunc(b.Jar.Cookies(at), func(k *http.Cookie) bool { return k.Name != flowCookie })
}

// memberships are those of a user, as text; "nobody" where there is no user.
func (c *company) memberships(email string) string {
	c.t.Helper()
	u, err := NewFinder(c.pool).ByEmail(c.t.Context(), email)
	c.check(err)
	if u == nil {
		return "nobody"
	}
	rows, err := db.New(c.pool).MembershipsOfUser(c.t.Context(), u.ID)
	c.check(err)
	var all []string
	for _, m := range rows {
		all = append(all, fmt.Sprintf("%d=%s", m.SiteID, m.Role))
	}
	return strings.Join(all, " ")
}

// TestRefusedAtProvider: nobody is signed in, and nobody made, by anything but a whole sign-in of a known browser.
func TestRefusedAtProvider(t *testing.T) {
	t.Parallel()
	other := storage.NewStorageWithClients(&staff{}, nil)
	for name, test := range map[string]struct {
		change func(c *company)
		status int
		says   string // to the person
		reason string // to the log
	}{
		"wrong nonce":    {func(c *company) { c.staff.nonce = "another" }, http.StatusBadRequest, "begin it again", "another nonce"},
		"expired":        {func(c *company) { c.staff.lifetime = -time.Hour }, http.StatusBadRequest, "begin it again", "token is expired"},
		"wrong issuer":   {func(c *company) { c.staff.issuer = "https://accounts.example.com" }, http.StatusBadRequest, "begin it again", "issued by a different provider"},
		"wrong audience": {func(c *company) { c.staff.azp = "another" }, http.StatusBadRequest, "begin it again", "expected audience"},
		"wrong key":      {func(c *company) { c.staff.otherKey = other }, http.StatusBadRequest, "begin it again", "failed to verify signature"},
		"no roles":       {func(c *company) { c.staff.groups["mia"] = nil }, http.StatusForbidden, "member of no site", ""},
		"unverified":     {func(c *company) { c.staff.people["mia"].EmailVerified = false }, http.StatusForbidden, "verified", ""},
		"no address":     {func(c *company) { c.staff.people["mia"].Email = "" }, http.StatusForbidden, "verified", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			c.staff.set(func() { test.change(c) })
			b := c.browser()
			at := b.signIn("mia")
			if at.status != test.status || !strings.Contains(at.text, test.says) {
				t.Errorf("%+v", at)
			}
			if !strings.Contains(c.log.String(), test.reason) {
				t.Errorf("not refused for %q: %s", test.reason, &c.log)
			}
			c.nobody(b)
		})
	}
}

// nobody holds that nobody was made, and that a browser has no session.
func (c *company) nobody(b *browser) {
	c.t.Helper()
	var users, sessions int
	c.check(c.pool.QueryRow(c.t.Context(), "SELECT (SELECT count(*) FROM app_user), (SELECT count(*) FROM session)").Scan(&users, &sessions))
	api, err := url.Parse(c.site.URL + cookiePath)
	c.check(err)
	if cookies := b.Jar.Cookies(api); users+sessions+len(c.recorded())+len(cookies) > 0 {
		c.t.Errorf("%d users, %d sessions, %d changes, cookies %v", users, sessions, len(c.recorded()), cookies)
	}
}

// TestForgedReturns: a return to the callback belongs to one browser, one sign-in and ten minutes.
func TestForgedReturns(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	refused := func(what string, at page) {
		t.Helper()
		if at.status != http.StatusBadRequest || !strings.Contains(at.text, "begin it again") {
			t.Errorf("%s: %+v", what, at)
		}
	}
	thief := c.browser()
	refused("out of nothing", thief.visit(c.site.URL+CallbackPath+"?code=1&state=2"))

	b := c.browser()
	b.begin("")
	refused("another state", b.visit(c.site.URL+CallbackPath+"?code=1&state=2"))
	b.begin("")
	refused("no state", b.visit(c.site.URL+CallbackPath+"?code=1"))

	// A code that somebody else got for another browser, whose sign-in is then completed in this one.
	id := b.begin("")
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == CallbackPath {
			b.last = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}
	b.answer(id, "mia")
	thief.begin("")
	refused("another browser's return", thief.visit(b.last.String()))
	thief.begin("")
	state := c.openFlow(thief).State
	forged := *b.last
	query := forged.Query()
	query.Set("state", state)
	forged.RawQuery = query.Encode()
	refused("another browser's code", thief.visit(forged.String())) // PKCE
	c.nobody(thief)

	// The code was burnt by that; a whole sign-in, played again.
	b = c.browser()
	kept := *b
	id = b.begin("")
	cookies := c.flowCookies(b)
	if at := b.answer(id, "mia"); at.status != http.StatusOK {
		t.Fatalf("%+v\n%s", at, &c.log)
	}
	refused("the same again", b.visit(b.last.String()))
	at := *b.last
	kept.Jar.SetCookies(&at, []*http.Cookie{{Name: flowCookie, Value: cookies[0].Value, Path: flowPath}})
	refused("with its cookie", kept.visit(at.String()))

	cookies[0].Value = "x" + cookies[0].Value[1:]
	kept.Jar.SetCookies(&at, cookies)
	refused("with a changed cookie", kept.visit(at.String()))

	slow := c.browser()
	id = slow.begin("")
	c.provider.users = c.later(flowLifetime + time.Second)
	refused("eleven minutes later", slow.answer(id, "mia"))
}

// later is the service when time has passed.
func (c *company) later(d time.Duration) *Service {
	service := *c.Service
	service.now = func() time.Time { return time.Now().Add(d) }
	return &service
}

func (c *company) openFlow(b *browser) flow {
	c.t.Helper()
	f, ok := c.provider.seal.open(c.flowCookies(b)[0].Value, time.Now())
	if !ok {
		c.t.Fatal("no sign-in under way")
	}
	return f
}

// TestTakenAddress: whoever has an address at the provider isn't therefore who has it here.
func TestTakenAddress(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.user("mia@example.com", "DUNA=ADMIN")
	if at := c.browser().signIn("mia"); at.status != http.StatusConflict || !strings.Contains(at.text, "has an account here already") {
		t.Errorf("an address with a password: %+v", at)
	}
	c.signIn("mia@example.com") // with the password, still
	if got := c.memberships("mia@example.com"); got != "1=ADMIN" {
		t.Errorf("memberships: %s", got)
	}

	c.hire("tom", []string{"TISZ=VIEWER"})
	b := c.browser()
	b.signIn("tom")
	c.staff.set(func() { c.staff.people["tom"].Email = "mia@example.com" })
	if at := b.signIn("tom"); at.status != http.StatusOK {
		t.Errorf("a taken address of a known user: %+v", at)
	}
	if _, in := b.actor(); in.User.Email != "tom@example.com" {
		t.Errorf("it is %s now", in.User.Email)
	}
	_, err := c.pool.Exec(t.Context(), "UPDATE app_user SET active = false WHERE email = 'tom@example.com'")
	c.check(err)
	if at := b.signIn("tom"); at.status != http.StatusForbidden || !strings.Contains(at.text, "deactivated") {
		t.Errorf("deactivated: %+v", at)
	}
}

// TestReauthenticate: who has no password signs where they signed in at the provider again for it, once, and nobody else does.
func TestReauthenticate(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	b := c.browser()
	signAs := func(actor *Actor, s *Service, after error) error {
		signature, err := s.Sign(t.Context(), actor, "", "released", []byte("{}"))
		c.check(err)
		return db.InTx(t.Context(), c.pool, db.Scope{}, func(q *db.Queries) error { return errors.Join(signature.Save(t.Context(), q), after) })
	}
	sign := func() error {
		actor, _ := b.actor()
		return signAs(actor, c.Service, nil)
	}
	again := func() {
		t.Helper()
		if at := b.answer(b.begin("?reauthenticate=1"), "mia"); at.status != http.StatusOK {
			t.Fatalf("%+v", at)
		}
	}
	if at := b.signIn("mia"); at.status != http.StatusOK {
		t.Fatalf("%+v\n%s", at, &c.log)
	}
	err := sign()
	refused(t, "an ordinary sign-in, a moment ago", err, fault.FailedPrecondition, "password")
	if !strings.Contains(err.Error(), "/auth/oidc?reauthenticate=1") {
		t.Errorf("what to do: %v", err)
	}
	c.staff.set(func() { c.staff.authTime = time.Now().Add(-2 * providerSkew) })
	if at := b.answer(b.begin("?reauthenticate=1"), "mia"); at.status != http.StatusForbidden || !strings.Contains(at.text, "didn&#39;t ask you") {
		t.Errorf("a provider that didn't ask: %+v", at)
	}
	refused(t, "after that", sign(), fault.FailedPrecondition, "password")
	c.staff.set(func() { c.staff.authTime = time.Time{} })

	still := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for query, want := range map[string][]string{"": {"", ""}, "?reauthenticate=1": {"login", "0"}} {
		r, err := still.Get(c.site.URL + SignInPath + query)
		c.check(err)
		c.check(r.Body.Close())
		to, err := r.Location()
		c.check(err)
		if got := to.Query(); got.Get("prompt") != want[0] || got.Get("max_age") != want[1] || got.Get("code_challenge_method") != "S256" || got.Get("nonce") == "" {
			t.Errorf("%q asks the provider for %v", query, got)
		}
	}

	again()
	actor, _ := b.actor()
	other := c.browser()
	other.signIn("mia")
	elsewhere, _ := other.actor()
	refused(t, "in another session", signAs(elsewhere, c.Service, nil), fault.FailedPrecondition, "password")
	if err := signAs(actor, c.Service, io.EOF); !errors.Is(err, io.EOF) {
		t.Errorf("a command that is refused: %v", err)
	}
	c.check(sign())
	refused(t, "a second signature", sign(), fault.FailedPrecondition, "password")
	again()
	actor, _ = b.actor()
	refused(t, "five minutes later", signAs(actor, c.later(freshLifetime+time.Second), nil), fault.FailedPrecondition, "password")
	c.signsOnce(actor)

	ctx := WithActor(t.Context(), actor)
	refused(t, "a password of mia's", c.ChangePassword(ctx, PasswordChange{"x", goodPassword}), fault.FailedPrecondition, "currentPassword")
	u, err := NewFinder(c.pool).ByEmail(ctx, "mia@example.com")
	c.check(err)
	refused(t, "a password for mia", c.SetPassword(ctx, u, goodPassword), fault.FailedPrecondition, "")

	c.user("tom@example.com", "DUNA=MANAGER") // signed in a moment ago, with a password
	_, err = c.Sign(t.Context(), ActorFrom(c.as("tom@example.com")), "", "released", []byte("{}"))
	refused(t, "no password of somebody who has one", err, fault.BadUserInput, "password")
}

// signsOnce holds that of several signatures at the same time one is stored.
func (c *company) signsOnce(actor *Actor) {
	c.t.Helper()
	errs := make([]error, 10)
	var all sync.WaitGroup
	for i := range errs {
		signature, err := c.Sign(c.t.Context(), actor, "", "released", []byte("{}"))
		c.check(err)
		all.Go(func() {
			errs[i] = db.InTx(c.t.Context(), c.app, actor.Scope(), func(q *db.Queries) error { return signature.Save(c.t.Context(), q) })
		})
	}
	all.Wait()
	stored := 0
	for _, err := range errs {
		if err == nil {
			stored++
		} else {
			refused(c.t, "another at the same time", err, fault.FailedPrecondition, "password")
		}
	}
	if stored != 1 {
		c.t.Errorf("%d signatures for one sign-in", stored)
	}
}

// TestReauthenticationIsForItsFlow: neither before the provider was asked, nor long ago, nor at a time to come.
func TestReauthenticationIsForItsFlow(t *testing.T) {
	t.Parallel()
	begun := stopped().now()
	f := flow{Expires: begun.Add(flowLifetime)}
	for name, test := range map[string]struct {
		at, now time.Duration // since it was begun
		want    bool
	}{
		"at once":                           {0, time.Second, true},
		"by a clock behind ours":            {-providerSkew, time.Second, true},
		"before":                            {-providerSkew - time.Second, time.Second, false},
		"by a clock ahead of ours":          {providerSkew, 0, true},
		"to come":                           {providerSkew + time.Second, 0, false},
		"and came back after five minutes":  {time.Minute, time.Minute + freshLifetime, true},
		"and came back later than that":     {time.Minute, time.Minute + freshLifetime + time.Second, false},
		"after a long look at the provider": {9 * time.Minute, 9*time.Minute + time.Second, true},
	} {
		if got := f.answeredBy(new(begun.Add(test.at)), begun.Add(test.now)); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if f.answeredBy(nil, begun) {
		t.Error("the provider doesn't say when")
	}
}

// TestProviderAway: who can't reach the provider is told so, until it is back.
func TestProviderAway(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	working := c.provider.config.Issuer
	c.provider.config.Issuer = gone.URL
	b := c.browser()
	if at := b.visit(c.site.URL + SignInPath); at.status != http.StatusServiceUnavailable || !strings.Contains(at.text, "can&#39;t be reached") {
		t.Errorf("%+v", at)
	}
	c.provider.config.Issuer = working
	if at := b.signIn("mia"); at.status != http.StatusOK {
		t.Errorf("when it is back: %+v", at)
	}
	if at := b.visit(c.site.URL + SignInPath + "?next=//evil.example/"); !strings.HasPrefix(at.text, "who is it?") || c.openFlow(b).Next != homePage {
		t.Errorf("another site's page is gone on with: %+v", c.openFlow(b))
	}
	state := c.openFlow(b).State
	if at := b.visit(c.site.URL + CallbackPath + "?error=access_denied&state=" + state); at.status != http.StatusForbidden || !strings.Contains(at.text, "refuses") {
		t.Errorf("refused there: %+v", at)
	}
}

func TestProviderSettings(t *testing.T) {
	t.Parallel()
	good := ProviderConfig{
		Issuer: "https://accounts.example.com", ClientID: "flowviz", ClientSecret: "x", RedirectURL: "https://flowviz.example.com/auth/oidc/callback", RolesClaim: "roles",
	}
	for field, change := range map[string]func(*ProviderConfig){
		"":                           func(*ProviderConfig) {},
		"FLOWVIZ_OIDC_ISSUER":        func(c *ProviderConfig) { c.Issuer = "http://accounts.example.com" },
		"FLOWVIZ_OIDC_CLIENT_ID":     func(c *ProviderConfig) { c.ClientID = "" },
		"FLOWVIZ_OIDC_CLIENT_SECRET": func(c *ProviderConfig) { c.ClientSecret = "" },
		"FLOWVIZ_OIDC_REDIRECT_URL":  func(c *ProviderConfig) { c.RedirectURL = "https://flowviz.example.com/" },
		"FLOWVIZ_OIDC_SCOPES":        func(c *ProviderConfig) { c.Scopes = []string{"groups", `a"b`} },
		"FLOWVIZ_OIDC_ROLES_CLAIM":   func(c *ProviderConfig) { c.RolesClaim = "" },
	} {
		config := good
		change(&config)
		if f := fault.Of(config.check()); f == nil && field != "" || f != nil && f.Field != field {
			t.Errorf("%q: %v", field, f)
		}
	}
	for _, bad := range []string{"a", "a=b", "a=DUNA=KING", "=DUNA=ADMIN", "a==ADMIN", "DUNA=ADMIN"} {
		if _, err := ParseRoleMap(bad); fault.Of(err) == nil || fault.Of(err).Field != "FLOWVIZ_OIDC_ROLES" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	roles, err := ParseRoleMap("cn=boss=*=ADMIN,a=DUNA=VIEWER, a=TISZ=OPERATOR,")
	if diff := cmp.Diff(RoleMap{"cn=boss": {{"*", "ADMIN"}}, "a": {{"DUNA", "VIEWER"}, {"TISZ", "OPERATOR"}}}, roles); diff != "" || err != nil {
		t.Errorf("%v, (-want +got):\n%s", err, diff)
	}
}

func TestLocalPage(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"": homePage, "/lots?x=1#a": "/lots?x=1#a", "/graphiql": "/graphiql", "//evil.example": homePage, "https://evil.example": homePage,
		`/\evil.example`: homePage, "/\t/evil.example": homePage, "lots": homePage, "/auth/oidc": homePage, "/%2fevil.example": homePage,
		"/" + strings.Repeat("x", maxNext): homePage, "javascript:alert(1)": homePage,
	} {
		if got := localPage(next); got != want {
			t.Errorf("%q: %q", next, got)
		}
	}
}
