package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/internal/fault"
)

// refused is a fault found before an operation runs, with what programs may read of it.
type refused struct {
	fault      *fault.Error
	path       ast.Path       // of the field at fault; nil where the whole document is
	extensions map[string]any // beside the code
}

func (r *refused) Error() string { return r.fault.Error() }

// Unwrap lets fault.Of find the fault.
func (r *refused) Unwrap() error { return r.fault }

// refuse is a refusal as the library passes it on.
func refuse(f *fault.Error, path ast.Path, extensions map[string]any) *gqlerror.Error {
	return gqlerror.Wrap(&refused{fault: f, path: path, extensions: extensions})
}

// overLimit refuses what is more than a limit: its name, its value, and what was asked for.
func overLimit(name string, limit, cost int, format string, args ...any) *gqlerror.Error {
	return refuse(fault.New(fault.Limit, "", format, args...), nil, map[string]any{"limit": name, "value": limit, "cost": cost})
}
