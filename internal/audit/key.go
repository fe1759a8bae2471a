package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"flowviz/internal/fault"
)

// Keys are those of checkpoints: the one that signs, if its private half is known, and all that are trusted.
type Keys struct {
	private ed25519.PrivateKey // nil where checkpoints are only verified
	public  map[string]ed25519.PublicKey
	first   ed25519.PublicKey
}

// keyID names a key: the first 8 bytes of its SHA-256, in hexadecimal.
func keyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// ReadKeys reads a PEM file of Ed25519 keys, PRIVATE KEY (PKCS #8) or PUBLIC KEY: all of them are trusted, and the first
// signs if it is private. To change keys, put a new one first and leave the old one, or its public half, behind it.
// BAD_USER_INPUT for a file that holds no such keys.
func ReadKeys(file string) (*Keys, error) {
	rest, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the checkpoints' key: %w", err)
	}
	keys := &Keys{public: map[string]ed25519.PublicKey{}}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if err := keys.add(block); err != nil {
			return nil, fault.BadInput("FLOWVIZ_CHECKPOINT_KEY", "%s: %v", file, err)
		}
	}
	if len(keys.public) == 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fault.BadInput("FLOWVIZ_CHECKPOINT_KEY", "%s must hold Ed25519 keys in PEM, and nothing else", file)
	}
	return keys, nil
}

func (k *Keys) add(block *pem.Block) error {
	var public ed25519.PublicKey
	switch block.Type {
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return err
		}
		private, ok := key.(ed25519.PrivateKey)
		if !ok {
			return errors.New("a private key is not of Ed25519")
		}
		public = private.Public().(ed25519.PublicKey) //nolint:forcetypeassert // what Ed25519 has
		if len(k.public) == 0 {
			k.private = private
		}
	case "PUBLIC KEY":
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return err
		}
		given, ok := key.(ed25519.PublicKey)
		if !ok {
			return errors.New("a public key is not of Ed25519")
		}
		public = given
	default:
		return fmt.Errorf("a block is %s: PRIVATE KEY or PUBLIC KEY is wanted", block.Type)
	}
	if len(k.public) == 0 {
		k.first = public
	}
	k.public[keyID(public)] = public
	return nil
}

// EnsureKeys reads a key file, and makes it with a new key where there is none.
func EnsureKeys(file string) (*Keys, error) {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return ReadKeys(file)
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the checkpoints' key: %w", err)
	}
	if err := writeKey(file, private); err != nil {
		return nil, fmt.Errorf("store the checkpoints' key: %w", err)
	}
	return ReadKeys(file)
}

// writeKey makes the file whole or not at all, readable by its owner alone. Where another process was first, its key stays.
func writeKey(file string, private ed25519.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".checkpoint-key-") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) //nolint:errcheck // a hidden file that stays harms nobody
	err = pem.Encode(draft, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), file); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// PublicPEM is the public half of the first key, for whoever verifies elsewhere.
func (k *Keys) PublicPEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.first)
	if err != nil {
		return nil, fmt.Errorf("encode a public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
