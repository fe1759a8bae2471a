// Package idempotency lets a client send a mutation again, when it doesn't know whether the first one came: under the key that it chose, the second
// changes nothing and gives what the first gave.
package idempotency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

// Lifetime is how long a client may send a mutation again under its key.
const Lifetime = 24 * time.Hour

const maxKey = 100

// Call is one request of a client.
type Call struct {
	Mutation string  // as the API calls it: registerLot
	Key      *string // nil for none
	Input    any     // all that the client sent, as json.Marshal writes it; a secret shows itself in no JSON
}

// Claim is a client's key for one call; nil where it gave none. Keys are those of one user or API token, for each mutation apart.
type Claim struct {
	db.ClaimIdempotencyKeyParams
}

// New claims nothing yet. BAD_USER_INPUT on idempotencyKey where it is no key.
func New(user, token uuid.UUID, call Call) (*Claim, error) {
	if call.Key == nil {
		return nil, nil //nolint:nilnil // no key, no claim
	}
	if n := utf8.RuneCountInString(*call.Key); n < 1 || n > maxKey {
		return nil, fault.BadInput("idempotencyKey", "give 1 to %d characters", maxKey)
	}
	input, err := json.Marshal(call.Input)
	if err != nil {
		return nil, fmt.Errorf("encode the input of %s: %w", call.Mutation, err)
	}
	hash := sha256.Sum256(input)
	return &Claim{db.ClaimIdempotencyKeyParams{
		UserID: user, TokenID: token, Mutation: call.Mutation, Key: *call.Key, InputHash: hash[:],
	}}, nil
}

// Take claims the key, in the transaction that changes what the call is to change. again is true where an earlier call did: its result is then read. Of two at the same time, the second waits
// until the first has ended; where that failed, the key is free again.
func (c *Claim) Take(ctx context.Context, q *db.Queries, now time.Time, result any) (again bool, err error) {
	if c == nil {
		return false, nil
	}
	p := c.ClaimIdempotencyKeyParams
	p.CreatedAt, p.ForgottenBefore = now, now.Add(-Lifetime)
	n, err := q.ClaimIdempotencyKey(ctx, p)
	if err != nil || n == 1 {
		return false, err
	}
	first, err := q.IdempotencyKey(ctx, db.IdempotencyKeyParams{UserID: c.UserID, TokenID: c.TokenID, Mutation: c.Mutation, Key: c.Key})
	if err != nil {
		return false, err
	}
	if !bytes.Equal(first.InputHash, c.InputHash) {
		return false, fault.New(fault.Conflict, "idempotencyKey", "this key was used within a day for another %s: send the same input again, or take a new key", c.Mutation)
	}
	if err := json.Unmarshal(first.Result, result); err != nil {
		return false, fmt.Errorf("read what %s gave the first time: %w", c.Mutation, err)
	}
	return true, nil
}

// Keep stores what the call gives, for the next time.
func (c *Claim) Keep(ctx context.Context, q *db.Queries, result any) error {
	if c == nil {
		return nil
	}
	encoded, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encode the result of %s: %w", c.Mutation, err)
	}
	return db.Later(q).KeepResult(ctx, db.KeepResultParams{UserID: c.UserID, TokenID: c.TokenID, Mutation: c.Mutation, Key: c.Key, Result: encoded})
}
