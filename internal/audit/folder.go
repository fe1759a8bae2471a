package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Folder keeps checkpoints in a folder: a file a site, a line a checkpoint. It only appends, so that the files may be
// append-only (chattr +a).
type Folder struct{ dir string }

// NewFolder keeps checkpoints in a folder, which is made when the first is put.
func NewFolder(dir string) *Folder { return &Folder{dir} }

const folderSuffix = ".jsonl"

func (f *Folder) file(site string) string { return filepath.Join(f.dir, site+folderSuffix) }

// Put implements Store.
func (f *Folder) Put(_ context.Context, c *Checkpoint) error {
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode a checkpoint: %w", err)
	}
	if err := os.MkdirAll(f.dir, 0o750); err != nil {
		return fmt.Errorf("make the checkpoints' folder: %w", err)
	}
	file, err := os.OpenFile(f.file(c.Site), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640) //nolint:gosec // a group of auditors may read
	if err != nil {
		return fmt.Errorf("store a checkpoint: %w", err)
	}
	// A line of its own, also after one that a failing machine cut short: empty lines are passed over.
	_, err = file.Write(slices.Concat([]byte("\n"), line, []byte("\n")))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("store a checkpoint: %w", err)
	}
	return nil
}

// Sites implements Store.
func (f *Folder) Sites(context.Context) ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the checkpoints' folder: %w", err)
	}
	var sites []string
	for _, entry := range entries {
		if site, ok := strings.CutSuffix(entry.Name(), folderSuffix); ok {
			sites = append(sites, site)
		}
	}
	return sites, nil
}

// All implements Store.
func (f *Folder) All(_ context.Context, site string) ([]*Checkpoint, error) {
	data, err := os.ReadFile(f.file(site))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	var all []*Checkpoint
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		c := &Checkpoint{}
		if err := json.Unmarshal(line, c); err != nil {
			return nil, fmt.Errorf("%s, line %d is no checkpoint: %w", f.file(site), number, err)
		}
		all = append(all, c)
	}
	sortCheckpoints(all)
	return all, nil
}

// Last implements Store.
func (f *Folder) Last(ctx context.Context, site string) (*Checkpoint, error) {
	all, err := f.All(ctx, site)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[len(all)-1], nil
}

func sortCheckpoints(all []*Checkpoint) {
	slices.SortFunc(all, func(a, b *Checkpoint) int { return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), a.At.Compare(b.At)) })
}
