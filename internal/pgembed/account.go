package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"flowviz/internal/fault"
)

// account is whom the programs run as. PostgreSQL refuses root, so root lends it another account; anybody else runs it as
// themselves, and the zero account stands for that.
type account struct {
	name     string
	uid, gid uint32
	anyPath  bool // may pass folders that are closed to the account
}

func (a account) other() bool { return a.name != "" }

// chooseAccount keeps to the owner of a database that exists, and takes postgres, or else nobody, for a new one.
func chooseAccount(f *folder) (account, error) {
	owner, exists, err := ownerOf(f.data())
	if err != nil {
		return account{}, err
	}
	self := os.Geteuid()
	if self != 0 {
		if exists && int(owner.Uid) != self {
			return account{}, fault.New(fault.FailedPrecondition, "", "%s belongs to %s: run as that user or as root, or choose another folder",
				f.data(), userName(owner.Uid))
		}
		return account{}, nil
	}
	if exists && owner.Uid != 0 {
		return account{name: userName(owner.Uid), uid: owner.Uid, gid: owner.Gid}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if a, err := lookUp(name); err == nil {
			return a, nil
		}
	}
	return account{}, fault.New(fault.FailedPrecondition, "",
		"PostgreSQL can't run as root, and there is no account postgres or nobody to run it as: run as another user, or add one of them")
}

func ownerOf(path string) (owner *syscall.Stat_t, exists bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find the owner of the database: %w", err)
	}
	return info.Sys().(*syscall.Stat_t), true, nil
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "user " + id
}

func lookUp(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, err
	}
	return account{name: name, uid: uint32(uid), gid: uint32(gid)}, nil
}

// command prepares a program to run as the account, in a process group of its own: a terminal's Ctrl-C goes to us alone, who
// still need the server to finish what is under way. The environment is empty but for the language of its messages, so that
// no PGDATA or PGPORT of the user's reaches it.
func (a account) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.other() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // initdb's own children too
	return cmd
}

// start starts a command of the account's.
func (a account) start(cmd *exec.Cmd) error {
	if a.anyPath {
		return startPassingFolders(cmd)
	}
	return cmd.Start()
}

// own gives the account the files that it must read and write. What already belongs to it is left alone, so this costs
// nothing on a later start; a database that root copied or restored is handed over whole.
func (a account) own(paths ...string) error {
	if !a.other() {
		return nil
	}
	for _, root := range paths {
		owner, exists, err := ownerOf(root)
		if err != nil {
			return err
		}
		if !exists || owner.Uid == a.uid {
			continue
		}
		err = filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, int(a.uid), int(a.gid))
		})
		if err != nil {
			return fmt.Errorf("give %s to user %s: %w", root, a.name, err)
		}
	}
	return nil
}

// reach returns the account with a way to the paths. Root's own folders, and those that mktemp makes, are closed to everybody else.
func (a account) reach(paths ...string) (account, error) {
	if !a.other() {
		return a, nil
	}
	for _, path := range paths {
		closed, err := a.closedFolder(path)
		if err != nil {
			return a, err
		}
		if closed == "" {
			continue
		}
		if !canPassAnyFolder() {
			return a, fault.New(fault.FailedPrecondition, "",
				"PostgreSQL runs as user %s, who can't get to %s because folder %s is closed to others: chmod o+x %s, or choose another place",
				a.name, path, closed, closed)
		}
		a.anyPath = true
	}
	return a, nil
}

// closedFolder is the outermost folder on the way to path, itself included, that the account may not pass; "" where there is none.
func (a account) closedFolder(path string) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("find the way for PostgreSQL: %w", err)
	}
	closed := ""
	for {
		info, err := os.Stat(path)
		if err != nil {
			return "", fmt.Errorf("find the way for PostgreSQL: %w", err)
		}
		if !a.mayPass(info) {
			closed = path
		}
		parent := filepath.Dir(path)
		if parent == path {
			return closed, nil
		}
		path = parent
	}
}

func (a account) mayPass(info fs.FileInfo) bool {
	owner := info.Sys().(*syscall.Stat_t)
	mode := info.Mode().Perm()
	switch {
	case owner.Uid == a.uid:
		return mode&0o100 != 0
	case owner.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
