package graph

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// endUnreceived has the kernel give the connection up where what was sent isn't received in time (tcp(7), TCP_USER_TIMEOUT).
func endUnreceived(conn net.Conn, timeout time.Duration) {
	tcp, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return // closed
	}
	// A kernel that can't leaves it to the write deadline.
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(timeout.Milliseconds()))
	})
}
