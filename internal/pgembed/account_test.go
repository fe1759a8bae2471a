package pgembed

import (
	"os"
	"path/filepath"
	"testing"
)

func TestClosedFolder(t *testing.T) {
	t.Parallel()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	open, closed := filepath.Join(root, "open"), filepath.Join(root, "closed")
	for _, dir := range []string{filepath.Join(open, "deep"), filepath.Join(closed, "deep")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(open, "link")
	if err := os.Symlink(filepath.Join(closed, "deep"), link); err != nil {
		t.Fatal(err)
	}
	for dir, mode := range map[string]os.FileMode{filepath.Dir(root): 0o711, root: 0o711, closed: 0o700} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
	}
	self := account{name: "self", uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	stranger := account{name: "stranger", uid: 4_000_000, gid: 4_000_000}
	for _, c := range []struct {
		acct       account
		path, want string
	}{
		{stranger, filepath.Join(open, "deep"), ""},
		{stranger, filepath.Join(closed, "deep"), closed},
		{stranger, link, closed},
		{self, filepath.Join(closed, "deep"), ""},
	} {
		got, err := c.acct.closedFolder(c.path)
		if err != nil || got != c.want {
			t.Errorf("%s on the way to %s: got %q, %v, want %q", c.acct.name, c.path, got, err, c.want)
		}
	}
}
