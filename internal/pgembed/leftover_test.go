package pgembed

import (
	"os"
	"testing"
)

func TestParseStatus(t *testing.T) {
	t.Parallel()
	const head = "4711\n/data/postgres\n1763840000\n5432\n\n127.0.0.1\n  9988139        16\n"
	for text, want := range map[string]status{
		head + "ready   \n":      {pid: 4711, ready: true},
		head + "starting\n":      {pid: 4711},
		head + "stopping\n":      {pid: 4711},
		head:                     {pid: 4711},
		"4711\n":                 {pid: 4711},
		"-4711\n/data/postgres":  {pid: 4711}, // single-user mode
		"":                       {},
		"\x00\x00\x00":           {},
		"99999999999999999999\n": {},
	} {
		if got := parseStatus([]byte(text)); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

// FuzzParseStatus: whatever the file holds, no signal may go to a group of processes, as a negative number would send it.
func FuzzParseStatus(f *testing.F) {
	f.Add([]byte("4711\n/data\n1\n2\n\n127.0.0.1\n1 1\nready   \n"))
	f.Add([]byte("-2147483648\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s := parseStatus(text); s.pid < 0 || s.ready && s.pid == 0 && len(text) < 13 {
			t.Errorf("%q: %+v", text, s)
		}
	})
}

func TestIsPostgresOf(t *testing.T) {
	t.Parallel()
	for _, pid := range []int{0, -1, 1, os.Getpid(), 1 << 30} {
		if isPostgresOf(pid, t.TempDir()) {
			t.Errorf("process %d is taken for a postgres", pid)
		}
	}
}
