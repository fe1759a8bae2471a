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
		key := r.RemoteAddr
		if from, err := netip.ParseAddrPort(key); err == nil {
			key = Network(from.Addr()).String()
		}
		if wait, ok := l.Allow(key, amount); !ok {
			w.Header().Set("Retry-After", strconv.Itoa(Seconds(wait)))
			refuse(w, wait)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Seconds are whole ones, as Retry-After has them.
func Seconds(wait time.Duration) int { return int(math.Ceil(wait.Seconds())) }
