//go:build !linux

package pgembed

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
)

// isPostgresOf reports whether a living process is a postgres that runs on the data folder, which its command line names.
func isPostgresOf(pid int, data string) bool {
	line, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(line), "postgres -D "+data+" ")
}

// postgresesOf are the sessions of a postgres that was killed. Here their command lines don't tell whose they are; if one lives
// on, PostgreSQL refuses to start and says so.
func postgresesOf(string) []int { return nil }

// canPassAnyFolder: only Linux divides root's rights.
func canPassAnyFolder() bool { return false }

func startPassingFolders(*exec.Cmd) error { return errors.ErrUnsupported }
