package linetest_test

import (
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

// wild is how many of a hundred commands ask for what the plant's people would not: any lot at all, or more than remains.
const wild = 8

// isUsable holds for lots of which something may be made.
const isUsable = `l.status = 'RELEASED' AND NOT l.held AND NOT l.announced AND coalesce(l.remaining_kg, l.remaining_quantity) > 0
	AND NOT EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.ended_at IS NULL)`

// ids reads what could be the object of a command, in an order that doesn't depend on ids, which are other ones each time.
func (w *work) ids(query string, args ...any) []uuid.UUID {
	w.t.Helper()
	rows, err := w.p.Owner.Query(w.p.As(w.p.Operator), query, args...)
	w.must(err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	w.must(err)
	return ids
}

// one picks one of what could be the object; ok is false where there is nothing.
func (w *work) one(query string, args ...any) (id uuid.UUID, ok bool) {
	w.t.Helper()
	ids := w.ids(query, args...)
	if len(ids) == 0 {
		return uuid.Nil, false
	}
	return of(w, ids, "which"), true
}

// lot picks a lot that fulfils a condition, in SQL about l and its type t; now and then any lot.
func (w *work) lot(where string, args ...any) (uuid.UUID, bool) {
	w.t.Helper()
	if w.chance(wild) {
		where, args = "true", nil
	}
	return w.one("SELECT l.id FROM lot l JOIN lot_type t ON t.id = l.lot_type_id WHERE "+where+" ORDER BY l.code", args...)
}

// usable picks a lot of one of some types of which something may be made; now and then one that is stopped.
func (w *work) usable(types ...string) (uuid.UUID, bool) {
	w.t.Helper()
	if w.chance(wild) { // what must be refused
		if id, ok := w.one("SELECT l.id FROM lot l JOIN lot_type t ON t.id = l.lot_type_id WHERE t.code = ANY($1) AND NOT ("+isUsable+") AND l.remaining_kg > 0 ORDER BY l.code", types); ok {
			return id, true
		}
	}
	return w.lot("t.code = ANY($1) AND "+isUsable, types)
}

// beside picks another lot that could be used together with a lot: it is of the same species.
func (w *work) beside(id uuid.UUID, types ...string) (uuid.UUID, bool) {
	w.t.Helper()
	return w.lot("t.code = ANY($1) AND l.id <> $2 AND l.attributes ->> 'species' = (SELECT o.attributes ->> 'species' FROM lot o WHERE o.id = $2) AND "+isUsable, types, id)
}

// run picks a run that is in one of some states.
func (w *work) run(states ...string) (uuid.UUID, bool) {
	w.t.Helper()
	return w.one("SELECT id FROM run WHERE status::text = ANY($1) ORDER BY code", states)
}

// madeIn are the phases that first make lots of a type.
var madeIn = map[string]int{"RAW": 1, "PKG": 1, "MIX": 2, "REWORK": 2, "FG": 3, "PAL": 4, "SAMPLE": 1, "WASTE": 1}

// inRun names a run whose phase has come to where lots of a type are made; often none.
func (w *work) inRun(lotType string) *relay.ID {
	w.t.Helper()
	if w.chance(30) {
		return nil
	}
	id, ok := w.one("SELECT r.id FROM run r JOIN phase p ON p.id = r.phase_id WHERE r.status = 'RUNNING' AND p.number >= $1 ORDER BY r.code", madeIn[lotType])
	if !ok {
		return nil
	}
	return new(w.p.RunID(id))
}

// part draws some of what remains of a lot; all of it in half of the cases, and now and then more.
func (w *work) part(id uuid.UUID) (transformation.Draw, quantity.Decimal) {
	w.t.Helper()
	l := w.p.Lot(id)
	if l.RemainingQuantity != nil {
		pieces := quantity.FromInt(rapid.Int64Range(1, 20).Draw(w.t, "pieces"))
		return transformation.Draw{LotID: w.p.LotID(id), Quantity: &pieces}, kg(1_000)
	}
	if l.RemainingKg == nil || l.RemainingKg.Sign() <= 0 {
		return w.p.Of(id, "1"), kg(1_000)
	}
	remains := grams(*l.RemainingKg)
	some := remains
	switch {
	case w.chance(wild / 2):
		some = remains + rapid.Int64Range(1, 1_000).Draw(w.t, "more")
	case w.chance(60):
		some = rapid.Int64Range(1, remains).Draw(w.t, "grams")
	}
	return w.p.Of(id, kg(some).String()), kg(some)
}

// less is some of so many kilograms: what comes out.
func (w *work) less(all quantity.Decimal) *quantity.Decimal {
	w.t.Helper()
	g := grams(all)
	if g < 2 {
		return &all
	}
	return new(kg(rapid.Int64Range((g+1)/2, g).Draw(w.t, "out")))
}

// why is a reason, seldom too short to be one.
func (w *work) why() string {
	if w.chance(wild / 4) {
		return "  because   "
	}
	return "it was seen by everybody " + strings.Repeat("!", rapid.IntRange(0, 3).Draw(w.t, "marks"))
}

func (w *work) id(kind relay.Kind, id uuid.UUID) relay.ID {
	return relay.ID{Kind: kind, Site: w.p.Site.ID, UUID: id}
}

func sum(a, b quantity.Decimal) quantity.Decimal { return kg(grams(a) + grams(b)) }
