package pgembed

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"flowviz/internal/fault"
)

// folder is a data folder whose lock this process holds:
//
//	lock       who holds the folder
//	password   the superuser's
//	postgres/  PostgreSQL's own data folder
//	init-*/    a database being made, or left from a start that was killed while it made one
type folder struct {
	dir  string // absolute
	lock *os.File
}

const initPrefix = "init-"

func (f *folder) data() string         { return filepath.Join(f.dir, "postgres") }
func (f *folder) passwordFile() string { return filepath.Join(f.dir, "password") }

func openFolder(dir string) (*folder, error) {
	if dir == "" {
		return nil, fault.BadInput("", "the data folder has no name")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if err := makeFolder(dir); err != nil {
		return nil, fault.New(fault.FailedPrecondition, "", "data folder %s can't be used (%v): choose another folder", dir, err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("find the data folder: %w", err)
	}
	if err := refuseForeign(dir); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir, filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	return &folder{dir: dir, lock: lock}, nil
}

// close gives the folder free.
func (f *folder) close() { unlock(f.lock) }

// makeFolder makes dir, with a way in for the account that PostgreSQL runs as where that isn't ours; its secrets have modes
// of their own.
func makeFolder(dir string) error {
	if os.Geteuid() != 0 {
		return os.MkdirAll(dir, 0o700)
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|0o011)
}

// refuseForeign keeps us from making a database among files of something else. A folder with a database in it is ours, and
// what a person adds there doesn't matter; hidden files and lost+found are no contents.
func refuseForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fault.New(fault.FailedPrecondition, "", "data folder %s can't be read (%v): choose another folder", dir, err)
	}
	foreign := ""
	for _, entry := range entries {
		switch name := entry.Name(); {
		case name == "postgres":
			return nil
		case name == "lock", name == "password", name == "lost+found", strings.HasPrefix(name, "."), strings.HasPrefix(name, initPrefix):
		default:
			foreign = name
		}
	}
	if foreign != "" {
		return fault.New(fault.FailedPrecondition, "",
			"%s is no data folder, since it holds %q and no database: choose an empty or a new folder", dir, foreign)
	}
	return nil
}

// version is the major version of PostgreSQL that made the database, 0 where there is none yet.
func (f *folder) version() (int, error) {
	text, err := os.ReadFile(filepath.Join(f.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(f.data()); err == nil {
			return 0, fault.New(fault.FailedPrecondition, "",
				"%s holds no PostgreSQL database: restore it from a backup, or choose another folder", f.data())
		}
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the database's version: %w", err)
	}
	version, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("read the database's version: %w", err)
	}
	return version, nil
}

func (f *folder) password() (string, error) {
	text, err := os.ReadFile(f.passwordFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.New(fault.FailedPrecondition, "",
			"%s is missing, without which nobody can sign in to the database: restore it from a backup", f.passwordFile())
	}
	if err != nil {
		return "", fmt.Errorf("read the database's password: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// prepare makes the database if there is none. It is made beside its place and then moved there, so that a start that is
// killed midway leaves none at all instead of half of one.
func (f *folder) prepare(ctx context.Context, bin binaries, acct account, log *slog.Logger) error {
	f.removeHalfMade(log)
	if _, err := os.Stat(f.data()); err == nil {
		return acct.own(f.data(), f.passwordFile())
	}
	if err := os.WriteFile(f.passwordFile(), []byte(rand.Text()+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the database's password: %w", err)
	}
	if err := syncToDisk(f.passwordFile()); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(f.dir, initPrefix)
	if err != nil {
		return fmt.Errorf("make a folder for the database: %w", err)
	}
	defer os.RemoveAll(fresh)
	if err := acct.own(fresh, f.passwordFile()); err != nil {
		return err
	}
	if err := bin.initdb(ctx, fresh, f.passwordFile(), acct); err != nil {
		return err
	}
	if err := os.Rename(fresh, f.data()); err != nil {
		return fmt.Errorf("move the new database to its place: %w", err)
	}
	return syncToDisk(f.dir)
}

// removeHalfMade removes what earlier starts left. An initdb that outlived its parent can still write there: the next start
// will remove the rest, since each uses a folder of its own.
func (f *folder) removeHalfMade(log *slog.Logger) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		log.Warn("unfinished databases can't be looked for", "error", err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), initPrefix) {
			continue
		}
		path := filepath.Join(f.dir, entry.Name())
		log.Info("removing a database that was never finished", "folder", path)
		if err := os.RemoveAll(path); err != nil {
			log.Warn("an unfinished database can't be removed yet", "error", err)
		}
	}
}

// syncToDisk makes a file's content, or a rename in a folder, survive a power cut.
func syncToDisk(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync the data folder: %w", err)
	}
	defer file.Close()
	if err := file.Sync(); err != nil {
		return fmt.Errorf("sync the data folder: %w", err)
	}
	return nil
}
