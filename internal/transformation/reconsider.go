package transformation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/deviation"
	"flowviz/internal/hold"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
)

// findings are why lots are to be stopped.
type findings map[uuid.UUID][]string

func (f findings) add(id uuid.UUID, why ...string) {
	if len(why) > 0 {
		f[id] = append(f[id], why...)
	}
}

// reconsider looks at what a replacement shows. What happened can't be refused, so what breaks a rule, was made of what nobody had passed, or is worse
// than was known is held: nothing goes on with it, nor with what was made of it, until a MANAGER has looked.
func (v *voiding) reconsider(ctx context.Context, with Replacement, draws []*draw) error {
	found := findings{}
	if err := v.findUnpassed(ctx, draws, found); err != nil {
		return err
	}
	if with.isOfOtherGoods() {
		r := &remaking{voiding: v, found: found}
		if err := r.remake(ctx, with.Outputs); err != nil {
			return err
		}
	}
	return v.stop(ctx, found)
}

// isOfOtherGoods reports whether a replacement says more than other amounts.
func (r Replacement) isOfOtherGoods() bool {
	return r.Inputs != nil || r.OccurredAt != nil || slices.ContainsFunc(r.Outputs, func(o Revised) bool { return o.Attributes != nil })
}

// findUnpassed finds what was made of lots that still wait for a PASS. What was shipped without one, or without the result of its laboratory, is
// stopped itself.
func (v *voiding) findUnpassed(ctx context.Context, draws []*draw, found findings) error {
	if anyTime(v.old.Kind) {
		return nil
	}
	ids := make([]uuid.UUID, len(draws))
	for i, d := range draws {
		ids[i] = d.use.ID
	}
	unpassed, err := lot.Unpassed(ctx, v.tx.Queries, ids)
	if err != nil {
		return err
	}
	for _, d := range draws {
		if unpassed[d.use.ID] {
			v.findUse(d.use, d.use.Code+" lacks the PASS of a blocking gate", found)
		}
		if v.old.Kind != db.TransformationKindSHIP {
			continue
		}
		waits, err := lot.WaitsFor(ctx, v.tx.Queries, d.use.ID)
		if err != nil {
			return err
		}
		for _, w := range waits {
			v.findUse(d.use, fmt.Sprintf("%s lacks its result at gate %s", w.Code, w.Number), found)
		}
	}
	return nil
}

// findUse finds what is wrong with what was made of a lot, or with the lot where nothing was made.
func (v *voiding) findUse(use *lot.Use, why string, found findings) {
	for _, o := range v.outputs {
		found.add(o.LotID, why)
	}
	if len(v.outputs) == 0 {
		found.add(use.ID, why)
	}
}

// stop holds what was found, each lot for its own reasons, under one deviation at each site. What is held for the same already, since an earlier correction
// showed it, isn't held again: it would be released as often as something above it was corrected.
func (v *voiding) stop(ctx context.Context, found findings) error {
	type group struct {
		site   int32
		reason string
	}
	groups := map[group][]*lot.Use{}
	ids := each(slices.Collect(maps.Keys(found)))
	uses, err := v.tx.LotsForUse(ctx, ids)
	if err != nil {
		return err
	}
	holds, err := v.tx.HoldsByLots(ctx, ids)
	if err != nil {
		return err
	}
	sites := map[int32][]string{}
	for _, row := range uses {
		if row.Lot.Status == db.LotStatusREJECTED {
			continue // final, and what was made of it is exposed to that
		}
		shows := strings.Join(slices.Compact(found[row.Lot.ID]), "; ")
		if slices.ContainsFunc(holds, func(h db.Hold) bool {
			return h.LotID == row.Lot.ID && h.EndedAt == nil && strings.HasSuffix(h.Reason, shown+shows)
		}) {
			continue
		}
		g := group{row.Lot.SiteID, v.finding(shows)}
		if len(groups[g]) == 0 {
			sites[g.site] = append(sites[g.site], g.reason)
		}
		groups[g] = append(groups[g], &lot.Use{Lot: &lot.Lot{Lot: row.Lot}, Type: row.TypeCode, TypeUnit: row.TypeUnit, Role: row.TypeRole, Exposed: row.Exposed})
	}
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		slices.Sort(sites[site])
		d := deviation.New{Site: site, Description: sites[site][0]}
		if site == v.site.ID {
			d.Run = v.old.RunID
		}
		id, err := deviation.Open(ctx, v.tx, d)
		if err != nil {
			return err
		}
		for _, reason := range sites[site] {
			if _, err := hold.Open(ctx, v.tx, site, hold.Opening{Lots: groups[group{site, reason}], Reason: reason, Deviation: id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// shown stands before what a correction shows.
const shown = " shows: "

// finding is a hold's reason.
func (v *voiding) finding(shows string) string {
	text := []rune(fmt.Sprintf("The correction of a %s of %s", v.old.Kind, v.old.OccurredAt.Format(timeLayout)) + shown + shows)
	if len(text) > command.MaxReason {
		text = append(text[:command.MaxReason-1], '…')
	}
	return string(text)
}

func lotIDs(site int32, ids []uuid.UUID) []relay.ID {
	out := make([]relay.ID, len(ids))
	for i, id := range ids {
		out[i] = relay.ID{Kind: relay.Lot, Site: site, UUID: id}
	}
	return out
}
