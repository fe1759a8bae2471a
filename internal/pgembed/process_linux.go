package pgembed

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// isPostgresOf reports whether a living process is a postgres that runs on the data folder: it is called so, and works in that
// folder. A process that ended and that nobody waited for, as in a container without an init, works nowhere.
func isPostgresOf(pid int, data string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	name, err := os.ReadFile(filepath.Join(proc, "comm"))
	if err != nil || string(bytes.TrimSpace(name)) != "postgres" {
		return false
	}
	cwd, err := os.Stat(filepath.Join(proc, "cwd"))
	if err != nil {
		return false
	}
	dir, err := os.Stat(data)
	return err == nil && os.SameFile(cwd, dir)
}

// postgresesOf are all processes, sessions and the like included, of the postgres that runs on the data folder.
func postgresesOf(data string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil // no processes can be seen: PostgreSQL's own check has to do
	}
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && isPostgresOf(pid, data) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// canPassAnyFolder reports whether startPassingFolders can work: root has the rights for it on a machine, and in most containers
// hasn't.
func canPassAnyFolder() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return false
	}
	const needed = 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_SETPCAP
	return sets[0].Permitted&needed == needed
}

// startPassingFolders starts a program as another user that may, of all that root may, still pass and read folders that are
// closed to that user. The other ways are worse: to open root's folders to everybody, or not to work in them.
//
// A right that outlives the change of user and the start of a program is an "ambient capability" (capabilities(7)). The
// kernel would still withhold it while the program is looked up, and from access(2), by which PostgreSQL looks for its
// parts; the flag that prevents this belongs to the thread that starts the program.
func startPassingFolders(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := unix.PrctlRetInt(unix.PR_GET_SECUREBITS, 0, 0, 0, 0)
	if err != nil {
		return fmt.Errorf("read the thread's flags: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_SECUREBITS, uintptr(before|secbitNoSetuidFixup), 0, 0, 0); err != nil {
		return fmt.Errorf("set the thread's flags: %w", err)
	}
	cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_DAC_READ_SEARCH}
	err = cmd.Start()
	return errors.Join(err, unix.Prctl(unix.PR_SET_SECUREBITS, uintptr(before), 0, 0, 0))
}

// secbitNoSetuidFixup is SECBIT_NO_SETUID_FIXUP of linux/securebits.h.
const secbitNoSetuidFixup = 1 << 2
