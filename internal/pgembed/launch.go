package pgembed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"flowviz/internal/fault"
)

// attempts: another program can take the chosen port before postgres does, hardly ever twice in a row.
const attempts = 5

// launcher starts postgres on a prepared folder.
type launcher struct {
	folder     *folder
	bin        binaries
	acct       account
	settings   map[string]string
	choosePort func(context.Context) (string, error)
	log        *slog.Logger
}

// launch returns a server that accepts connections.
func (l launcher) launch(ctx context.Context) (*Server, error) {
	password, err := l.folder.password()
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		port, err := l.choosePort(ctx)
		if err != nil {
			return nil, err
		}
		s := &Server{
			folder: l.folder, port: port, password: password, output: &output{log: l.log},
			exited: make(chan struct{}), done: make(chan struct{}), stopping: make(chan struct{}),
		}
		err = l.start(ctx, s)
		if err == nil {
			return s, nil
		}
		if attempt == attempts || !s.output.contains("Address already in use") {
			return nil, err
		}
		l.log.Warn("the port was taken, trying another", "port", port)
	}
}

func (l launcher) start(ctx context.Context, s *Server) error {
	// The context bounds the start, not the server's life.
	s.cmd = l.acct.command(context.WithoutCancel(ctx), filepath.Join(l.bin.dir, "postgres"),
		arguments(l.folder.data(), s.port, l.settings)...)
	s.cmd.Stderr = s.output
	s.cmd.WaitDelay = outputDelay
	if err := l.acct.start(s.cmd); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	go s.watch()
	err := s.waitReady(ctx)
	if err == nil {
		err = s.signIn(ctx)
	}
	if err != nil {
		_ = s.end() // what failed first is the error to report
	}
	return err
}

// waitReady looks at what postgres writes about itself, which costs less than connecting and leaves no refused connections
// in its log. A recovery after a crash takes as long as it takes; ctx bounds it.
func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := poll(ctx, func() bool {
		st, err := readStatus(s.folder.data())
		return err == nil && st.pid == s.cmd.Process.Pid && st.ready
	})
	select {
	case <-s.exited:
		return fault.New(fault.FailedPrecondition, "", "PostgreSQL doesn't start on %s (%v)%s", s.folder.dir, s.exit, s.output.lastWords())
	default:
	}
	if err != nil {
		return fmt.Errorf("wait for PostgreSQL to start: %w", err)
	}
	return nil
}

// signIn shows that the password in the folder is the database's.
func (s *Server) signIn(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) && strings.HasPrefix(refusal.Code, "28") {
		return fault.New(fault.FailedPrecondition, "", "the password in %s isn't the database's: restore both from the same backup", s.folder.passwordFile())
	}
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return conn.Close(ctx)
}

// freePort is a port of the loopback address that was free a moment ago.
func freePort(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port for PostgreSQL: %w", err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}
