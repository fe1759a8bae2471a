package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"flowviz/internal/fault"
)

// proxies are the networks whose word counts about where a request comes from.
type proxies []netip.Prefix

// parseProxies reads a list of networks and addresses, such as 10.0.0.0/8, ::1.
func parseProxies(text string) (proxies, error) {
	var trusted proxies
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(item)
		if address, addressErr := netip.ParseAddr(item); addressErr == nil {
			network, err = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()), nil
		}
		switch {
		case err != nil:
			return nil, fault.BadInput("FLOWVIZ_TRUSTED_PROXIES", "%q is no network and no address, such as 10.0.0.0/8 or 192.0.2.7", item)
		case network.Bits() <= 0:
			return nil, fault.BadInput("FLOWVIZ_TRUSTED_PROXIES", "%q is everybody: anybody could say that they come from anywhere; name the proxies' networks", item)
		}
		trusted = append(trusted, network.Masked())
	}
	return trusted, nil
}

func (p proxies) trust(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// forwarded lets next see a request as coming from the client, and not from the proxies before the server: all that counts
// requests or writes down where they come from sees the same address.
func (p proxies) forwarded(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			if client := p.client(at.Addr(), r.Header.Values("X-Forwarded-For")); client != at.Addr() {
				r = r.WithContext(r.Context()) // a copy: the request is the server's
				r.RemoteAddr = net.JoinHostPort(client.String(), "0")
			}
		}
		next.ServeHTTP(w, r)
	})
}

// client is the last address that a trusted proxy saw. Each adds at the right whom it was asked by; what stands left of the
// first that isn't trusted is what a stranger says.
func (p proxies) client(peer netip.Addr, header []string) netip.Addr {
	hops := strings.Split(strings.Join(header, ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trust(peer); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break // unreadable: the proxy that passed it on is as far as is known
		}
		peer = hop
	}
	return peer.Unmap().WithZone("")
}

// parseHop reads an address; some proxies add a port.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if address, err := netip.ParseAddrPort(text); err == nil {
		return address.Addr(), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return address, err == nil
}
