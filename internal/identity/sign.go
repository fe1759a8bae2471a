package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
)

// Signature is that a person showed again who they are for one thing: what it means, such as "released", and the hash of what was
// signed. It is no use for anything else.
type Signature struct {
	db.Signature

	session *uuid.UUID // whose sign-in at the provider it takes in place of a password; nil where that was given
}

const maxMeaning = 200

// Sign asks the caller for the password again, and binds what they sign to its meaning. Nothing is written: the command whose
// part the signature is stores it in its own transaction, with Save. content is what is signed in one spelling, such
// as canonical JSON. BAD_USER_INPUT names a wrong password; RATE_LIMITED as for ChangePassword. A user of an identity provider,
// who has none, has signed in there again: Save asks for that.
func (s *Service) Sign(ctx context.Context, actor *Actor, password Secret, meaning string, content []byte) (Signature, error) {
	if n := utf8.RuneCountInString(meaning); n < 1 || n > maxMeaning {
		return Signature{}, fault.BadInput("meaning", "give 1 to %d characters", maxMeaning)
	}
	if _, err := person(WithActor(ctx, actor)); err != nil {
		return Signature{}, err
	}
	signature := Signature{Signature: db.Signature{ID: s.newID(), UserID: actor.UserID, Meaning: meaning, ContentHash: contentHash(content), SignedAt: s.timestamp()}}
	var elsewhere bool
	if err := reading(ctx, s.pool, actor.Scope(), func(q *db.Queries) (err error) {
		elsewhere, err = external(ctx, q, actor.UserID)
		return err
	}); err != nil {
		return Signature{}, err
	}
	if elsewhere {
		signature.session = &actor.Session
		return signature, nil
	}
	_, err := s.confirm(ctx, actor, "password", password)
	return signature, err
}

// Save stores the signature, in the transaction of what was signed. FAILED_PRECONDITION, with where to go, for a user of an identity provider
// whose session wasn't begun by signing in there again, in the last 5 minutes and for this: each time counts once, as a password that is given
// does, for the command that is done. One that is refused, or that was done before under its key, leaves it.
func (s Signature) Save(ctx context.Context, q *db.Queries) error {
	if s.session != nil {
		n, err := q.UseReauthentication(ctx, db.UseReauthenticationParams{
			ID: *s.session, UserID: s.UserID, Since: s.SignedAt.Add(-freshLifetime), Until: s.SignedAt.Add(providerSkew),
		})
		if err == nil && n == 0 {
			err = fault.New(fault.FailedPrecondition, "password", "sign in at your identity provider again, and within %d minutes repeat this: open %s, then refresh your access token. Each signature takes one",
				int(freshLifetime.Minutes()), reauthenticatePath)
		}
		if err != nil {
			return err
		}
	}
	return q.InsertSignature(ctx, db.InsertSignatureParams(s.Signature))
}

// Binds reports whether it is this content that was signed, with this meaning.
func (s Signature) Binds(meaning string, content []byte) bool {
	return s.Meaning == meaning && bytes.Equal(s.ContentHash, contentHash(content))
}

// HashText is the hash of what was signed, in hexadecimal.
func (s Signature) HashText() string { return hex.EncodeToString(s.ContentHash) }

func contentHash(content []byte) []byte {
	sum := sha256.Sum256(content)
	return sum[:]
}
