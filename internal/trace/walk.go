package trace

import (
	"slices"

	"github.com/google/uuid"
)

// breadthFirst finds the kin that links lead to, nearest first.
func breadthFirst(root uuid.UUID, links []Link, dir Direction, maxDepth int32) []Kin {
	next := make(map[uuid.UUID][]uuid.UUID, len(links))
	for _, l := range links {
		from, to := l.Ends(dir)
		next[from] = append(next[from], to)
	}
	var kin []Kin
	seen := map[uuid.UUID]struct{}{root: {}}
	level := []uuid.UUID{root}
	for depth := int32(1); len(level) > 0 && depth <= maxDepth; depth++ {
		var found []uuid.UUID
		for _, id := range level {
			for _, to := range next[id] {
				if _, ok := seen[to]; !ok {
					seen[to] = struct{}{}
					found = append(found, to)
					kin = append(kin, Kin{ID: to, Depth: depth})
				}
			}
		}
		level = found
	}
	slices.SortFunc(kin, compareKin)
	return kin
}

// Path is one shortest way from an ancestor to a descendant along links, both ends included; nil where there is none.
func Path(from, to uuid.UUID, links []Link) []uuid.UUID {
	next := make(map[uuid.UUID][]uuid.UUID, len(links))
	for _, l := range links {
		next[l.ParentID] = append(next[l.ParentID], l.ChildID)
	}
	came := map[uuid.UUID]uuid.UUID{from: from}
	for queue := []uuid.UUID{from}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == to {
			return back(came, from, to)
		}
		for _, child := range next[queue[0]] {
			if _, ok := came[child]; !ok {
				came[child] = queue[0]
				queue = append(queue, child)
			}
		}
	}
	return nil
}

func back(came map[uuid.UUID]uuid.UUID, from, to uuid.UUID) []uuid.UUID {
	path := []uuid.UUID{to}
	for at := to; at != from; {
		at = came[at]
		path = append(path, at)
	}
	slices.Reverse(path)
	return path
}
