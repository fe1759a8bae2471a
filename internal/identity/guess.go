package identity

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"strings"
	"time"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/rate"
)

// How many passwords may be guessed in any guessWindow. Each is counted where it is compared, so that it makes no difference
// how guesses are packed into requests; rows in the database make all replicas count together. One that was right is taken back.
const (
	guessWindow = 15 * time.Minute
	// accountGuesses are few enough that a password of 15 characters outlives its user: 350,000 a year.
	accountGuesses = 10
	// addressGuesses are more: a plant behind one address has many people who mistype.
	addressGuesses = 100
)

// guess is a password that is about to be compared.
type guess struct {
	account, address []byte
	at               time.Time
}

func subject(kind, name string) []byte {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return sum[:]
}

// countGuess notes a guess at an account, which may not exist, from an address, invalid where it isn't known. RATE_LIMITED where there were too many:
// nothing is compared then.
func (s *Service) countGuess(ctx context.Context, email string, address netip.Addr) (guess, error) {
	g := guess{account: subject("account", email), at: s.timestamp()}
	if err := s.countOne(ctx, g.account, g.at, accountGuesses, "for this account"); err != nil {
		return guess{}, err
	}
	if !address.IsValid() {
		return g, nil
	}
	g.address = subject("address", rate.Network(address).String())
	return g, s.countOne(ctx, g.address, g.at, addressGuesses, "from this address")
}

func (s *Service) countOne(ctx context.Context, subject []byte, at time.Time, allowed int32, whose string) error {
	var next time.Time
	since := at.Add(-guessWindow)
	err := db.InTx(ctx, s.pool, db.Scope{}, func(q *db.Queries) error {
		if err := q.DeleteOldGuesses(ctx, since); err != nil {
			return err
		}
		_, err := q.CountGuess(ctx, db.CountGuessParams{Subject: subject, Now: at, Since: since, Allowed: allowed})
		if !db.NoRows(err) {
			return err
		}
		oldest, err := q.OldestGuess(ctx, db.OldestGuessParams{Subject: subject, Since: since})
		next = oldest.Add(guessWindow)
		return err
	})
	if err != nil || next.IsZero() {
		return err
	}
	wait := next.Sub(at).Truncate(time.Second) + time.Second
	f := fault.New(fault.RateLimited, "", "%d passwords were tried %s within %d minutes: try again in %s",
		allowed, whose, int(guessWindow.Minutes()), strings.TrimSuffix(wait.String(), "0s"))
	f.Limit, f.Value, f.Cost, f.Wait = "passwords", int(allowed), int(allowed)+1, wait
	return f
}

// right takes back a guess that was right, at its account and from its address. The wrong ones stay, or whoever signs in now and then
// would lend a guesser ten more each time.
func (s *Service) right(ctx context.Context, q *db.Queries, g guess) error {
	if err := q.ForgiveGuess(ctx, db.ForgiveGuessParams{Subject: g.account, GuessedAt: g.at}); err != nil || g.address == nil {
		return err
	}
	return q.ForgiveGuess(ctx, db.ForgiveGuessParams{Subject: g.address, GuessedAt: g.at})
}
