package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/rate"
)

// presenter turns errors into what clients see: a code and, where one argument is at fault, its name. It is an allow-list:
// what is no *fault.Error is logged, and shown as INTERNAL with the number under which the log has it. Who may not ask about the schema
// isn't helped to guess it.
func presenter(log *slog.Logger, noIntrospection bool) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := &gqlerror.Error{Path: graphql.GetPath(ctx)}
		given, ok := errors.AsType[*gqlerror.Error](err)
		if ok {
			shown.Locations = given.Locations
			if noIntrospection || identity.ActorFrom(ctx) == nil {
				given = withoutSuggestion(given)
			}
		}
		if list, ok := errors.AsType[fault.List](err); ok {
			for _, f := range list[1:] {
				graphql.AddError(ctx, f)
			}
		}
		f := fault.Of(err)
		if f == nil && graphql.HasOperationContext(ctx) {
			f = ofLiteral(graphql.GetOperationContext(ctx).RawQuery, given)
		}
		switch {
		case isRefusal(err):
			presentRefusal(shown, err)
		case f != nil:
			shown.Message, shown.Extensions = message(f, argument(shown.Path, given), f.Code)
		case argument(shown.Path, given) != "":
			name := argument(shown.Path, given)
			shown.Message, shown.Extensions = message(fault.BadInput(name, "%s", given.Message), name, fault.BadUserInput)
		case isLibrarys(given):
			shown.Message, shown.Extensions = given.Message, map[string]any{"code": fault.BadUserInput}
		case errors.Is(err, context.DeadlineExceeded):
			shown.Message = "this took too long: ask for less at once"
			shown.Extensions = map[string]any{"code": fault.Limit}
		default:
			id := uuid.NewString()
			if !errors.Is(err, context.Canceled) {
				log.ErrorContext(ctx, "a query failed", "id", id, "path", shown.Path.String(), "error", err)
			}
			shown.Message = "something went wrong on our side; the log has it as " + id
			shown.Extensions = map[string]any{"code": fault.Internal, "id": id}
		}
		return shown
	}
}

// withoutSuggestion is a complaint of the library's without the names that it offers instead of an unknown one.
func withoutSuggestion(err *gqlerror.Error) *gqlerror.Error {
	plain := *err
	plain.Message, _, _ = strings.Cut(err.Message, " Did you mean ")
	return &plain
}

func isRefusal(err error) bool {
	_, ok := errors.AsType[*refused](err)
	return ok
}

// presentRefusal shows what was refused before it ran, where in the document, and by which limit.
func presentRefusal(shown *gqlerror.Error, err error) {
	r, _ := errors.AsType[*refused](err)
	shown.Path = r.path
	shown.Message, shown.Extensions = message(r.fault, "", r.fault.Code)
	maps.Copy(shown.Extensions, r.extensions)
}

func message(f *fault.Error, argument string, code fault.Code) (string, map[string]any) {
	field := f.Field
	if field == "" {
		field = argument
	}
	extensions := map[string]any{"code": code}
	if f.Limit != "" {
		extensions["limit"], extensions["value"], extensions["cost"] = f.Limit, f.Value, f.Cost
	}
	if f.Wait > 0 {
		extensions[retryAfter] = rate.Seconds(f.Wait)
	}
	if field == "" {
		return f.Message, extensions
	}
	extensions["field"] = field
	return field + ": " + f.Message, extensions
}

// argument is the name of the argument that couldn't be read: what the error's path has beyond its field's.
func argument(field ast.Path, err *gqlerror.Error) string {
	if err == nil || len(err.Path) <= len(field) {
		return ""
	}
	var names []string
	for _, part := range err.Path[len(field):] {
		switch part := part.(type) {
		case ast.PathName:
			names = append(names, string(part))
		case ast.PathIndex:
			if n := len(names); n > 0 {
				names[n-1] += fmt.Sprintf("[%d]", int(part))
			}
		}
	}
	return strings.Join(names, ".")
}

// isLibrarys tells the library's own complaints about a document or its variables, which are for the client.
func isLibrarys(err *gqlerror.Error) bool {
	return err != nil && (err.Rule != "" || err.Extensions["code"] != nil || errors.Unwrap(err) == nil)
}
