package identity

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"flowviz/internal/fault"
)

// forger makes tokens that are wrong in one thing.
type forger struct {
	key Key
	now time.Time
	in  *SignedIn
	sid string
}

func part(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (f forger) header() map[string]any {
	return map[string]any{"alg": algorithm, "typ": mediaType, "kid": f.key.ID}
}

func (f forger) claims() map[string]any {
	return map[string]any{
		"iss": issuer, "aud": audience, "sub": f.in.User.ID.String(), "sid": f.sid, "typ": tokenType, "jti": newID().String(),
		"iat": f.now.Unix(), "exp": f.now.Add(AccessLifetime).Unix(),
	}
}

func changed(m map[string]any, name string, value any) map[string]any {
	m = maps.Clone(m)
	if m[name] = value; value == nil {
		delete(m, name)
	}
	return m
}

func (f forger) sign(header, claims any) string {
	text := part(header) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(f.key.private, []byte(text)))
}

func (f forger) hmac(header any, secret []byte) string {
	text := part(header) + "." + part(f.claims())
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// all are forged tokens by what is wrong with them.
func (f forger) all(t *testing.T) map[string]string {
	t.Helper()
	forged := map[string]string{}
	h, c := f.header(), f.claims()
	for name, value := range map[string]any{
		"alg none": "none", "alg None": "None", "alg NONE": "NONE", "alg empty": "", "no alg": nil, "alg ES256": "ES256", "alg RS256": "RS256",
		"alg PS256": "PS256", "alg HS512": "HS512", "alg Ed25519": "Ed25519", "alg lower case": "eddsa", "alg a list": []string{algorithm},
	} {
		forged[name] = f.sign(changed(h, "alg", value), c)
	}
	forged["alg none, without a signature"] = part(changed(h, "alg", "none")) + "." + part(c) + "."
	forged["alg EdDSA, without a signature"] = part(h) + "." + part(c) + "."
	forged["without a third part"] = part(h) + "." + part(c)
	hs := changed(h, "alg", "HS256")
	forged["HS256 with the public key"] = f.hmac(hs, f.key.public())
	forged["HS256 with the public key's text"] = f.hmac(hs, []byte(f.key.x()))
	forged["HS256 with the key set"] = f.hmac(hs, Keys{f.key}.JWKS())
	forged["HS256 with nothing"] = f.hmac(hs, nil)

	other, _, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	stranger := f
	stranger.key = other
	forged["another's key under our kid"] = stranger.sign(h, c)
	forged["another's key under its own kid"] = stranger.sign(stranger.header(), c)
	forged["another's key, brought along"] = stranger.sign(changed(h, "jwk", map[string]string{"kty": "OKP", "crv": "Ed25519", "x": other.x()}), c)
	forged["our key, and another brought along"] = f.sign(changed(h, "jwk", map[string]string{"kty": "OKP", "crv": "Ed25519", "x": other.x()}), c)
	for name, value := range map[string]any{"no kid": nil, "kid empty": "", "kid of nobody": "nobody", "kid a path": "../../etc/passwd", "kid SQL": "' OR 1=1 --", "kid a number": 1, "kid cut": f.key.ID[1:]} {
		forged[name] = f.sign(changed(h, "kid", value), c)
	}
	for name, value := range map[string]any{"no typ": nil, "typ JWT": "JWT", "typ of an id token": "id+jwt", "typ refresh": "rt+jwt"} {
		forged["header with "+name] = f.sign(changed(h, "typ", value), c)
	}
	for name, value := range map[string]any{"crit": []string{"exp"}, "jku": "https://example.com/jwks.json", "x5u": "https://example.com/x", "b64": false, "cty": "JWT"} {
		forged["header with "+name] = f.sign(changed(h, name, value), c)
	}
	seconds := func(d time.Duration) int64 { return f.now.Add(d).Unix() }
	for _, wrong := range []struct {
		claim string
		value any
	}{
		{"iss", nil},
		{"iss", "https://example.com"},
		{"iss", "FLOWVIZ"},
		{"aud", nil},
		{"aud", "another"},
		{"aud", []string{}},
		{"aud", []string{audience, "another"}},
		{"exp", nil},
		{"exp", seconds(-time.Minute)},
		{"exp", seconds(-time.Hour)},
		{"exp", "tomorrow"},
		{"exp", seconds(time.Hour)},
		{"exp", 0},
		{"exp", -1},
		{"nbf", seconds(time.Minute)},
		{"iat", nil},
		{"iat", seconds(time.Minute)},
		{"iat", seconds(-time.Hour)},
		{"jti", nil},
		{"jti", ""},
		{"typ", nil},
		{"typ", "refresh"},
		{"typ", "id"},
		{"sub", nil},
		{"sub", ""},
		{"sub", "mia"},
		{"sub", newID().String()},
		{"sub", uuid.Nil.String()},
		{"sid", nil},
		{"sid", ""},
		{"sid", newID().String()},
		{"sid", "1"},
	} {
		forged[fmt.Sprintf("%s %v", wrong.claim, wrong.value)] = f.sign(h, changed(c, wrong.claim, wrong.value))
	}
	good := f.sign(h, c)
	parts := strings.Split(good, ".")
	stronger := part(changed(c, "sub", newID().String()))
	raw, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), raw...)
	flipped[0] ^= 1
	order := append([]byte(nil), raw...) // S + L verifies too where S isn't held below L
	order[63] |= 0xe0
	random := make([]byte, 64)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	maps.Copy(forged, map[string]string{
		"other claims under a signature": parts[0] + "." + stronger + "." + parts[2],
		"a bit of the signature":         parts[0] + "." + parts[1] + "." + enc(flipped),
		"a signature beyond the order":   parts[0] + "." + parts[1] + "." + enc(order),
		"a random signature":             parts[0] + "." + parts[1] + "." + enc(random),
		"a signature of zeros":           parts[0] + "." + parts[1] + "." + enc(make([]byte, 64)),
		"half a signature":               parts[0] + "." + parts[1] + "." + enc(raw[:32]),
		"a longer signature":             parts[0] + "." + parts[1] + "." + enc(append(raw[:64:64], 0)),
		"one character less":             good[:len(good)-1],
		"one character more":             good + "A",
		"truncated":                      good[:len(good)/2],
		"four parts":                     good + "." + parts[2],
		"padded":                         good + "=",
		"a space inside":                 good[:10] + " " + good[10:],
		"a line break at the end":        good + "\n",
		"JSON":                           `{"alg":"none"}`,
		"only dots":                      "..",
		"nothing":                        "",
		"long":                           parts[0] + "." + part(changed(c, "x", strings.Repeat("x", 5000))) + "." + parts[2],
		"a refresh token":                string(f.in.RefreshToken),
		"an API token that isn't one":    apiTokenPrefix + string(newSecret()),
		"only an API token's prefix":     apiTokenPrefix,
		"header no object":               f.sign([]string{}, c),
		"claims no object":               f.sign(h, "x"),
	})
	return forged
}

// TestProveTokens is half of `make prove-tokens`: forged tokens are refused, all alike.
func TestProveTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=ADMIN")
	in := w.signIn("mia@example.com")
	own, err := w.tokens.verify(string(in.AccessToken))
	w.check(err)
	f := forger{key: w.tokens.keys[0], now: w.clock.now(), in: in, sid: own.Session.String()}
	if _, err := w.door.Authenticate(t.Context(), f.sign(f.header(), f.claims())); err != nil {
		t.Fatalf("what the forgeries differ from is refused itself: %v", err)
	}
	forged := f.all(t)
	for name, token := range forged {
		if actor, err := w.door.Authenticate(t.Context(), token); err == nil {
			t.Errorf("%s: accepted as %+v", name, actor)
		} else if !fault.Is(err, fault.Unauthenticated) || err.Error() != errToken().Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(forged) < 60 {
		t.Errorf("only %d forgeries", len(forged))
	}
	t.Logf("prove: %d forged tokens refused", len(forged))
}

func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, stopped())
	w.user("mia@example.com", "DUNA=VIEWER")
	in := w.signIn("mia@example.com")
	w.clock.pass(AccessLifetime - time.Second)
	if _, err := w.door.Authenticate(t.Context(), string(in.AccessToken)); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	w.clock.pass(time.Second + clockSkew)
	_, err := w.door.Authenticate(t.Context(), string(in.AccessToken))
	refused(t, "after its end", err, fault.Unauthenticated, "")
}

// TestKeysRotate: tokens of the old key hold while it is there; the new one signs.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	c := stopped()
	before, _, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := NewTokens(Keys{before}, newID, c.now).issue(newID(), newID())
	if err != nil {
		t.Fatal(err)
	}
	both := NewTokens(Keys{after, before}, newID, c.now)
	if _, err := both.verify(string(token)); err != nil {
		t.Errorf("the old key's: %v", err)
	}
	newer, _, err := both.issue(newID(), newID())
	if err != nil {
		t.Fatal(err)
	}
	alone := NewTokens(Keys{after}, newID, c.now)
	if _, err := alone.verify(string(newer)); err != nil {
		t.Errorf("the new key's: %v", err)
	}
	if _, err := alone.verify(string(token)); err == nil {
		t.Error("the old key was taken away, and its token holds")
	}
}

// TestJWKS: others verify our tokens with nothing but the published set, also while there are two keys.
func TestJWKS(t *testing.T) {
	t.Parallel()
	var keys Keys
	for range 2 {
		key, _, err := NewKey()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	if err := json.Unmarshal(keys.JWKS(), &set); err != nil || len(set.Keys) != len(keys) {
		t.Fatalf("%v %v", set, err)
	}
	published := map[any]ed25519.PublicKey{} // by kid
	for _, key := range set.Keys {
		x, err := base64.RawURLEncoding.DecodeString(key["x"])
		if err != nil || len(key) != 6 {
			t.Fatalf("%v %v", key, err)
		}
		published[key["kid"]] = x
	}
	for i, key := range keys {
		token, _, err := NewTokens(Keys{key}, newID, stopped().now).issue(newID(), newID())
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := jwt.NewParser(jwt.WithoutClaimsValidation()).Parse(string(token), func(token *jwt.Token) (any, error) {
			return published[token.Header["kid"]], nil
		})
		if err != nil || !parsed.Valid {
			t.Errorf("key %d: %v", i+1, err)
		}
	}
	// RFC 8037, appendix A.3.
	seed, err := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	if id := newKey(ed25519.NewKeyFromSeed(seed)).ID; id != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("the RFC's key has the id %s", id)
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	const seed, other = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	made, text, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, junk := filepath.Join(dir, "key.pem"), filepath.Join(dir, "junk.pem")
	for name, content := range map[string][]byte{file: text, junk: []byte("junk")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := ParseKeys(seed+", "+file+","+other+"=", os.ReadFile)
	if err != nil || len(keys) != 3 || keys[0].ID != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" || keys[1].ID != made.ID {
		t.Errorf("%v %v", keys, err)
	}
	for _, list := range []string{"", seed + ",", seed[1:], seed + "x", "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", junk, filepath.Join(dir, "nowhere.pem")} {
		_, err := ParseKeys(list, os.ReadFile)
		refused(t, list, err, fault.BadUserInput, "FLOWVIZ_JWT_KEYS")
		if strings.Contains(err.Error(), "WmC6hEr0") {
			t.Errorf("the message shows the key: %v", err)
		}
	}
	if shown := fmt.Sprintf("%v %+v %#v", keys, keys, keys); strings.Contains(shown, "private") || strings.Contains(shown, "157") {
		t.Errorf("keys show themselves: %s", shown)
	}
}
