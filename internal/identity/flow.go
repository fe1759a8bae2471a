package identity

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	// flowLifetime is how long somebody may take to sign in at the provider.
	flowLifetime = 10 * time.Minute
	flowCookie   = "flowviz_oidc"
	// flowPath is all that the cookie is sent to.
	flowPath = SignInPath
	// maxNext bounds the address of a page.
	maxNext = 500
	// homePage is where somebody goes who didn't come from another page.
	homePage = "/graphiql"
)

// flow is a sign-in under way at the provider, kept by the browser that began it: only there it can end.
type flow struct {
	State, Nonce   string
	Verifier       string // of PKCE (RFC 7636)
	Next           string // the page to go on with
	Reauthenticate bool   // whether the provider was told to ask for the password again
	Expires        time.Time
}

// answeredBy reports whether it was for this flow that somebody showed the provider who they are, a short time ago.
func (f flow) answeredBy(at *time.Time, now time.Time) bool {
	begun := f.Expires.Add(-flowLifetime)
	return at != nil && !at.Before(begun.Add(-providerSkew)) && now.Sub(*at) <= freshLifetime && at.Sub(now) <= providerSkew
}

// sealer keeps a flow from being made or changed by others. The first key seals, all open.
type sealer [][]byte

// newSealer derives keys of its own: what is sealed never passes for a token.
func newSealer(keys Keys) (sealer, error) {
	var s sealer
	for _, k := range keys {
		key, err := hkdf.Key(sha256.New, k.private.Seed(), nil, "flowviz sign-in at a provider", sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("derive a key: %w", err)
		}
		s = append(s, key)
	}
	return s, nil
}

func (s sealer) close(f flow) (string, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("encode a sign-in: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text) + "." + base64.RawURLEncoding.EncodeToString(mac(s[0], text)), nil
}

// open is false for what wasn't sealed here, or too long ago.
func (s sealer) open(sealed string, now time.Time) (flow, bool) {
	text, sum, _ := strings.Cut(sealed, ".")
	content, contentErr := base64.RawURLEncoding.DecodeString(text)
	given, givenErr := base64.RawURLEncoding.DecodeString(sum)
	if contentErr != nil || givenErr != nil {
		return flow{}, false
	}
	for _, key := range s {
		var f flow
		if hmac.Equal(given, mac(key, content)) {
			err := json.Unmarshal(content, &f)
			return f, err == nil && now.Before(f.Expires)
		}
	}
	return flow{}, false
}

func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// localPage is a page of this server, to go on with: whoever sends somebody a link must not choose where they end up.
func localPage(next string) string {
	u, err := url.Parse(next)
	if err != nil || len(next) > maxNext || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(next, SignInPath) {
		return homePage
	}
	return next
}
