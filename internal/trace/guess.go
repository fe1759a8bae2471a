package trace

import (
	"context"
	"math"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/gs1"
	"flowviz/internal/lot"
	"flowviz/internal/trace/index"
)

// guessed is of how many codes the lots are remembered: some 150 bytes each.
const guessed = 10_000

// Guesses remember which lot had a code the last time, of codes that are no GS1 keys. With that, a lot and its kin come in one round trip where
// an index knows the kin: two take a sixth of the processor time of a trace of 90 lots. It is no more than a guess: the lot is always asked for by its code.
type Guesses struct {
	pool  *pgxpool.Pool
	codes *lru.Cache[string, uuid.UUID]
}

// NewGuesses reads through pool.
func NewGuesses(pool *pgxpool.Pool) *Guesses {
	codes, err := lru.New[string, uuid.UUID](guessed)
	if err != nil {
		panic(err) // its size is none
	}
	return &Guesses{pool, codes}
}

// Guess is of one operation, which reads nothing else. A nil one knows nothing.
type Guess struct {
	guesses *Guesses
	scope   db.Scope
	view    index.View

	root  uuid.UUID // whose kin came; the nil id for nobody's
	asked any       // a Question or a Query
	kin   []Kin     // of a Question
	links []Link    // of one for steps
	graph *Genealogy
	rows  []lot.Row // the root's among them
}

// Of is a guess for who may see the scope. The view must be taken before.
func (g *Guesses) Of(scope db.Scope, view index.View) *Guess {
	return &Guess{guesses: g, scope: scope, view: view}
}

// Remember says which lot has a code, for the next time.
func (g *Guess) Remember(code string, id uuid.UUID) {
	if _, err := gs1.Parse(code); err != nil && g != nil {
		g.guesses.codes.Add(code, id)
	}
}

// LotWithKin is the lot with a code, whose kin are kept for Kin; nil where that can't be guessed, or was guessed wrong.
func (g *Guess) LotWithKin(ctx context.Context, code string, q Question) (*lot.Lot, error) {
	root, ok := g.remembered(code)
	if !ok || q.MaxDepth == 0 || q.Most == WithoutRows {
		return nil, nil //nolint:nilnil // none
	}
	g.kin = known(g.view, root, q.Direction, q.MaxDepth)
	found, _, err := g.try(ctx, code, db.KinGuess{Descendants: q.Direction == Descendants, Known: lots(root, g.kin), Most: q.Most})
	if found != nil {
		g.root, g.asked = root, q
	}
	return found, err
}

// stepsOf is a Question for Steps.
type stepsOf struct{ Question }

// LotWithSteps is the lot with a code, of which the steps are kept for Steps; nil as LotWithKin.
func (g *Guess) LotWithSteps(ctx context.Context, code string, q Question) (*lot.Lot, error) {
	root, ok := g.remembered(code)
	if !ok {
		return nil, nil //nolint:nilnil // none
	}
	kin := known(g.view, root, q.Direction, q.MaxDepth)
	found, links, err := g.try(ctx, code, db.KinGuess{
		Descendants: q.Direction == Descendants, Known: lots(root, kin), Most: q.Most, Linked: within(root, kin, q.MaxDepth),
	})
	if found != nil {
		g.root, g.asked, g.links = root, stepsOf{q}, links
	}
	return found, err
}

// Steps are those that came with the lot; false where they didn't.
func (g *Guess) Steps(root uuid.UUID, q Question) (s Steps, ok bool) {
	if g == nil || g.root != root || g.asked != any(stepsOf{q}) {
		return s, false
	}
	return Steps{g.links, g.rows}, true
}

// Kin are those that came with the lot, with the rows of the nearest; false where they didn't.
func (g *Guess) Kin(root uuid.UUID, q Question) (kin []Kin, rows []lot.Row, ok bool) {
	if g == nil || g.root != root || g.asked != q {
		return nil, nil, false
	}
	return g.kin, g.rows, true
}

// LotWithGenealogy is the lot with a code, whose genealogy is kept for Genealogy; nil as LotWithKin. The question needs no root.
func (g *Guess) LotWithGenealogy(ctx context.Context, code string, q Query) (*lot.Lot, error) {
	root, ok := g.remembered(code)
	if !ok || q.MaxDepth == 0 || q.AsOf != nil {
		return nil, nil //nolint:nilnil // none
	}
	q.Root = root
	graph := &Genealogy{Root: root, maxDepth: q.MaxDepth}
	var tries []db.KinGuess
	if q.Ancestors {
		graph.Ancestors = known(g.view, root, Ancestors, q.MaxDepth)
		tries = append(tries, db.KinGuess{Known: lots(root, graph.Ancestors), Most: math.MaxInt32 - 1, Linked: lots(root, graph.Ancestors)})
	}
	if q.Descendants {
		graph.Descendants = known(g.view, root, Descendants, q.MaxDepth)
		tries = append(tries, db.KinGuess{Descendants: true, Known: lots(root, graph.Descendants), Most: math.MaxInt32 - 1, Linked: lots(root, graph.Descendants)})
	}
	if len(graph.Ancestors)+len(graph.Descendants) > q.Limit {
		return nil, nil //nolint:nilnil // it would be cut, and links read that aren't shown
	}
	found, links, err := g.try(ctx, code, tries...)
	if found != nil {
		graph.keep(links)
		g.root, g.asked, g.graph = root, q, graph
	}
	return found, err
}

// Genealogy is the one that came with the lot, with the rows of all its lots; false where it didn't.
func (g *Guess) Genealogy(q Query) (graph *Genealogy, rows []lot.Row, ok bool) {
	if g == nil || g.root != q.Root || g.asked != q {
		return nil, nil, false
	}
	return g.graph, g.rows, true
}

func (g *Guess) remembered(code string) (root uuid.UUID, ok bool) {
	if g == nil || !g.view.Known() {
		return uuid.Nil, false
	}
	return g.guesses.codes.Get(code)
}

// try keeps the rows of what was guessed, and returns the lot and the links; nil where it was guessed wrong.
func (g *Guess) try(ctx context.Context, code string, kin ...db.KinGuess) (*lot.Lot, []Link, error) {
	instant := g.view.Instant()
	found, got, err := db.TryLotGuess(ctx, g.guesses.pool, g.scope, db.LotGuess{Code: code, KnownAt: instant.At, KnownIn: instant.In, Kin: kin})
	if err != nil || len(found) != 1 || found[0].ID != kin[0].Known[0] {
		return nil, nil, err
	}
	var links []Link
	for _, k := range got {
		if len(k.Rows) == 0 {
			return nil, nil, nil
		}
		g.rows = append(g.rows, k.Rows...)
		links = append(links, wrap(k.Links)...)
	}
	return &lot.Lot{Lot: found[0]}, links, nil
}
