package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"flowviz/internal/fault"
)

// Key signs access tokens (Ed25519).
type Key struct {
	ID      string // the public key's thumbprint (RFC 7638), the `kid` of tokens
	private ed25519.PrivateKey
}

// LogValue implements slog.LogValuer: a key shows no more than its id.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.ID) }

func (k Key) String() string { return k.ID }

// GoString implements fmt.GoStringer.
func (k Key) GoString() string { return k.ID }

func newKey(private ed25519.PrivateKey) Key {
	k := Key{private: private}
	// The required members of the JWK in the order of their names (RFC 7638, section 3.2; RFC 8037, appendix A.3).
	sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":"%s"}`, k.x()))
	k.ID = base64.RawURLEncoding.EncodeToString(sum[:])
	return k
}

func (k Key) public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) } //nolint:forcetypeassert // of an ed25519.PrivateKey

func (k Key) x() string { return base64.RawURLEncoding.EncodeToString(k.public()) }

// NewKey makes a key and its PEM, to keep.
func NewKey() (Key, []byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, nil, fmt.Errorf("make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Key{}, nil, fmt.Errorf("encode a key: %w", err)
	}
	return newKey(private), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Keys are those whose tokens hold; the first signs. To change keys, put the new one in front, and take the old one away when
// its last token has expired, 15 minutes later.
type Keys []Key

// ParseKeys reads a list with commas between. Each is an Ed25519 seed, 32 bytes in base64url, or the name of a PEM file with
// a PKCS #8 private key, as `openssl genpkey -algorithm ed25519` writes it. Faults never quote a seed.
func ParseKeys(list string, readFile func(name string) ([]byte, error)) (Keys, error) {
	var keys Keys
	for i, item := range strings.Split(list, ",") {
		item = strings.TrimSpace(item)
		key, err := parseKey(item, readFile)
		if err != nil {
			return nil, fault.BadInput("FLOWVIZ_JWT_KEYS", "key %d is neither an Ed25519 seed of 32 bytes in base64url (43 characters) nor a readable PEM file of one (%v)", i+1, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func parseKey(item string, readFile func(string) ([]byte, error)) (Key, error) {
	if seed, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(item, "=")); err == nil && len(seed) == ed25519.SeedSize {
		return newKey(ed25519.NewKeyFromSeed(seed)), nil
	}
	if !strings.ContainsAny(item, "/.\\") { // a seed with a slip: a message about files would print it
		return Key{}, fmt.Errorf("it has %d characters, and a file's name has a / or a dot", len(item))
	}
	text, err := readFile(item)
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err // a seed in another alphabet may have a slash, and look like a file's name
	}
	if err != nil {
		return Key{}, err
	}
	return ParseKey(text)
}

// ParseKey reads a PEM file.
func ParseKey(text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return Key{}, errors.New("it holds no PEM block PRIVATE KEY")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Key{}, fmt.Errorf("it holds no PKCS #8 key: %w", err)
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return Key{}, errors.New("its key isn't of Ed25519")
	}
	return newKey(private), nil
}

// JWKS is the JSON Web Key Set (RFC 7517, RFC 8037) by which others verify access tokens.
func (k Keys) JWKS() []byte {
	type jwk struct {
		Kty string `json:"kty"`
		Crv string `json:"crv"`
		X   string `json:"x"`
		Kid string `json:"kid"`
		Alg string `json:"alg"`
		Use string `json:"use"`
	}
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	for _, key := range k {
		set.Keys = append(set.Keys, jwk{Kty: "OKP", Crv: "Ed25519", X: key.x(), Kid: key.ID, Alg: algorithm, Use: "sig"})
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic(err) // strings alone
	}
	return text
}
