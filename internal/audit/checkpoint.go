package audit

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Checkpoint is a signed statement that a site's log ended with this event at that time. Kept where the database's owner
// can't write, it shows what a chain alone can't: a tail cut off, and a chain rewritten whole.
type Checkpoint struct {
	Site      string    // its code
	Sequence  int64     // of the last event
	Hash      []byte    // of the last event, 32 bytes
	At        time.Time // to the microsecond
	Key       string    // which key signed it
	Signature []byte    // Ed25519
}

const checkpointVersion = "flowviz audit checkpoint 1"

// message is what is signed: each field with its length, as in an event's content.
func (c *Checkpoint) message() []byte {
	b := appendText(nil, checkpointVersion)
	b = appendText(b, c.Site)
	b = appendInt(b, c.Sequence)
	b = appendBytes(b, c.Hash)
	b = appendInt(b, c.At.UnixMicro())
	return appendText(b, c.Key)
}

// checkpointJSON is a checkpoint as it is stored, one line.
type checkpointJSON struct {
	Site      string    `json:"site"`
	Sequence  int64     `json:"sequence"`
	Hash      string    `json:"hash"` // hexadecimal
	At        time.Time `json:"at"`
	Key       string    `json:"key"`
	Signature string    `json:"signature"` // base64
}

// MarshalJSON implements json.Marshaler.
func (c *Checkpoint) MarshalJSON() ([]byte, error) {
	return json.Marshal(checkpointJSON{
		c.Site, c.Sequence, hex.EncodeToString(c.Hash), c.At.UTC(), c.Key, base64.StdEncoding.EncodeToString(c.Signature),
	})
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Checkpoint) UnmarshalJSON(raw []byte) error {
	var stored checkpointJSON
	if err := json.Unmarshal(raw, &stored); err != nil {
		return err
	}
	hash, err := hex.DecodeString(stored.Hash)
	if err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	signature, err := base64.StdEncoding.DecodeString(stored.Signature)
	if err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	*c = Checkpoint{stored.Site, stored.Sequence, hash, stored.At.UTC(), stored.Key, signature}
	return nil
}

// Store keeps checkpoints where the database's owner can't write. It adds, and never changes or removes.
type Store interface {
	// Put keeps a checkpoint for good before it returns.
	Put(ctx context.Context, c *Checkpoint) error
	// Sites are the codes of those that have checkpoints, in order.
	Sites(ctx context.Context) ([]string, error)
	// All are a site's checkpoints by ascending sequence, their signatures unchecked.
	All(ctx context.Context, site string) ([]*Checkpoint, error)
	// Last is a site's checkpoint of the highest sequence; nil where it has none.
	Last(ctx context.Context, site string) (*Checkpoint, error)
}

// sign makes a checkpoint.
func (k *Keys) sign(site string, sequence int64, hash []byte, at time.Time) *Checkpoint {
	c := &Checkpoint{Site: site, Sequence: sequence, Hash: hash, At: at.UTC().Truncate(time.Microsecond), Key: keyID(k.private.Public().(ed25519.PublicKey))} //nolint:forcetypeassert // what Ed25519 has
	c.Signature = ed25519.Sign(k.private, c.message())
	return c
}

// signed reports whether one of the keys signed the checkpoint.
func (k *Keys) signed(c *Checkpoint) bool {
	public, ok := k.public[c.Key]
	return ok && ed25519.Verify(public, c.message(), c.Signature)
}
