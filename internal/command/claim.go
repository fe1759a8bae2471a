package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// KeyLifetime is how long a client may send a mutation again under its key.
const KeyLifetime = 24 * time.Hour

const maxKey = 100

// claim is a client's key for one call; nil where it gave none. Keys are the actor's own, for each mutation apart.
type claim struct {
	db.ClaimIdempotencyKeyParams
}

func newClaim(ctx context.Context, call Call) (*claim, error) {
	actor := identity.ActorFrom(ctx)
	if call.Key == nil || actor == nil {
		return nil, nil //nolint:nilnil // no key, no claim; who isn't signed in is refused elsewhere
	}
	if n := utf8.RuneCountInString(*call.Key); n < 1 || n > maxKey {
		return nil, fault.BadInput("idempotencyKey", "give 1 to %d characters", maxKey)
	}
	input, err := json.Marshal(call.Input)
	if err != nil {
		return nil, fmt.Errorf("encode the input of %s: %w", call.Mutation, err)
	}
	hash := sha256.Sum256(input)
	return &claim{db.ClaimIdempotencyKeyParams{
		UserID: actor.UserID, TokenID: actor.Token, Mutation: call.Mutation, Key: *call.Key, InputHash: hash[:],
	}}, nil
}

// take claims the key. again is true where an earlier call did: its result is then read. Of two at the same time, the second waits
// until the first has ended; where that failed, the key is free again.
func (c *claim) take(ctx context.Context, tx *Tx, result any) (again bool, err error) {
	if c == nil {
		return false, nil
	}
	p := c.ClaimIdempotencyKeyParams
	p.CreatedAt, p.ForgottenBefore = tx.At, tx.At.Add(-KeyLifetime)
	n, err := tx.ClaimIdempotencyKey(ctx, p)
	if err != nil || n == 1 {
		return false, err
	}
	first, err := tx.IdempotencyKey(ctx, db.IdempotencyKeyParams{UserID: c.UserID, TokenID: c.TokenID, Mutation: c.Mutation, Key: c.Key})
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

// keep stores what the call gives, for the next time.
func (c *claim) keep(ctx context.Context, tx *Tx, result any) error {
	if c == nil {
		return nil
	}
	encoded, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encode the result of %s: %w", c.Mutation, err)
	}
	return tx.Later.KeepResult(ctx, db.KeepResultParams{UserID: c.UserID, TokenID: c.TokenID, Mutation: c.Mutation, Key: c.Key, Result: encoded})
}
