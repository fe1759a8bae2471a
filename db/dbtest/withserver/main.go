// Command withserver runs a command with a PostgreSQL for tests at hand, which all of its processes share:
//
//	go run ./db/dbtest/withserver go test ./...
//
// Without it, each package's tests start a server of their own: 3 s and more a package, of which making the template
// database takes most. One that FLOWVIZ_TEST_DATABASE_URL names already is taken instead.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"flowviz/db/dbtest"
	"flowviz/internal/pgembed"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit): // it has said why
		os.Exit(max(exit.ExitCode(), 1))
	case err != nil:
		fmt.Fprintln(os.Stderr, "withserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) == 0 {
		return errors.New("name a command to run")
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if os.Getenv(dbtest.EnvURL) != "" {
		return cmd.Run()
	}
	dir, err := os.MkdirTemp(memory(), "flowviz-test-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	srv, err := pgembed.Start(ctx, pgembed.Config{
		Dir: filepath.Join(dir, "postgres"), Settings: dbtest.Settings, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop()) }()
	cmd.Env = append(os.Environ(), dbtest.EnvURL+"="+srv.URL("postgres"), dbtest.EnvRun+"=1")
	return cmd.Run()
}

// enough is what the databases of all tests take at once, and as much again.
const enough = 4 << 30

// memory is a folder in memory that has room enough; "" where there is none. Each test has a database of some 300 files: on a disk, making and
// dropping them takes the kernel as long as the tests take PostgreSQL.
func memory() string {
	const folder = "/dev/shm"
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < enough {
		return ""
	}
	return folder
}
