package identity

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"flowviz/internal/fault"
)

const (
	// SignInPath begins a sign-in at the identity provider.
	SignInPath = "/auth/oidc"
	// CallbackPath is where the provider sends the browser afterwards.
	CallbackPath = "/auth/oidc/callback"
	// reauthenticatePath begins one for which the provider asks for the password again.
	reauthenticatePath = SignInPath + "?reauthenticate=1"

	// providerTimeout bounds each request to the provider, for which a person waits.
	providerTimeout = 10 * time.Second
)

// ProviderConfig says which identity provider it is, as whom it knows this system, and what its people may do.
type ProviderConfig struct {
	Issuer       string // its URL, exactly as its tokens have it
	ClientID     string
	ClientSecret Secret
	RedirectURL  string   // CallbackPath at the address where browsers reach this system
	Scopes       []string // asked for besides openid, email and profile: some providers give the claim of roles for a scope of its own alone
	RolesClaim   string   // the claim that holds a list of roles or groups
	Roles        RoleMap  // what its groups are here
}

// check names the setting that is wrong.
func (c ProviderConfig) check() error {
	issuer, err := url.Parse(c.Issuer)
	if err != nil || issuer.Host == "" || !safeScheme(issuer) || issuer.RawQuery != "" || issuer.Fragment != "" {
		return fault.BadInput("FLOWVIZ_OIDC_ISSUER", "%q is no issuer, such as https://accounts.example.com (http:// on this machine alone)", c.Issuer)
	}
	if c.ClientID == "" {
		return fault.BadInput("FLOWVIZ_OIDC_CLIENT_ID", "is missing: give the one under which the provider knows flowviz")
	}
	if c.ClientSecret == "" {
		return fault.BadInput("FLOWVIZ_OIDC_CLIENT_SECRET", "is missing: set it, or FLOWVIZ_OIDC_CLIENT_SECRET_FILE")
	}
	redirect, err := url.Parse(c.RedirectURL)
	if err != nil || redirect.Host == "" || !safeScheme(redirect) || redirect.Path != CallbackPath || redirect.RawQuery != "" || redirect.Fragment != "" {
		return fault.BadInput("FLOWVIZ_OIDC_REDIRECT_URL", "%q is not the address of this server with %s, such as https://flowviz.example.com%s (http:// on this machine alone)",
			c.RedirectURL, CallbackPath, CallbackPath)
	}
	for _, scope := range c.Scopes {
		if !scopeToken.MatchString(scope) {
			return fault.BadInput("FLOWVIZ_OIDC_SCOPES", "%q is no scope: name those that the provider knows, with spaces between", scope)
		}
	}
	if c.RolesClaim == "" {
		return fault.BadInput("FLOWVIZ_OIDC_ROLES_CLAIM", "is empty: name the claim that holds roles or groups")
	}
	return nil
}

// scopeToken is a scope's spelling (RFC 6749, 3.3).
var scopeToken = regexp.MustCompile(`^[!#-\[\]-~]+$`)

// safeScheme reports whether nobody on the network reads or changes what goes to a URL.
func safeScheme(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// Provider lets people sign in at an identity provider outside, by OpenID Connect: the authorization code flow with PKCE, state
// and nonce. Who comes back with a valid ID token is the user of its issuer and subject, with exactly the memberships that its
// claims give, and has a session like everybody else. Such users have no password here, and users with one don't come this way, unless
// they are linked (Service.Link).
type Provider struct {
	config ProviderConfig
	users  *Service
	seal   sealer
	client *http.Client
	log    *slog.Logger

	finding singleflight.Group
	mu      sync.Mutex
	found   *oidc.Provider // its metadata; nil until it could be read
}

// NewProvider refuses a wrong setting by its name. Nothing is asked of the provider yet. keys are shared by all replicas: who
// begins at one may come back to another.
func NewProvider(config ProviderConfig, users *Service, keys Keys, log *slog.Logger) (*Provider, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	seal, err := newSealer(keys)
	if err != nil {
		return nil, err
	}
	return &Provider{
		config: config, users: users, seal: seal, log: log, client: &http.Client{Timeout: providerTimeout},
	}, nil
}

// Discover reads the provider's metadata, unless they are known. FAILED_PRECONDITION while it can't be reached; ask again.
func (p *Provider) Discover(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	known := p.found
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	found, err, _ := p.finding.Do("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), providerTimeout)
		defer cancel()
		return oidc.NewProvider(p.reaching(ctx), p.config.Issuer)
	})
	if err != nil {
		return nil, p.unreachable(ctx, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found = found.(*oidc.Provider) //nolint:forcetypeassert // what the function above returns
	return p.found, nil
}

// unreachable tells the log why, which may show more than the person in front of the browser is to see.
func (p *Provider) unreachable(ctx context.Context, err error) error {
	p.log.WarnContext(ctx, "the identity provider doesn't answer as it should", "issuer", p.config.Issuer, "error", strings.Join(strings.Fields(err.Error()), " "))
	return fault.New(fault.FailedPrecondition, "", "the identity provider can't be reached at the moment: try again, or sign in with a password if you have one")
}

// reaching makes requests under ctx with the bounded client.
func (p *Provider) reaching(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}

func (p *Provider) oauth2(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: string(p.config.ClientSecret), Endpoint: found.Endpoint(), RedirectURL: p.config.RedirectURL,
		Scopes: append([]string{oidc.ScopeOpenID, "email", "profile"}, p.config.Scopes...),
	}
}
