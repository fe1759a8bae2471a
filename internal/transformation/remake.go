package transformation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/lot"
	"flowviz/internal/scenario/rule"
)

// remaking applies the rules of the scenario again after a correction: to the transformation that stands in the place of another, and to all that
// made something of its lots, at other sites too. What lots inherit only ever gets worse: an allergen that came in is said of all that was made, also where
// the correction takes its source away, and the earliest date counts.
type remaking struct {
	*voiding

	found findings
	books map[int32]*booking // by site
	uses  map[uuid.UUID]*lot.Use
	order []*entry // what makes a lot comes before what uses it
	worse []lot.Redescription
}

// remake applies the rules, and writes what lots are like now.
func (r *remaking) remake(ctx context.Context, revised []Revised) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	if err := r.describe(ctx, revised); err != nil {
		return err
	}
	for _, site := range slices.Sorted(maps.Keys(r.books)) {
		if err := r.books[site].lookBack(ctx); err != nil {
			return err
		}
	}
	for _, e := range r.order {
		apply := r.apply
		if !e.hasRules() {
			apply = r.inherit
		}
		if err := apply(e); err != nil {
			return err
		}
	}
	return lot.Redescribe(ctx, r.tx, r.worse)
}

// read finds the transformations, with their lots, as bookings at their sites.
func (r *remaking) read(ctx context.Context) error {
	rows, err := r.tx.MakingsBelow(ctx, outputIDs(r.outputs))
	if err != nil {
		return err
	}
	entries := make(map[uuid.UUID]*entry, len(rows))
	ids := make([]uuid.UUID, len(rows))
	var sites []int32
	for i, row := range rows {
		ids[i], sites = row.ID, append(sites, row.SiteID)
		entries[row.ID] = &entry{Recording: &Recording{Kind: row.Kind}, at: row.OccurredAt, phase: row.PhaseID, id: row.ID}
	}
	if err := r.open(ctx, sites); err != nil {
		return err
	}
	if err := r.readItems(ctx, ids, entries); err != nil {
		return err
	}
	for _, row := range rows {
		if e := entries[row.ID]; e.hasRules() {
			r.books[row.SiteID].entries = append(r.books[row.SiteID].entries, e)
		}
	}
	r.sort(rows, entries)
	return nil
}

// hasRules reports whether a transformation follows a scenario: an import's lots may be of none.
func (e *entry) hasRules() bool { return !slices.Contains(e.types, nil) }

// open opens a booking at each site.
func (r *remaking) open(ctx context.Context, ids []int32) error {
	sites, err := r.tx.SitesByIDs(ctx, ids)
	r.books = make(map[int32]*booking, len(sites))
	for _, site := range sites {
		r.books[site.ID] = &booking{tx: r.tx, site: site, library: r.library}
	}
	return err
}

// readItems reads what went in and came out, and the lots, which are locked.
func (r *remaking) readItems(ctx context.Context, ids []uuid.UUID, entries map[uuid.UUID]*entry) error {
	inputs, err := r.tx.OwnInputsByTransformations(ctx, ids)
	if err != nil {
		return err
	}
	outputs, err := r.tx.TransformationOutputsByTransformations(ctx, ids)
	if err != nil {
		return err
	}
	receipts, err := r.tx.ReceiptsByTransformations(ctx, ids)
	if err != nil {
		return err
	}
	lots := map[int32][]uuid.UUID{}
	for _, in := range inputs {
		lots[in.SiteID] = append(lots[in.SiteID], in.LotID)
	}
	for _, o := range outputs {
		lots[o.SiteID] = append(lots[o.SiteID], o.LotID)
	}
	for _, in := range receipts {
		lots[in.LotSiteID] = append(lots[in.LotSiteID], in.LotID)
	}
	r.uses = map[uuid.UUID]*lot.Use{}
	for _, site := range slices.Sorted(maps.Keys(lots)) {
		uses, err := lot.Lock(ctx, r.tx, site, lotIDs(site, each(lots[site])), func(int) string { return "transformationId" })
		if err != nil {
			return err
		}
		maps.Copy(r.uses, uses)
	}
	for _, o := range r.outputs {
		r.touched[o.LotID] = r.uses[o.LotID]
	}
	for _, in := range inputs {
		e := entries[in.TransformationID]
		e.draws = append(e.draws, &draw{use: r.uses[in.LotID], kg: in.QuantityKg, pieces: in.Quantity})
	}
	for _, in := range receipts {
		e := entries[in.TransformationID]
		e.receipts = append(e.receipts, &receipt{use: r.uses[in.LotID], kg: in.QuantityKg, pieces: in.Quantity})
	}
	return r.readTypes(ctx, outputs, entries)
}

// readTypes finds what came out is of.
func (r *remaking) readTypes(ctx context.Context, outputs []db.TransformationOutput, entries map[uuid.UUID]*entry) error {
	var products []uuid.UUID
	for _, o := range outputs {
		if of := r.uses[o.LotID].ProductID; of != nil {
			products = append(products, *of)
		}
	}
	rows, err := r.tx.ProductsByIDs(ctx, each(products))
	if err != nil {
		return err
	}
	byID := make(map[uuid.UUID]*db.Product, len(rows))
	for i, row := range rows {
		byID[row.ID] = &rows[i]
	}
	types, err := r.typesOf(ctx, outputs)
	if err != nil {
		return err
	}
	for _, o := range outputs {
		use, e := r.uses[o.LotID], entries[o.TransformationID]
		var product *db.Product
		if use.ProductID != nil {
			product = byID[*use.ProductID]
		}
		e.made, e.products, e.types = append(e.made, o.LotID), append(e.products, product), append(e.types, types[use.LotTypeID])
		e.Outputs = append(e.Outputs, Output{LotType: use.Type})
	}
	return nil
}

// typesOf finds the lot types, in the version of the scenario that was followed.
func (r *remaking) typesOf(ctx context.Context, outputs []db.TransformationOutput) (map[uuid.UUID]*lotType, error) {
	ids := make([]uuid.UUID, len(outputs))
	for i, o := range outputs {
		ids[i] = r.uses[o.LotID].LotTypeID
	}
	rows, err := r.tx.LotTypesByIDs(ctx, each(ids))
	if err != nil {
		return nil, err
	}
	types := make(map[uuid.UUID]*lotType, len(rows))
	for _, row := range rows {
		if row.ScenarioID == nil {
			continue // of an import
		}
		version, err := r.library.Version(ctx, r.tx.Queries, *row.ScenarioID)
		if err != nil {
			return nil, err
		}
		types[row.ID] = &lotType{LotTypeOf: version.LotTypeByID(row.ID), version: version}
	}
	return types, nil
}

// sort puts what makes a lot before what uses it.
func (r *remaking) sort(rows []db.Transformation, entries map[uuid.UUID]*entry) {
	makers := map[uuid.UUID][]*entry{}
	for _, row := range rows {
		for _, id := range entries[row.ID].made {
			makers[id] = append(makers[id], entries[row.ID])
		}
	}
	seen := map[*entry]bool{}
	var visit func(e *entry)
	visit = func(e *entry) {
		if seen[e] {
			return
		}
		seen[e] = true
		for _, id := range e.usedLots() {
			for _, maker := range makers[id] {
				visit(maker)
			}
		}
		r.order = append(r.order, e)
	}
	for _, row := range rows {
		visit(entries[row.ID])
	}
}

func (e *entry) usedLots() []uuid.UUID {
	var ids []uuid.UUID
	for _, d := range e.draws {
		ids = append(ids, d.use.ID)
	}
	for _, in := range e.receipts {
		ids = append(ids, in.use.ID)
	}
	return ids
}

// describe writes what the correction says that lots are like, before the rules look at it.
func (r *remaking) describe(ctx context.Context, revised []Revised) error {
	var said []lot.Redescription
	for _, o := range revised {
		if o.Attributes == nil {
			continue
		}
		use := r.uses[o.LotID.UUID]
		was, err := use.Attributes()
		if err != nil {
			return err
		}
		is := was.Corrected(*o.Attributes)
		r.found.add(use.ID, worse(*was, is)...)
		corrected, err := use.Correct(is)
		if err != nil {
			return err
		}
		said = append(said, corrected)
	}
	return lot.Redescribe(ctx, r.tx, said)
}

// apply applies the rules to a transformation, and passes on what its lots inherit.
func (r *remaking) apply(e *entry) error {
	b := r.books[r.uses[e.made[0]].SiteID]
	were := make([]*lot.Attributes, len(e.made))
	for i, id := range e.made {
		was, err := r.uses[id].Attributes()
		if err != nil {
			return err
		}
		own := *was
		own.BestBefore = nil // worked out again
		were[i], e.Outputs[i].Attributes = was, &own
	}
	t, err := b.transformation(e)
	if err != nil {
		return err
	}
	made, refused := rule.Apply(e.types[0].version.Definition, t)
	for i, id := range e.made {
		given, err := e.given(i)
		if err != nil {
			return err
		}
		for _, f := range refused {
			r.found.add(id, f.Message)
		}
		if err := r.pass(id, *were[i], inherited(given, made[i])); err != nil {
			return err
		}
	}
	return nil
}

// inherit passes on allergens alone, where no scenario says what else is.
func (r *remaking) inherit(e *entry) error {
	var allergens []string
	for _, id := range e.usedLots() {
		its, err := r.uses[id].Attributes()
		if err != nil {
			return err
		}
		allergens = append(allergens, its.Allergens...)
	}
	for _, id := range e.made {
		was, err := r.uses[id].Attributes()
		if err != nil {
			return err
		}
		is := *was
		is.Allergens = union(was.Allergens, allergens)
		if err := r.pass(id, *was, is); err != nil {
			return err
		}
	}
	return nil
}

// pass keeps what a lot is like from now on. Only of what the correction is about is worse a reason to stop the lot itself: what was made of it is exposed then.
func (r *remaking) pass(id uuid.UUID, was, is lot.Attributes) error {
	is.BestBefore = earlier(was.BestBefore, is.BestBefore)
	if was.Equal(is) {
		return nil
	}
	if slices.ContainsFunc(r.outputs, func(o db.TransformationOutput) bool { return o.LotID == id }) {
		r.found.add(id, worse(was, is)...)
	}
	corrected, err := r.uses[id].Correct(is)
	r.worse = append(r.worse, corrected)
	return err
}

func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

// worse says how a lot is worse than was known: a consumer may be harmed, or was told something else.
func worse(was, is lot.Attributes) []string {
	var why []string
	var more []string
	for _, allergen := range is.Allergens {
		if !slices.Contains(was.Allergens, allergen) {
			more = append(more, allergen)
		}
	}
	if len(more) > 0 {
		why = append(why, fmt.Sprintf("it contains %s, which was not declared", strings.Join(more, ", ")))
	}
	if a, b := was.BestBefore, is.BestBefore; a != nil && b != nil && b.Before(*a) {
		why = append(why, fmt.Sprintf("it is best before %s, not %s", b.Format(timeLayout), a.Format(timeLayout)))
	}
	for _, value := range []struct {
		name    string
		was, is *string
	}{{"species", was.Species, is.Species}, {"category", was.Category, is.Category}, {"state", was.State, is.State}, {"SKU", was.Sku, is.Sku}} {
		if value.was != nil && value.is != nil && *value.was != *value.is {
			why = append(why, fmt.Sprintf("its %s is %s, not %s", value.name, *value.is, *value.was))
		}
	}
	return why
}
