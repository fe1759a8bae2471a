// Command sdl prints what is written from the schema: all of it (`make generate` makes it schema.graphql, which the web app
// generates from and a diff is made against), or, with the argument access, who may ask for which field.
package main

import (
	"fmt"
	"os"

	"flowviz/graph"
)

func main() {
	switch {
	case len(os.Args) == 1:
		fmt.Print(graph.SDL())
	case os.Args[1] == "access":
		fmt.Print(graph.AccessTable())
	case os.Args[1] == "cost":
		fmt.Print(graph.CostTable())
	default:
		fmt.Fprintln(os.Stderr, "usage: sdl [access | cost]")
		os.Exit(2)
	}
}
