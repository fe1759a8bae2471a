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
// what is no *fault.Error is logged, and shown as INTERNAL with the number under which the log has it.
type presenter struct {
	log             *slog.Logger
	noIntrospection bool
	secrets         *secrets
}

func (p *presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := &gqlerror.Error{Path: graphql.GetPath(ctx)}
	query, discreet := p.document(ctx)
	given, ok := errors.AsType[*gqlerror.Error](err)
	if ok {
		shown.Locations = given.Locations
		given = p.withoutSuggestion(ctx, given)
		if discreet != nil {
			given = discreet.hidden(given, shown.Path)
		}
	}
	if list, ok := errors.AsType[fault.List](err); ok {
		for _, f := range list[1:] {
			graphql.AddError(ctx, f)
		}
	}
	name := argument(shown.Path, given)
	f := fault.Of(err)
	switch {
	case f == nil:
		f = ofLiteral(query, given, discreet)
	case discreet != nil && name != "": // of a value that couldn't be read
		plain := *f
		plain.Message = discreet.unquoted(f.Message)
		f = &plain
	}
	switch {
	case isRefusal(err):
		presentRefusal(shown, err)
	case f != nil:
		shown.Message, shown.Extensions = message(f, name, f.Code)
	case name != "":
		shown.Message, shown.Extensions = message(fault.BadInput(name, "%s", given.Message), name, fault.BadUserInput)
	case isLibrarys(given):
		shown.Message, shown.Extensions = given.Message, map[string]any{"code": fault.BadUserInput}
	case errors.Is(err, context.DeadlineExceeded):
		shown.Message = "this took too long: ask for less at once"
		shown.Extensions = map[string]any{"code": fault.Limit, "limit": fault.Seconds}
	default:
		id := uuid.NewString()
		if !errors.Is(err, context.Canceled) {
			p.log.ErrorContext(ctx, "a query failed", "id", id, "path", shown.Path.String(), "error", err)
		}
		shown.Message = "something went wrong on our side; the log has it as " + id
		shown.Extensions = map[string]any{"code": fault.Internal, "id": id}
	}
	return shown
}

// document is the text that an error is about, and the secrets that it may hold; nil where it holds none. A text of 64 KiB is not searched
// for each of 10,000 errors: what runs has a plan that knows.
func (p *presenter) document(ctx context.Context) (string, *secrets) {
	if !graphql.HasOperationContext(ctx) {
		return "", nil
	}
	operation := graphql.GetOperationContext(ctx)
	plan := planOf(operation)
	if plan == nil && p.secrets.in(operation.RawQuery) || plan != nil && plan.secret {
		return operation.RawQuery, p.secrets
	}
	return operation.RawQuery, nil
}

// withoutSuggestion leaves out the names that the library offers instead of an unknown one, for who may not ask about the schema.
func (p *presenter) withoutSuggestion(ctx context.Context, err *gqlerror.Error) *gqlerror.Error {
	if !p.noIntrospection && identity.ActorFrom(ctx) != nil {
		return err
	}
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
