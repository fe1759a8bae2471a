package identity

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Client is what a request tells about where it comes from, and how a refresh token reaches a browser without its scripts:
// in a cookie that only requests to the API carry, and no other site can send.
type Client struct {
	Address netip.Addr // invalid where it isn't known
	Refresh Secret     // the cookie's refresh token; "" where there is none

	set func(token Secret, expires time.Time)
}

// CanKeep reports whether there is an answer to set a cookie on.
func (c *Client) CanKeep() bool { return c != nil && c.set != nil }

// Keep hands the browser a refresh token, where CanKeep.
func (c *Client) Keep(token Secret, expires time.Time) {
	if c.CanKeep() {
		c.set(token, expires)
	}
}

// Forget takes the refresh token from the browser.
func (c *Client) Forget() {
	if c.CanKeep() && c.Refresh != "" {
		c.set("", time.Unix(1, 0))
	}
}

const (
	cookieName = "flowviz_refresh"
	cookiePath = "/graphql"
)

// newClient reads a request; what is kept is set on the answer.
func newClient(w http.ResponseWriter, r *http.Request) *Client {
	c := &Client{}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		c.Address, _ = netip.ParseAddr(host) // invalid: not known
	}
	if cookie, err := r.Cookie(cookieName); err == nil {
		c.Refresh = Secret(cookie.Value)
	}
	secure := encrypted(r)
	c.set = func(token Secret, expires time.Time) {
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the request is: on plain HTTP the browser would drop the cookie
			Name: cookieName, Value: string(token), Path: cookiePath, Expires: expires, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure,
		})
	}
	return c
}

// encrypted reports whether the browser sent the request over TLS. A proxy that ends it says so. Whoever lies about it only keeps
// their own cookie from plain HTTP.
func encrypted(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

type clientKey struct{}

func withClient(ctx context.Context, c *Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

// Answered is ctx from when the answer's headers are sent on, or several operations share the answer: no cookie can be set any more, and so none is taken.
func Answered(ctx context.Context) context.Context {
	c := ClientFrom(ctx)
	if c == nil {
		return ctx
	}
	return withClient(ctx, &Client{Address: c.Address})
}

// ClientFrom is the client of the request; nil where none is known. Its methods work on nil.
func ClientFrom(ctx context.Context) *Client {
	c, _ := ctx.Value(clientKey{}).(*Client)
	return c
}

// addressFrom is where the request comes from; invalid where it isn't known.
func addressFrom(ctx context.Context) netip.Addr {
	if c := ClientFrom(ctx); c != nil {
		return c.Address
	}
	return netip.Addr{}
}
