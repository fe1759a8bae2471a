package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"unicode/utf8"

	"flowviz/db"
	"flowviz/internal/fault"
)

// Signature is that a person showed again who they are for one thing: what it means, such as "released", and the hash of what was
// signed. It is no use for anything else.
type Signature struct{ db.Signature }

const maxMeaning = 200

// Sign asks the caller for the password again, and binds what they sign to its meaning. Nothing is written: the command whose
// part the signature is stores it in its own transaction, with Save. content is what is signed in one spelling, such
// as canonical JSON. BAD_USER_INPUT names a wrong password; RATE_LIMITED as for ChangePassword. Of a user of an identity provider,
// who has none, a sign-in there at most 5 minutes ago counts instead: FAILED_PRECONDITION says where to sign in again.
func (s *Service) Sign(ctx context.Context, actor *Actor, password Secret, meaning string, content []byte) (Signature, error) {
	if n := utf8.RuneCountInString(meaning); n < 1 || n > maxMeaning {
		return Signature{}, fault.BadInput("meaning", "give 1 to %d characters", maxMeaning)
	}
	if _, err := person(WithActor(ctx, actor)); err != nil {
		return Signature{}, err
	}
	external, err := s.reauthenticated(ctx, actor)
	if err != nil {
		return Signature{}, err
	}
	if !external {
		if _, err := s.confirm(ctx, actor, "password", password); err != nil {
			return Signature{}, err
		}
	}
	return Signature{db.Signature{ID: s.newID(), UserID: actor.UserID, Meaning: meaning, ContentHash: contentHash(content), SignedAt: s.timestamp()}}, nil
}

// Save stores the signature, in the transaction of what was signed.
func (s Signature) Save(ctx context.Context, q *db.Queries) error {
	return q.InsertSignature(ctx, db.InsertSignatureParams(s.Signature))
}

// Binds reports whether it is this content that was signed, with this meaning.
func (s Signature) Binds(meaning string, content []byte) bool {
	return s.Meaning == meaning && bytes.Equal(s.ContentHash, contentHash(content))
}

func contentHash(content []byte) []byte {
	sum := sha256.Sum256(content)
	return sum[:]
}
