package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"

	"flowviz/internal/fault"
)

// Secret is a password or a token. It shows itself to nobody who formats, logs or encodes it: string(secret) is the only way,
// but for GraphQL, where a client gives its password and takes its tokens.
type Secret string

const hidden = "(hidden)"

func (Secret) String() string { return hidden }

// GoString implements fmt.GoStringer, which %#v asks.
func (Secret) GoString() string { return hidden }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText implements encoding.TextMarshaler, which JSON asks: an audit row holds what a mutation was given.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalGQL hands a token to the client that it is for.
func (s Secret) MarshalGQL(w io.Writer) {
	text, err := json.Marshal(string(s))
	if err != nil {
		panic(err) // a string is always JSON
	}
	_, _ = w.Write(text) // a response that can't be written has no reader
}

// UnmarshalGQL reads what a client gives; its faults never quote it.
func (s *Secret) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if !ok {
		return fault.BadInput("", "must be a text")
	}
	*s = Secret(text)
	return nil
}

// newSecret makes 256 random bits, in 43 characters that need no escape anywhere.
func newSecret() Secret {
	var raw [32]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(errors.Join(errors.New("identity: no random numbers"), err)) // crypto/rand never returns one
	}
	return Secret(base64.RawURLEncoding.EncodeToString(raw[:]))
}

// hash is what is stored of a token. One hash without salt is enough, since nobody can guess 256 bits.
func (s Secret) hash() []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}
