package identity

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	// AccessLifetime is how long an access token holds. What it allows ends earlier with its session.
	AccessLifetime = 15 * time.Minute

	algorithm = "EdDSA" // and no other: a token that chooses its algorithm can choose a weak one
	issuer    = "flowviz"
	audience  = "flowviz"
	tokenType = "access"
	mediaType = "at+jwt" // the header's typ (RFC 9068, section 2.1)

	// clockSkew is how far two replicas' clocks may differ: a token of one that is ahead isn't refused by the other.
	clockSkew = 5 * time.Second
	// maxToken is more than twice the length of ours: longer ones aren't even decoded.
	maxToken = 1024
	// keptTokens are remembered as verified. At some 200 bytes each, 4 MB.
	keptTokens = 20_000
)

// Access is what an access token says.
type Access struct {
	User, Session uuid.UUID
	ExpiresAt     time.Time
}

// Tokens issues and verifies access tokens: JWTs signed with Ed25519.
type Tokens struct {
	keys     Keys
	now      func() time.Time
	newID    func() uuid.UUID
	parser   *jwt.Parser
	verified *cache[[sha256.Size]byte, Access]
}

// NewTokens signs with the first key, and verifies with all.
func NewTokens(keys Keys, newID func() uuid.UUID, now func() time.Time) *Tokens {
	return &Tokens{
		keys: keys, now: now, newID: newID,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{algorithm}), jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(), jwt.WithLeeway(clockSkew), jwt.WithTimeFunc(now), jwt.WithStrictDecoding(),
		),
		verified: newCache[[sha256.Size]byte, Access](keptTokens),
	}
}

// claims are all that a token has.
type claims struct {
	jwt.RegisteredClaims

	Type    string `json:"typ"`
	Session string `json:"sid"`
}

// issue makes an access token of a session.
func (t *Tokens) issue(user, session uuid.UUID) (Secret, time.Time, error) {
	now := t.now()
	expires := now.Add(AccessLifetime).Truncate(time.Second)
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Subject: user.String(), Audience: jwt.ClaimStrings{audience}, ID: t.newID().String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Type: tokenType, Session: session.String(),
	})
	token.Header["typ"] = mediaType
	token.Header["kid"] = t.keys[0].ID
	signed, err := token.SignedString(t.keys[0].private)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign an access token: %w", err)
	}
	return Secret(signed), expires, nil
}

// verify reads a token, and says why it doesn't hold: to the log, never to the client. That takes 0.28 ms, and 5 µs where it is
// remembered: until the token expires.
func (t *Tokens) verify(token string) (Access, error) {
	if len(token) > maxToken || strings.ContainsAny(token, "\r\n") { // which base64 passes over: one token, one spelling
		return Access{}, errors.New("too long, or of several lines")
	}
	now, digest := t.now(), sha256.Sum256([]byte(token))
	if access, ok := t.verified.get(digest, now); ok {
		return access, nil
	}
	var c claims
	if _, err := t.parser.ParseWithClaims(token, &c, t.key); err != nil {
		return Access{}, err
	}
	access, err := c.access()
	if err != nil {
		return Access{}, err
	}
	t.verified.put(digest, access, access.ExpiresAt, now)
	return access, nil
}

// key finds what a token is verified with. Its header has what ours have and nothing else, so that none of the other members
// of JWS (crit, jku, jwk, x5c …) means anything.
func (t *Tokens) key(token *jwt.Token) (any, error) {
	if len(token.Header) != 3 || token.Header["typ"] != mediaType {
		return nil, errors.New("not the header of an access token")
	}
	i := slices.IndexFunc(t.keys, func(k Key) bool { return token.Header["kid"] == k.ID })
	if i < 0 {
		return nil, errors.New("signed with no key of ours")
	}
	return t.keys[i].public(), nil
}

// access checks what the library doesn't.
func (c *claims) access() (Access, error) {
	user, userErr := uuid.Parse(c.Subject)
	session, sessionErr := uuid.Parse(c.Session)
	switch {
	case userErr != nil || sessionErr != nil:
		return Access{}, errors.New("no sub or sid")
	case c.Type != tokenType:
		return Access{}, errors.New("not an access token")
	case c.ID == "" || c.IssuedAt == nil:
		return Access{}, errors.New("no jti or iat")
	case len(c.Audience) != 1:
		return Access{}, errors.New("for others too")
	case c.ExpiresAt.Sub(c.IssuedAt.Time) > AccessLifetime:
		return Access{}, errors.New("holds for too long")
	}
	return Access{User: user, Session: session, ExpiresAt: c.ExpiresAt.Time}, nil
}
