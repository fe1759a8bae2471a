package graph

import (
	"context"
	"net"
)

type connKey struct{}

// KeepConn lets streams know their connection: an http.Server's ConnContext. Without it, a client of server-sent events that receives
// nothing is found out when what was written fills its buffers and the server's.
func KeepConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// impatient gives a stream's connection up where a client doesn't take what was sent for writeTimeout, however much room there is on this side.
func impatient(ctx context.Context) {
	if conn, ok := ctx.Value(connKey{}).(net.Conn); ok {
		endUnreceived(conn, writeTimeout)
	}
}
