package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// breaks lists, in order, what a client of the old schema may rely on and the new one doesn't keep.
func breaks(before, after *ast.Schema) []string {
	var found report
	used := inUse(before)
	for _, name := range slices.Sorted(maps.Keys(before.Types)) {
		was, is := before.Types[name], after.Types[name]
		switch {
		case was.BuiltIn:
		case is == nil && !used[name]:
		case is == nil:
			found.add("type %s is gone", name)
		case is.Kind != was.Kind:
			found.add("type %s was %s and is %s", name, was.Kind, is.Kind)
		default:
			found.compareType(was, is)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before.Directives)) {
		if after.Directives[name] == nil {
			found.add("directive @%s is gone", name)
		}
	}
	return found
}

// inUse are the types that a client can meet without going through something deprecated. Types can't be marked themselves:
// one goes with the last field that leads to it.
func inUse(schema *ast.Schema) map[string]bool {
	used := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		def := schema.Types[name]
		if used[name] || def == nil {
			return
		}
		used[name] = true
		for _, possible := range schema.PossibleTypes[name] { // of an interface or a union
			visit(possible.Name)
		}
		for _, f := range def.Fields {
			if deprecated(f.Directives) {
				continue
			}
			visit(f.Type.Name())
			for _, a := range f.Arguments {
				if !deprecated(a.Directives) {
					visit(a.Type.Name())
				}
			}
		}
	}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		if root != nil {
			visit(root.Name)
		}
	}
	return used
}

type report []string

func (r *report) add(format string, args ...any) { *r = append(*r, fmt.Sprintf(format, args...)) }

func (r *report) compareType(was, is *ast.Definition) {
	for _, name := range was.Interfaces {
		if !slices.Contains(is.Interfaces, name) {
			r.add("%s is no %s any more", was.Name, name)
		}
	}
	for _, name := range was.Types {
		if !slices.Contains(is.Types, name) {
			r.add("%s is no member of the union %s any more", name, was.Name)
		}
	}
	for _, value := range was.EnumValues {
		if is.EnumValues.ForName(value.Name) == nil && !deprecated(value.Directives) {
			r.add("%s.%s is gone", was.Name, value.Name)
		}
	}
	if was.Kind == ast.InputObject {
		r.compareInputs(was.Name, inputsOf(was.Fields), inputsOf(is.Fields))
		return
	}
	for _, field := range was.Fields {
		path := was.Name + "." + field.Name
		now := is.Fields.ForName(field.Name)
		if now == nil {
			if !deprecated(field.Directives) {
				r.add("%s is gone", path)
			}
			continue
		}
		if !givesAtLeast(now.Type, field.Type) {
			r.add("%s was %s and is %s", path, field.Type, now.Type)
		}
		r.compareInputs(path, argumentsOf(field), argumentsOf(now))
	}
}

// input is an argument or a field of an input type.
type input struct {
	name       string
	typ        *ast.Type
	required   bool // must be given
	deprecated bool
}

func inputsOf(fields ast.FieldList) []input {
	inputs := make([]input, len(fields))
	for i, f := range fields {
		inputs[i] = input{f.Name, f.Type, f.Type.NonNull && f.DefaultValue == nil, deprecated(f.Directives)}
	}
	return inputs
}

func argumentsOf(field *ast.FieldDefinition) []input {
	inputs := make([]input, len(field.Arguments))
	for i, a := range field.Arguments {
		inputs[i] = input{a.Name, a.Type, a.Type.NonNull && a.DefaultValue == nil, deprecated(a.Directives)}
	}
	return inputs
}

func (r *report) compareInputs(path string, was, is []input) {
	for _, w := range was {
		i := indexOf(is, w.name)
		switch {
		case i < 0 && !w.deprecated:
			r.add("%s(%s) is gone", path, w.name)
		case i < 0:
		case !takesAtLeast(is[i].typ, w.typ):
			r.add("%s(%s) was %s and is %s", path, w.name, w.typ, is[i].typ)
		case is[i].required && !w.required:
			r.add("%s(%s) must be given now", path, w.name)
		}
	}
	for _, n := range is {
		if n.required && indexOf(was, n.name) < 0 {
			r.add("%s(%s) is new and must be given", path, n.name)
		}
	}
}

func indexOf(inputs []input, name string) int {
	return slices.IndexFunc(inputs, func(i input) bool { return i.name == name })
}

func deprecated(d ast.DirectiveList) bool { return d.ForName("deprecated") != nil }

// givesAtLeast: where a client reads, null may become impossible, and never possible.
func givesAtLeast(is, was *ast.Type) bool {
	if was.NonNull && !is.NonNull {
		return false
	}
	return same(is, was, givesAtLeast)
}

// takesAtLeast: where a client writes, null may become possible, and never impossible. (A default makes up for it only where
// the argument is left out; a variable that is null still fails.)
func takesAtLeast(is, was *ast.Type) bool {
	if is.NonNull && !was.NonNull {
		return false
	}
	return same(is, was, takesAtLeast)
}

// same compares the named types, and what lists hold by rule.
func same(is, was *ast.Type, rule func(is, was *ast.Type) bool) bool {
	if (is.Elem == nil) != (was.Elem == nil) {
		return false
	}
	if was.Elem != nil {
		return rule(is.Elem, was.Elem)
	}
	return is.NamedType == was.NamedType
}
