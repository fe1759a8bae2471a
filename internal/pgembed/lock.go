package pgembed

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"flowviz/internal/fault"
)

// lockFolder takes the folder's lock, which the kernel frees when this process ends, however it ends. The file names the
// holder's process; its time of change is when the lock was taken.
func lockFolder(dir, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return nil, fault.New(fault.FailedPrecondition, "",
			"data folder %s belongs to another user (%v): run as that user, or choose another folder", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the data folder's lock: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer file.Close()
		return nil, fault.New(fault.Conflict, "", "data folder %s is in use by %s: stop it, or choose another folder", dir, holder(file))
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := writeHolder(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return file, nil
}

func writeHolder(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// unlock gives the folder free. To close the file is not enough: a program that this process is starting at the same moment
// has a copy of it until it runs, and the lock with it.
func unlock(file *os.File) {
	_ = file.Truncate(0) // the file alone says nothing; this spares the next reader an old name
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	_ = file.Close()
}

// holder describes who holds the lock, as far as the file says it: for a moment after the lock was taken, it is empty.
func holder(file *os.File) string {
	text := make([]byte, 32)
	n, _ := file.ReadAt(text, 0)
	pid := strings.TrimSpace(string(text[:n]))
	info, err := file.Stat()
	if pid == "" || err != nil {
		return "another process"
	}
	return fmt.Sprintf("process %s since %s", pid, info.ModTime().Format("2006-01-02 15:04:05 MST"))
}
