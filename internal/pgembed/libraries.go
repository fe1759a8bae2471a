package pgembed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// completeLibraries makes the symbolic links between the npm package's libraries. A package can't carry links, so it lists them
// and makes them in a script after its installation; where npm runs no scripts (ignore-scripts), we do what that would have done.
// A PostgreSQL from elsewhere has no such list.
func completeLibraries(native string) error {
	text, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the list of PostgreSQL's libraries: %w", err)
	}
	var links []struct{ Source, Target string } // relative to the package, one folder above native
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("read the list of PostgreSQL's libraries: %w", err)
	}
	pkg := filepath.Dir(native)
	for _, link := range links {
		source, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return fmt.Errorf("link PostgreSQL's libraries: %w", err)
		}
		err = os.Symlink(source, filepath.Join(pkg, link.Target))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("link PostgreSQL's libraries: %w", err)
		}
	}
	return nil
}
