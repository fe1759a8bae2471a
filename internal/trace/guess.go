package trace

import (
	"context"

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
	rows  []lot.Row // of a Question
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
	found, k, err := g.try(ctx, root, code, q)
	if found != nil {
		g.asked, g.kin = q, k.kin()
	}
	return found, err
}

// Kin are those that came with the lot, with the rows of the nearest; false where they didn't.
func (g *Guess) Kin(root uuid.UUID, q Question) (kin []Kin, rows []lot.Row, ok bool) {
	if g == nil || g.root != root || g.asked != q {
		return nil, nil, false
	}
	return g.kin, g.rows, true
}

// stepsOf is a Question for Steps.
type stepsOf struct{ Question }

// LotWithSteps is the lot with a code, of which the steps are kept for Steps; nil as LotWithKin.
func (g *Guess) LotWithSteps(ctx context.Context, code string, q Question) (*lot.Lot, error) {
	root, ok := g.remembered(code)
	if !ok {
		return nil, nil //nolint:nilnil // none
	}
	found, k, err := g.try(ctx, root, code, q)
	if found != nil {
		g.asked, g.links = stepsOf{q}, k.links(len(k.within(q.MaxDepth)))
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

// try asks for the lot, and for the rows of the nearest of its kin that the index can't tell.
func (g *Guess) try(ctx context.Context, root uuid.UUID, code string, q Question) (*lot.Lot, known, error) {
	k := know(g.view, root, q.Direction, q.MaxDepth)
	rows, ask := g.ask(code, k.nearest(q.Most), q.Standing)
	found, got, since, err := g.read(ctx, root, ask)
	if found == nil || !since.keep(k) {
		return nil, k, err
	}
	if rows, ok := rows.at(since, got); ok {
		g.root, g.rows = root, rows
		return found, k, nil
	}
	return nil, k, nil
}

// guessedRows are rows of lots that an index told, or nil where SQL is asked.
type guessedRows struct {
	lots []index.Lot
	told []lot.Row
}

// at are the rows at the instant of what was read; false where one of the lots was altered.
func (r guessedRows) at(since *changes, got db.LotGuessed) ([]lot.Row, bool) {
	if r.told == nil {
		return got.Rows, true
	}
	return r.told, since.unaltered(r.lots)
}

// LotWithGenealogy is the lot with a code, whose genealogy is kept for Genealogy; nil as LotWithKin. The question is Plain, and needs no root.
func (g *Guess) LotWithGenealogy(ctx context.Context, code string, q Query) (*lot.Lot, error) {
	root, ok := g.remembered(code)
	if !ok || q.MaxDepth == 0 || q.AsOf != nil {
		return nil, nil //nolint:nilnil // none
	}
	q.Root = root
	p, ok := q.know(g.view)
	if !ok {
		return nil, nil //nolint:nilnil // none
	}
	rows, ask := g.ask(code, p.lots(), q.Standing)
	if q.Making {
		ask.Parents, ask.Children = p.side(Ancestors), p.side(Descendants)
	}
	found, got, since, err := g.read(ctx, root, ask)
	if found == nil || !p.keptBy(since) {
		return nil, err
	}
	told, ok := rows.at(since, got)
	if !ok {
		return nil, nil //nolint:nilnil // none
	}
	g.root, g.asked, g.graph = root, q, p.genealogy(wrap(got.Parents), wrap(got.Children))
	g.graph.Rows = told
	return found, nil
}

// Genealogy is the one that came with the lot, with the rows of all its lots; false where it didn't.
func (g *Guess) Genealogy(q Query) (graph *Genealogy, ok bool) {
	if g == nil || g.root != q.Root || g.asked != q {
		return nil, false
	}
	return g.graph, true
}

func (g *Guess) remembered(code string) (root uuid.UUID, ok bool) {
	if g == nil || !g.view.Known() {
		return uuid.Nil, false
	}
	return g.guesses.codes.Get(code)
}

// ask asks for a lot, and for the rows of its kin that the index can't tell.
func (g *Guess) ask(code string, lots []index.Lot, standing bool) (guessedRows, db.LotGuess) {
	rows, ask := guessedRows{lots: lots}, db.LotGuess{Code: code, Changes: changesSince(g.view)}
	if !standing {
		rows.told, _ = g.view.Rows(lots)
	}
	if rows.told == nil {
		ask.Rows = ids(lots)
	}
	return rows, ask
}

// read reads what is asked of a lot; no lot where that is another than was guessed.
func (g *Guess) read(ctx context.Context, root uuid.UUID, ask db.LotGuess) (*lot.Lot, db.LotGuessed, *changes, error) {
	got, err := db.TryLotGuess(ctx, g.guesses.pool, g.scope, ask)
	if err != nil || len(got.Lots) != 1 || got.Lots[0].ID != root {
		return nil, got, nil, err
	}
	return &lot.Lot{Lot: got.Lots[0]}, got, newChanges(got.Changes), nil
}
