// Command schemadiff fails where a GraphQL schema breaks the clients of an older one:
//
//	go run ./graph/schemadiff OLD.graphql NEW.graphql
//
// What the old schema had marked as @deprecated may go, and nothing else may.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

func run(args []string, stderr io.Writer) int {
	if len(args) != 2 {
		fmt.Fprintln(stderr, "usage: schemadiff OLD.graphql NEW.graphql")
		return 2
	}
	before, err := load(args[0])
	if err != nil {
		fmt.Fprintln(stderr, "schemadiff:", err)
		return 2
	}
	after, err := load(args[1])
	if err != nil {
		fmt.Fprintln(stderr, "schemadiff:", err)
		return 2
	}
	found := breaks(before, after)
	for _, line := range found {
		fmt.Fprintln(stderr, line)
	}
	if len(found) > 0 {
		fmt.Fprintln(stderr, "These changes break clients: keep what was, marked @deprecated with a reason, beside what is new.")
		return 1
	}
	return 0
}

func load(path string) (*ast.Schema, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: path, Input: string(text)})
	if err != nil {
		return nil, err
	}
	return schema, nil
}
