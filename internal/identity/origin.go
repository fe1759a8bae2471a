package identity

import "context"

// Origin is where a request came from, as the audit log keeps it.
type Origin struct {
	Program   string // which program of this system acts, where no person does: flowviz import epcis
	Address   string // the client's network address; "" where there is none
	RequestID string // under which the server's log has the request; "" where there is none
}

type originKey struct{}

// WithOrigin puts where a request came from into the context.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// byProgram is a context in which a program of this system acts, for what came from where.
func byProgram(ctx context.Context, name string) context.Context {
	origin := OriginFrom(ctx)
	origin.Program = name
	return WithOrigin(ctx, origin)
}

// OriginFrom is where a request came from; the zero Origin where nobody said.
func OriginFrom(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
