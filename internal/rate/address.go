package rate

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// Network is what an address is counted as: itself, or of IPv6 its /64, all of whose addresses one customer has.
func Network(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	if !address.Is6() {
		return address
	}
	prefix, err := address.Prefix(64)
	if err != nil {
		return address // no address has no network
	}
	return prefix.Addr()
}

// Requests lets an address send what it may, each request counted as amount, before anything of it is read. refuse answers the
// others; Retry-After is set by then. A nil Limiter counts nothing.
func (l *Limiter) Requests(next http.Handler, amount int, refuse func(w http.ResponseWriter, wait time.Duration)) http.Handler {
	if l == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait, ok := l.AllowAddress(r.RemoteAddr, amount); !ok {
			w.Header().Set("Retry-After", strconv.Itoa(Seconds(wait)))
			refuse(w, wait)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// AllowAddress is Allow of who sends from an address with its port. A nil Limiter allows all.
func (l *Limiter) AllowAddress(address string, amount int) (wait time.Duration, ok bool) {
	if l == nil {
		return 0, true
	}
	if from, err := netip.ParseAddrPort(address); err == nil {
		address = Network(from.Addr()).String()
	}
	return l.Allow(address, amount)
}

// Seconds are whole ones, as Retry-After has them.
func Seconds(wait time.Duration) int { return int(math.Ceil(wait.Seconds())) }
