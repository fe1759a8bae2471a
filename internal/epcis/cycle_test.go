package epcis

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// links reads pairs of letters, parent first: "ab bc".
func links(pairs ...string) []link {
	out := make([]link, len(pairs))
	for i, p := range pairs {
		out[i] = link{uuid.UUID{p[0]}, uuid.UUID{p[1]}}
	}
	return out
}

func TestClosing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		there, added []link
		want         []bool
	}{
		"nothing":                         {nil, nil, []bool{}},
		"a chain":                         {nil, links("ab", "bc", "cd"), []bool{false, false, false}},
		"a diamond":                       {nil, links("ab", "ac", "bd", "cd"), []bool{false, false, false, false}},
		"the last of a circle":            {nil, links("ab", "bc", "ca"), []bool{false, false, true}},
		"through what is there":           {links("ab", "bc"), links("cd", "ca", "da"), []bool{false, true, true}},
		"of itself":                       {nil, links("aa", "ab"), []bool{true, false}},
		"two circles":                     {nil, links("ab", "ba", "cd", "dc", "bc"), []bool{false, true, false, true, false}},
		"one is left out, another fits":   {nil, links("ab", "bc", "cd", "da", "ca", "ad"), []bool{false, false, false, true, true, false}},
		"the same twice":                  {links("ab"), links("ab", "ba", "ba"), []bool{false, true, true}},
		"a way from one circle to others": {nil, links("ab", "ba", "bx", "xc", "cd", "dc"), []bool{false, true, false, false, false, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, closing(c.there, c.added)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// FuzzClosing: what remains has no cycle, and each link that is left out would have closed one.
func FuzzClosing(f *testing.F) {
	f.Add([]byte("abbcca"), []byte("ad"))
	f.Add([]byte("aabbab"), []byte(""))
	f.Fuzz(func(t *testing.T, added, there []byte) {
		if len(added)+len(there) > 400 {
			return
		}
		ways := map[uuid.UUID][]uuid.UUID{}
		join := func(l link) { ways[l.parent] = append(ways[l.parent], l.child) }
		var before []link
		for _, l := range bytewise(there) {
			if !leads(ways, l.child, l.parent) { // what is there has no cycle
				before = append(before, l)
				join(l)
			}
		}
		now := bytewise(added)
		for i, closes := range closing(before, now) {
			if leads(ways, now[i].child, now[i].parent) != closes {
				t.Fatalf("link %d of %v to %v: closes is %v", i, now, before, closes)
			}
			if !closes {
				join(now[i])
			}
		}
	})
}

// bytewise makes links among 16 lots, so that they meet.
func bytewise(data []byte) []link {
	var out []link
	for i := 0; i+1 < len(data); i += 2 {
		out = append(out, link{uuid.UUID{data[i] % 16}, uuid.UUID{data[i+1] % 16}})
	}
	return out
}
