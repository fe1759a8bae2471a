package identity

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/errgroup"

	"flowviz/internal/fault"
)

func TestNewPasswords(t *testing.T) {
	t.Parallel()
	for password, good := range map[string]bool{
		"four brown hens on a roof":             true,
		"            x  ":                       true, // no rules of composition
		"žluťoučký kůň úpěl":                    true,
		"fourteen chars":                        false,
		"fifteen letters":                       true,
		strings.Repeat("ab c7", 14) + "xy":      true, // 72 bytes
		strings.Repeat("ab c7", 14) + "xyz":     false,
		strings.Repeat("é", 37):                 false, // 74 bytes
		"PasswordPassword":                      false,
		"aaaaaaaaaaaaaaaaaaaa":                  false,
		"abcabcabcabcabca":                      false,
		"abcdefghijklmnopq":                     false,
		"zyxwvutsrqponmlk":                      false,
		"34567890123456789":                     false,
		"876543210987654321":                    false,
		"Mia.Kovacs@Example.com":                false,
		"mia.kovacs123456":                      false,
		"mia.kovacs walks the dog":              true,
		"four brown hens\non a roof":            false,
		"four brown hens\x00 on a":              false,
		"four brown hens \xff on a roof":        false,
		"correct horse battery staple":          false,
		"correct horse battery staples, please": true,
		"passwordpassword2":                     false,
		"letmeinletmein12":                      false,
		"summer2026summer":                      false,
		"Summer, winter: 2026!":                 false,
		"P@$$w0rd P4ssword":                     false,
		"1q2w3e4r5t6y7u8i":                      false,
		"aaaaaaaaaaaaaa1":                       false,
		"...abcdefghijklmn2":                    false,
		"112233445566778899":                    false,
		"jelszójelszó123":                       false,
		"kovacs2026example":                     false,
		"483920175638204":                       true, // nobody tries it first
		"k48392017563820":                       true,
		"zugspitz4839201":                       true,
		"zugspitzzugspit":                       false,
		"summer in the old mill":                true,
		"my password is a hen":                  true,
	} {
		f := checkPassword("password", Secret(password), "mia.kovacs@example.com")
		if (f == nil) != good {
			t.Errorf("%q: %v", password, f)
		}
		if f != nil && (f.Code != fault.BadUserInput || f.Field != "password" || strings.Contains(f.Message, password)) {
			t.Errorf("%q: %+v", password, f)
		}
	}
}

// compared lists, from now on, the costs of the hashes that passwords are compared with: each is a time, and there is no other.
func (p *Passwords) compared() *[]int {
	costs := new([]int)
	p.compare = func(hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		if err != nil {
			return err
		}
		*costs = append(*costs, cost)
		return bcrypt.CompareHashAndPassword(hash, password)
	}
	return costs
}

// TestPasswordIsMeasuredInBytes: and the person is told so.
func TestPasswordIsMeasuredInBytes(t *testing.T) {
	t.Parallel()
	if f := checkPassword("password", "egy öreg őz ül", ""); f != nil { // 14 characters
		t.Errorf("17 bytes: %v", f)
	}
	if f := checkPassword("password", "fourteen chars", ""); f == nil || !strings.Contains(f.Message, "15 bytes") || strings.Contains(f.Message, "characters") {
		t.Errorf("14 bytes: %v", f)
	}
}

func TestPasswordsMatch(t *testing.T) {
	t.Parallel()
	p := NewPasswords(bcrypt.MinCost)
	long := Secret(strings.Repeat("0123456789ab", 6)) // 72 bytes
	hash, err := p.Hash(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	short, err := p.Hash(t.Context(), "abc")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		hash     string
		password Secret
		want     bool
	}{
		{"right", hash, long, true},
		{"wrong", hash, long[1:], false},
		{"longer than bcrypt looks", hash, long + "x", false},
		{"what bcrypt takes for a repetition", short, "abc\x00abc", false},
		{"nobody", "", long, false},
		{"nobody, and the password of nobody's hash", "", "x", false},
		{"empty", hash, "", false},
	} {
		costs := p.compared()
		got, err := p.Matches(t.Context(), c.hash, c.password)
		if err != nil || got != c.want {
			t.Errorf("%s: %v %v", c.name, got, err)
		}
		if diff := cmp.Diff([]int{bcrypt.MinCost}, *costs); diff != "" {
			t.Errorf("%s takes another time: the costs of what is compared (-want +got):\n%s", c.name, diff)
		}
	}
	if cost, err := bcrypt.Cost([]byte(NewPasswords(PasswordCost).none)); err != nil || cost != PasswordCost {
		t.Errorf("nobody's hash costs %d: %v", cost, err)
	}
}

// TestPasswordsTakeTurns: half of the cores hash and compare at the same time, one at least; who comes then waits, or goes.
func TestPasswordsTakeTurns(t *testing.T) {
	t.Parallel()
	p := NewPasswords(bcrypt.MinCost)
	most := int64(max(1, runtime.GOMAXPROCS(0)/2))
	var running, peak atomic.Int64
	begun, goOn := make(chan struct{}, 2*most+1), make(chan struct{})
	p.compare = func(_, _ []byte) error {
		if n := running.Add(1); n > peak.Load() {
			peak.Store(n)
		}
		begun <- struct{}{}
		<-goOn
		running.Add(-1)
		return nil
	}
	var all errgroup.Group
	for range cap(begun) {
		all.Go(func() error {
			_, err := p.Matches(t.Context(), p.none, "four brown hens on a roof")
			return err
		})
	}
	for range most {
		<-begun
	}
	if p.turns.TryAcquire(1) {
		t.Errorf("%d compare, and there is room for another", most)
	}
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Hash(impatient, "four brown hens on a roof"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("another is hashed meanwhile: %v", err)
	}
	close(goOn)
	if err := all.Wait(); err != nil {
		t.Error(err)
	}
	if peak.Load() > most {
		t.Errorf("%d at once, of %d", peak.Load(), most)
	}
}
