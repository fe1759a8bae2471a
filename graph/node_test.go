package graph_test

import (
	"strings"
	"testing"

	"flowviz/db"
	"flowviz/graph"
)

// TestMostNodes: more ids than one may ask for at once are refused by a limit that programs can read.
func TestMostNodes(t *testing.T) {
	t.Parallel()
	h := guarded(t, graph.Edge{})
	const id = `\"CAAAAAEBkAAAAABwAIAAAAAAAACq\" `
	for n, says := range map[int]string{
		100: `"data":{"nodes":[null,`,
		101: `"code":"BAD_USER_INPUT","cost":101,"field":"ids","limit":"ids","value":100`,
	} {
		w := send(t, h, actor(t, db.RoleVIEWER), `{"query":"{ nodes(ids: [`+strings.Repeat(id, n)+`]) { id } }"}`)
		if !strings.Contains(w.Body.String(), says) {
			t.Errorf("%d ids: %.300s; want %s", n, w.Body, says)
		}
	}
}
