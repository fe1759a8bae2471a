package pgembed

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCompleteLibraries: a package whose installation ran no scripts gets its links, and a complete one is left alone.
func TestCompleteLibraries(t *testing.T) {
	t.Parallel()
	native := filepath.Join(t.TempDir(), "native")
	lib := filepath.Join(native, "lib")
	if err := os.MkdirAll(lib, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"lib/libpq.so.5.17": "code",
		"pg-symlinks.json":  `[{"source":"native/lib/libpq.so.5.17","target":"native/lib/libpq.so"},{"source":"native/lib/libpq.so.5.17","target":"native/lib/libpq.so.5"}]`,
	} {
		if err := os.WriteFile(filepath.Join(native, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := completeLibraries(native); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"libpq.so", "libpq.so.5"} {
			if text, err := os.ReadFile(filepath.Join(lib, name)); err != nil || string(text) != "code" {
				t.Errorf("%s: %q, %v", name, text, err)
			}
		}
	}
	if target, _ := os.Readlink(filepath.Join(lib, "libpq.so")); target != "libpq.so.5.17" {
		t.Errorf("link to %q: it breaks when the folder is moved", target)
	}
	if err := completeLibraries(t.TempDir()); err != nil {
		t.Error("a PostgreSQL of the system:", err)
	}
}

func TestUpToModule(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	deep := filepath.Join(root, "module", "internal", "noun")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := upToModule(deep); got != nil {
		t.Errorf("outside of a module: %v", got)
	}
	module := filepath.Join(root, "module")
	if err := os.WriteFile(filepath.Join(module, "go.mod"), []byte("module x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{deep, filepath.Join(module, "internal"), module}
	if diff := cmp.Diff(want, upToModule(deep)); diff != "" {
		t.Error(diff)
	}
}
