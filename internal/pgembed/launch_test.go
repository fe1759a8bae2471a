package pgembed

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPortTaken: another program took the port between our choice and PostgreSQL's use of it.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv, err := Start(t.Context(), Config{Dir: dir})
	if errors.Is(err, ErrNotInstalled) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	bin, err := findBinaries(t.Context(), "", 0, account{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Stop(); err != nil {
		t.Fatal(err)
	}

	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())

	for _, c := range []struct {
		takenTimes, wantChoices int
		wantErr                 string
	}{
		{takenTimes: 2, wantChoices: 3},
		{takenTimes: 99, wantChoices: attempts, wantErr: "could not create any TCP/IP sockets"},
	} {
		f, err := openFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		acct, err := chooseAccount(f)
		if err != nil {
			t.Fatal(err)
		}
		if acct, err = acct.reach(f.dir, bin.dir); err != nil {
			t.Fatal(err)
		}
		choices := 0
		l := launcher{folder: f, bin: bin, acct: acct, log: slog.New(slog.DiscardHandler), choosePort: func(ctx context.Context) (string, error) {
			choices++
			if choices <= c.takenTimes {
				return port, nil
			}
			return freePort(ctx)
		}}
		srv, err := l.launch(t.Context())
		if c.wantErr == "" {
			if err != nil {
				t.Fatal(err)
			}
			if err := srv.Stop(); err != nil {
				t.Error(err)
			}
		} else {
			f.close()
			if err == nil || !strings.Contains(err.Error(), c.wantErr) {
				t.Errorf("got error %v, want one that says %q", err, c.wantErr)
			}
		}
		if choices < c.wantChoices { // more where somebody else took a free one before PostgreSQL did
			t.Errorf("port taken %d times: %d choices, want %d at least", c.takenTimes, choices, c.wantChoices)
		}
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	o := &output{log: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: drop}))}
	for _, part := range []string{"LOG:  starting\nFATAL:  co", "uld not\n\nHINT:  try\nno severity\n", "unfinished"} {
		if n, err := o.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("Write(%q) = %d, %v", part, n, err)
		}
	}
	want := "level=DEBUG msg=starting\nlevel=WARN msg=\"could not\"\nlevel=DEBUG msg=try\nlevel=DEBUG msg=\"no severity\"\n"
	if diff := cmp.Diff(want, lines.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(": FATAL:  could not; HINT:  try; no severity", o.lastWords()); diff != "" {
		t.Error(diff)
	}
	for range 100 {
		_, _ = o.Write([]byte("LOG:  routine\n"))
	}
	if got := o.lastWords(); got != "" || len(o.last) != remembered {
		t.Errorf("after routine: %q, %d lines", got, len(o.last))
	}
}
