package pgembed

import "testing"

func TestParsePort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"4711\n/data\n1763840000\n5432\n\n127.0.0.1\n": "5432",
		"4711\n/data\n1763840000\n543":                 "", // being written: the rest of the number is missing
		"4711\n/data\n1763840000\n":                    "",
		"4711\n/data\n1763840000\n0\n":                 "",
		"4711\n/data\n1763840000\n99999\n":             "",
		"4711\n/data\n1763840000\n5432 or so\n":        "",
		"":                                             "",
	} {
		if got := parsePort([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
