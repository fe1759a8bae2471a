package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"flowviz/internal/fault"
)

// Middleware puts who asks, and where from, into each request's context. A request without an Authorization header is
// anonymous; one whose token doesn't hold is refused with 401, and never taken for anonymous: its sender would believe that
// they see all that they may.
func (a *Authenticator) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := withClient(r.Context(), newClient(w, r))
		if headers := r.Header.Values("Authorization"); len(headers) > 0 {
			var err error
			if ctx, err = a.authorize(ctx, headers); err != nil {
				a.refuse(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (a *Authenticator) authorize(ctx context.Context, headers []string) (context.Context, error) {
	scheme, token, _ := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return nil, fault.New(fault.Unauthenticated, "", "send one header Authorization: Bearer, with an access token or an API token")
	}
	return a.Enter(ctx, strings.TrimSpace(token))
}

// refuse answers in the form of a GraphQL error.
func (a *Authenticator) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, f := http.StatusUnauthorized, fault.Of(err)
	if f == nil {
		if !errors.Is(err, context.Canceled) {
			a.log.ErrorContext(r.Context(), "who asks can't be found out", "error", err)
		}
		status, f = http.StatusServiceUnavailable, fault.New(fault.Internal, "", "who asks can't be found out at the moment: try again")
	} else {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answer := map[string]any{"errors": []any{map[string]any{"message": f.Message, "extensions": map[string]any{"code": f.Code}}}}
	_ = json.NewEncoder(w).Encode(answer) // a client that went away reads no refusal
}
