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

	root  uuid.UUID // whose kin were asked for; the nil id for nobody's
	asked Question
	kin   []Kin
	rows  []lot.Row
}

// Of is a guess for who may see the scope. The view must be taken before.
func (g *Guesses) Of(scope db.Scope, view index.View) *Guess {
	return &Guess{guesses: g, scope: scope, view: view}
}

// Lot is the one with a code, whose kin it keeps for Kin; nil where that can't be guessed, or was guessed wrong.
func (g *Guess) Lot(ctx context.Context, code string, q Question) (*lot.Lot, error) {
	if g == nil {
		return nil, nil //nolint:nilnil // none
	}
	root, ok := g.guesses.codes.Get(code)
	if !ok || !g.view.Known() || q.MaxDepth == 0 || q.Most == WithoutRows {
		return nil, nil //nolint:nilnil // none
	}
	kin := known(g.view, root, q.Direction, q.MaxDepth)
	try := db.LotGuess{Code: code, Descendants: q.Direction == Descendants, KnownAncestorRowsParams: db.KnownAncestorRowsParams{
		Known: lots(root, kin), Most: q.Most, KnownAt: g.view.Instant().At, KnownIn: g.view.Instant().In,
	}}
	found, rows, err := db.TryLotGuess(ctx, g.guesses.pool, g.scope, try)
	if err != nil || len(found) != 1 || found[0].ID != root || len(rows) == 0 {
		return nil, err
	}
	g.root, g.asked, g.kin, g.rows = root, q, kin, without(rows, root)
	return &lot.Lot{Lot: found[0]}, nil
}

// Remember says which lot has a code, for the next time.
func (g *Guess) Remember(code string, id uuid.UUID) {
	if _, err := gs1.Parse(code); err != nil && g != nil {
		g.guesses.codes.Add(code, id)
	}
}

// Kin are those that came with the lot; false where they didn't.
func (g *Guess) Kin(root uuid.UUID, q Question) (kin []Kin, rows []lot.Row, ok bool) {
	if g == nil || g.root != root || g.asked != q {
		return nil, nil, false
	}
	return g.kin, g.rows, true
}

// without leaves a row out.
func without(rows []lot.Row, id uuid.UUID) []lot.Row {
	for i := range rows {
		if rows[i].ID == id {
			rows[i] = rows[len(rows)-1]
			return rows[:len(rows)-1]
		}
	}
	return rows
}
