package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"flowviz/internal/fault"
)

// complain writes why the program failed: one line, or one a fault where several were found at once, as of a document.
func complain(ctx context.Context, w io.Writer, err error) {
	var list fault.List
	switch {
	case errors.As(err, &list):
		for _, f := range list {
			fmt.Fprintln(w, flat(f.Error()))
		}
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "flowviz: interrupted")
	default:
		fmt.Fprintln(w, "flowviz:", oneLine(err))
	}
}

// oneLine is an error as one line. Those of connecting to PostgreSQL, of several lines and full of addresses, are put anew.
func oneLine(err error) string {
	var connect *pgconn.ConnectError
	if fault.Of(err) == nil && errors.As(err, &connect) {
		return unreachable(connect)
	}
	return flat(err.Error())
}

// unreachable says which database it is that can't be reached, without its password, and why.
func unreachable(err *pgconn.ConnectError) string {
	var (
		refused *pgconn.PgError
		lookup  *net.DNSError
		dial    *net.OpError
		reason  string
	)
	switch {
	case errors.As(err, &refused):
		reason = refused.Message
	case errors.As(err, &lookup):
		reason = lookup.Error()
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		reason = fmt.Sprintf("no answer within %v", reachTimeout)
	case errors.As(err, &dial):
		reason = dial.Err.Error()
	default:
		reason = flat(errors.Unwrap(err).Error())
	}
	at := net.JoinHostPort(err.Config.Host, strconv.Itoa(int(err.Config.Port)))
	return fmt.Sprintf("database %q at %s can't be reached (%s): start it, or correct DATABASE_URL", err.Config.Database, at, reason)
}

func flat(text string) string { return strings.Join(strings.Fields(text), " ") }
