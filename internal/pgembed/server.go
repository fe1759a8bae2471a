package pgembed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Server is a running PostgreSQL. Its methods are safe for use by several goroutines.
type Server struct {
	folder   *folder
	port     string
	password string
	output   *output

	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended, after exit was set
	exit   error
	done   chan struct{}

	stopOnce sync.Once
	stopping chan struct{}
	stopErr  error
}

// URL is a connection string for pgx and others, for the superuser postgres. It holds the password.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", s.password),
		Host: net.JoinHostPort("127.0.0.1", s.port), Path: "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Done is closed when PostgreSQL ended though nobody called Stop; Stop then says how.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends all sessions, stops PostgreSQL and gives the folder free; that takes 40 s at the very most, and without open
// work some 15 ms. The error says that it had to be forced, or how it had ended by itself. Later calls return the same.
func (s *Server) Stop() error {
	s.stopOnce.Do(func() {
		close(s.stopping)
		s.output.expectEnd()
		s.stopErr = s.end()
		s.folder.close()
	})
	return s.stopErr
}

// step is one way to tell a process to end, and how long it may take for that.
type step struct {
	signal   syscall.Signal
	patience time.Duration
}

// shutdown is how a postgres is told to stop. Fast shutdown (SIGINT) ends sessions and writes the buffers; immediate shutdown
// (SIGQUIT) writes nothing and leaves a recovery to the next start (PostgreSQL's manual, section 18.5).
var shutdown = []step{
	{syscall.SIGINT, 30 * time.Second},
	{syscall.SIGQUIT, 5 * time.Second},
	{syscall.SIGKILL, 5 * time.Second},
}

func (s *Server) end() error {
	select {
	case <-s.exited:
		return fmt.Errorf("PostgreSQL ended by itself: %w%s", s.exit, s.output.lastWords())
	default:
	}
	for i, step := range shutdown {
		if err := s.cmd.Process.Signal(step.signal); err != nil {
			break // it has ended
		}
		if waitFor(s.exited, step.patience) {
			if i > 0 {
				return fmt.Errorf("PostgreSQL didn't stop within %v and was forced to: the next start recovers", shutdown[0].patience)
			}
			return nil
		}
	}
	if !waitFor(s.exited, time.Second) {
		return errors.New("PostgreSQL doesn't end")
	}
	return nil
}

// watch waits for the process, and tells who waits for Done if Stop wasn't the reason.
func (s *Server) watch() {
	s.exit = s.cmd.Wait()
	if s.exit == nil {
		s.exit = errors.New("it was told to stop by somebody else")
	}
	close(s.exited)
	select {
	case <-s.stopping:
	default:
		close(s.done)
	}
}

func waitFor(event <-chan struct{}, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-event:
		return true
	case <-ctx.Done():
		return false
	}
}
