// Command sdl prints the whole schema: `make generate` writes it to schema.graphql, which the web app generates from and a
// diff is made against.
package main

import (
	"fmt"

	"flowviz/graph"
)

func main() {
	fmt.Print(graph.SDL())
}
