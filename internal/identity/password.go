package identity

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/semaphore"

	"flowviz/internal/fault"
)

// PasswordCost is bcrypt's: 2^12 rounds, 242 ms of a core.
const PasswordCost = 12

// A password's length in bytes. 15 characters are NIST's least for a password alone (SP 800-63B-4, section 3.1.1.2), and as many bytes where
// none has an accent; bcrypt looks at 72 bytes and no more.
const (
	minPassword = 15
	maxPassword = 72
)

// Passwords makes and compares hashes of passwords, a few at a time: at 242 ms of a core each, sign-ins could take the whole
// machine.
type Passwords struct {
	cost  int
	turns *semaphore.Weighted
	none  string // a hash that no password has, of the same cost

	compare func(hash, password []byte) error // bcrypt's, which takes all of the time
}

// NewPasswords hashes with bcrypt at a cost: PasswordCost, or less in tests. Half of the cores work on it, one at least.
func NewPasswords(cost int) *Passwords {
	return &Passwords{
		cost:    cost,
		turns:   semaphore.NewWeighted(int64(max(1, runtime.GOMAXPROCS(0)/2))),
		none:    fmt.Sprintf("$2a$%02d$%s", cost, strings.Repeat(".", 53)),
		compare: bcrypt.CompareHashAndPassword,
	}
}

// Hash is what to store of a new password, which passed checkPassword.
func (p *Passwords) Hash(ctx context.Context, password Secret) (string, error) {
	if err := p.turns.Acquire(ctx, 1); err != nil {
		return "", err
	}
	defer p.turns.Release(1)
	hash, err := bcrypt.GenerateFromPassword([]byte(password), p.cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return string(hash), nil
}

// Matches compares a password with a stored hash. It takes as long with hash "", for a user who isn't there or has no password:
// else a clock would tell who has an account.
func (p *Passwords) Matches(ctx context.Context, hash string, password Secret) (bool, error) {
	possible := hash != "" && len(password) <= maxPassword && !strings.ContainsRune(string(password), 0)
	if !possible {
		hash, password = p.none, "x" // bcrypt would compare the first 72 bytes, and take what follows U+0000 for a repetition
	}
	if err := p.turns.Acquire(ctx, 1); err != nil {
		return false, err
	}
	defer p.turns.Release(1)
	err := p.compare([]byte(hash), []byte(password))
	switch {
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return possible, nil
}

//go:embed common_words.txt
var commonWords string

// checkPassword refuses a new password that is too short, too long or among the first that somebody would try. There are no
// rules of composition: they make passwords that people write down.
func checkPassword(field string, password Secret, email string) *fault.Error {
	p := string(password)
	switch {
	case len(p) < minPassword:
		return fault.BadInput(field, "give at least %d bytes, which are as many letters without accents: a sentence does well", minPassword)
	case len(p) > maxPassword:
		return fault.BadInput(field, "give at most %d bytes, which are as many letters without accents", maxPassword)
	case !utf8.ValidString(p) || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' }):
		return fault.BadInput(field, "give characters that can be typed")
	case isCommon(strings.ToLower(p), strings.ToLower(email)):
		return fault.BadInput(field, "this, or all that it is made of, is among the first that somebody would try: add words of your own")
	}
	return nil
}

// isCommon tells passwords that, for the most part, repeat few characters or walk along the alphabet or the digits; and those that are made
// of nothing but words that everybody tries, parts of the user's own address, digits and signs.
func isCommon(p, email string) bool {
	core := strings.TrimFunc(p, isSign)
	if 2*len(core) < len(p) {
		core = p
	}
	for _, whole := range []string{p, core} {
		if repeats(whole) || isSequence(whole) {
			return true
		}
	}
	words := map[string]bool{}
	for word := range strings.FieldsSeq(commonWords + " " + strings.Map(spaceForSign, email)) {
		words[lookalike.Replace(word)] = true
	}
	return madeOf(p, words)
}

// lookalike makes one of characters that people take for each other, all of one byte.
var lookalike = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "l", "i", "0", "o", "5", "s", "$", "s", "7", "t")

// isSign tells digits, punctuation and spaces from letters.
func isSign(r rune) bool { return r < utf8.RuneSelf && (r < 'a' || r > 'z') }

func spaceForSign(r rune) rune {
	if isSign(r) {
		return ' '
	}
	return r
}

// madeOf: the whole is one of these words, or several after each other with signs anywhere between.
func madeOf(p string, words map[string]bool) bool {
	like := lookalike.Replace(p)
	if words[like] {
		return true
	}
	ends := make([]bool, len(p)+1) // whether a word or a sign may end before this byte
	ends[0] = true
	for from := range len(p) {
		if !ends[from] {
			continue
		}
		if isSign(rune(p[from])) {
			ends[from+1] = true
		}
		for to := from + 1; to <= len(p); to++ {
			if words[like[from:to]] {
				ends[to] = true
			}
		}
	}
	return ends[len(p)] && strings.TrimFunc(p, isSign) != ""
}

// repeats: the whole is one part of at most 8 bytes, again and again, or but for a byte twice.
func repeats(p string) bool {
	for n := 1; n <= 8 && 2*n <= len(p)+1; n++ {
		if strings.HasPrefix(p, p[n:]) {
			return true
		}
	}
	return false
}

// isSequence: each character is the one after, or the one before, that on its left, with 9 before 0.
func isSequence(p string) bool {
	steps := map[int]int{}
	for i := 1; i < len(p); i++ {
		step := int(p[i]) - int(p[i-1])
		switch {
		case p[i-1] == '9' && p[i] == '0':
			step = 1
		case p[i-1] == '0' && p[i] == '9':
			step = -1
		}
		steps[step]++
	}
	return steps[1] == len(p)-1 || steps[-1] == len(p)-1
}
