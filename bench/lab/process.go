// Package lab is what the benchmarks have in common: programs under measurement, their processor time, the API's callers, and how figures
// are written.
package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Process is a program under measurement.
type Process struct {
	Address string // host and port that it serves on

	cmd    *exec.Cmd
	output *bytes.Buffer
	exited chan error
}

// Launch starts a program that is to serve on address, and waits until it answers for a path with 200. SIGINT ends it, or
// the end of ctx.
func Launch(ctx context.Context, address, path string, environ []string, program string, args ...string) (*Process, error) {
	p := &Process{Address: address, output: new(bytes.Buffer), exited: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, program, args...)
	p.cmd.Env = append(os.Environ(), environ...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGINT) }
	p.cmd.WaitDelay = 40 * time.Second // longer than an embedded PostgreSQL takes to stop
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.exited <- p.cmd.Wait() }()
	if err := p.ready(ctx, path); err != nil {
		_ = p.Stop() // what failed first is the error to report
		return nil, err
	}
	return p, nil
}

func (p *Process) ready(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		if answers(ctx, client, "http://"+p.Address+path) {
			return nil
		}
		select {
		case err := <-p.exited:
			p.exited <- err
			return fmt.Errorf("%s ended before it was ready (%v):\n%s", p.cmd, p.cmd.ProcessState, p.output)
		case <-ctx.Done():
			return fmt.Errorf("%s doesn't become ready: %w", p.cmd, ctx.Err())
		case <-tick.C:
		}
	}
}

func answers(ctx context.Context, client http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Stop ends the process and waits for it.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := <-p.exited
	p.exited <- err
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 {
		return nil // the signal ended it: it has no way of its own
	}
	if err != nil {
		return fmt.Errorf("%s: %w:\n%s", p.cmd, err, p.output)
	}
	return nil
}

// FreeAddress is a loopback address that was free a moment ago.
func FreeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// processTimes are parts of /proc/<pid>/stat (proc(5)).
type processTimes struct {
	parent int
	own    time.Duration // user and system time of all its threads
	reaped time.Duration // the same of its children that ended
}

// tick is the unit of /proc/<pid>/stat's times: 1/100 s on every Linux architecture that Go runs on.
const tick = 10 * time.Millisecond

func readTimes(pid int) (processTimes, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processTimes{}, err
	}
	// The second field is the program's name in brackets, which may itself hold blanks and brackets.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	const parent, user, system, reapedUser, reapedSystem = 1, 11, 12, 13, 14
	number := func(i int) int {
		n, convErr := strconv.Atoi(fields[i])
		err = errors.Join(err, convErr)
		return n
	}
	t := processTimes{
		parent: number(parent),
		own:    time.Duration(number(user)+number(system)) * tick,
		reaped: time.Duration(number(reapedUser)+number(reapedSystem)) * tick,
	}
	return t, err
}

// PostgresTime is the CPU time of a postmaster with all its children, those that ended included.
func PostgresTime(postmaster int) (time.Duration, error) {
	t, err := readTimes(postmaster)
	if err != nil {
		return 0, err
	}
	sum := t.own + t.reaped
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if t, err := readTimes(pid); err == nil && t.parent == postmaster { // else it has ended meanwhile
			sum += t.own
		}
	}
	return sum, nil
}

// Self is this very process, where it serves on address: what a test measures.
func Self(address string) *Process {
	return &Process{Address: address, cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}
}

// CPU is the processor time of the process itself.
func (p *Process) CPU() (time.Duration, error) {
	t, err := readTimes(p.cmd.Process.Pid)
	return t.own, err
}

// Memory is the resident memory of the process itself, in bytes.
func (p *Process) Memory() (int64, error) {
	size, _, _ := strings.Cut(procValue(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), "VmRSS"), " ")
	kib, err := strconv.ParseInt(size, 10, 64)
	return kib << 10, err
}

// PostgreSQL is the version of a server.
func PostgreSQL(ctx context.Context, url string) (version string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return version, conn.QueryRow(ctx, "SELECT current_setting('server_version')").Scan(&version)
}

// Postmaster is the process that is the parent of all of a database's.
func Postmaster(ctx context.Context, url string) (int, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	t, err := readTimes(int(conn.PgConn().PID())) // a backend, as long as it is connected
	return t.parent, err
}

// Serve starts `flowviz serve` on a database, with what it keeps in dir, and waits until it can answer. name is that of its
// sessions in PostgreSQL.
func Serve(ctx context.Context, program, url, dir, name string, environ ...string) (*Process, error) {
	address, err := FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	environ = append(environ, "DATABASE_URL="+url, "FLOWVIZ_ADDR="+address, "FLOWVIZ_DATA="+dir, "FLOWVIZ_RATE_LIMITS=off", "PGAPPNAME="+name)
	return Launch(ctx, address, "/readyz", environ, program, "serve")
}
