package run_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/transformation"
)

// mill is a run of ready meals at its assembly, whose balance a test looks at.
type mill struct {
	*linetest.Plant
	t   *testing.T
	run uuid.UUID
}

func newMill(t *testing.T) *mill {
	t.Helper()
	p := linetest.New(t)
	m := &mill{p, t, start(t, p)}
	for range 7 {
		if err := advance(p, m.run); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// record books a transformation in the mill's run, or in none.
func (m *mill) record(kind db.TransformationKind, inRun bool, inputs []transformation.Draw, outputs ...transformation.Output) ([]uuid.UUID, error) {
	r := transformation.Recording{SiteCode: "DUNA", Kind: kind, ScenarioKey: new("chilled-ready-meal"), Inputs: inputs, Outputs: outputs}
	if inRun {
		r.RunID = new(m.RunID(m.run))
	}
	if kind == db.TransformationKindSHIP {
		r.PartnerID = &m.Customer
	}
	made, err := m.Transformations.Record(m.As(m.Operator), r)
	return made.Lots, err
}

func (m *mill) must(ids []uuid.UUID, err error) []uuid.UUID {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
	return ids
}

func out(lotType, kg string) transformation.Output {
	o := transformation.Output{LotType: lotType}
	if kg != "" {
		o.WeightKg = linetest.Kg(kg)
	}
	return o
}

func draws(d ...transformation.Draw) []transformation.Draw { return d }

// balance reads the run's balance as names and kilograms, and checks its sum.
func (m *mill) balance() string {
	m.t.Helper()
	found, err := run.NewFinder(m.Owner).MassBalances(m.t.Context(), []uuid.UUID{m.run})
	if err != nil || len(found) != 1 {
		m.t.Fatalf("%d balances: %v", len(found), err)
	}
	b := found[0]
	rest := b.InKg
	for _, kg := range []quantity.Decimal{b.ConsumedKg, b.ShippedKg, b.SampledKg, b.WastedKg, b.RemainingKg, b.LostKg, b.UnaccountedKg} {
		if rest, err = rest.Sub(kg); err != nil {
			m.t.Fatal(err)
		}
	}
	text := fmt.Sprintf("in %s = consumed %s + shipped %s + sampled %s + wasted %s + remaining %s + lost %s + unaccounted %s",
		b.InKg, b.ConsumedKg, b.ShippedKg, b.SampledKg, b.WastedKg, b.RemainingKg, b.LostKg, b.UnaccountedKg)
	if !rest.IsZero() {
		m.t.Errorf("%s is off by %s kg", text, rest)
	}
	return strings.ReplaceAll(text, ".000", "")
}

// TestMassBalanceOfARun follows the kilograms by hand.
func TestMassBalanceOfARun(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	step := func(what, want string) {
		t.Helper()
		if got := m.balance(); got != want {
			t.Errorf("%s: %s\nnot %s", what, got, want)
		}
	}
	step("nothing yet", "in 0 = consumed 0 + shipped 0 + sampled 0 + wasted 0 + remaining 0 + lost 0 + unaccounted 0")
	outside := m.Make("WIP", "50")
	wip := m.must(m.record(db.TransformationKindRECEIVE, true, nil, out("WIP", "100")))[0]
	step("received", "in 100 = consumed 0 + shipped 0 + sampled 0 + wasted 0 + remaining 100 + lost 0 + unaccounted 0")
	made := m.must(m.record(db.TransformationKindPROCESS, true, draws(m.Of(wip, "40"), m.Of(outside, "20")), out("TRAY", "50"), out("WASTE", "4")))
	step("60 kg make 50 and 4 of waste", "in 120 = consumed 0 + shipped 0 + sampled 0 + wasted 4 + remaining 110 + lost 6 + unaccounted 0")
	tray := made[0]
	m.must(m.record(db.TransformationKindSAMPLE, true, draws(m.Of(wip, "0.5")), out("SAMPLE", "0.5")))
	m.must(m.record(db.TransformationKindWASTE, true, draws(m.Of(tray, "2"))))
	step("a sample and waste", "in 120 = consumed 0 + shipped 0 + sampled 0.500 + wasted 6 + remaining 107.500 + lost 6 + unaccounted 0")
	m.must(m.record(db.TransformationKindSHIP, false, draws(m.Of(tray, "10"))))
	m.must(m.record(db.TransformationKindPROCESS, false, draws(m.Of(wip, "9.5")), out("TRAY", "9")))
	step("shipped, and used by others", "in 120 = consumed 9.500 + shipped 10 + sampled 0.500 + wasted 6 + remaining 88 + lost 6 + unaccounted 0")
	if _, err := m.Lots.TakeStock(m.As(m.Manager), lot.Stocktake{LotID: m.LotID(wip), RemainingKg: linetest.Kg("47"), Reason: "a crate stands elsewhere"}); err != nil {
		t.Fatal(err)
	}
	step("a stocktake", "in 120 = consumed 9.500 + shipped 10 + sampled 0.500 + wasted 6 + remaining 85 + lost 6 + unaccounted 3")
	unweighed := m.must(m.record(db.TransformationKindPROCESS, true, draws(m.Of(wip, "7")), out("TRAY", "")))[0]
	step("nobody has weighed it", "in 120 = consumed 9.500 + shipped 10 + sampled 0.500 + wasted 6 + remaining 78 + lost 13 + unaccounted 3")
	if _, err := m.Lots.Measure(m.As(m.Operator), lot.Measurement{LotID: m.LotID(unweighed), WeightKg: linetest.Kg("8")}); err != nil {
		t.Fatal(err)
	}
	step("it took up water", "in 120 = consumed 9.500 + shipped 10 + sampled 0.500 + wasted 6 + remaining 86 + lost 5 + unaccounted 3")
	m.void(unweighed, nil)
	step("it never was", "in 120 = consumed 9.500 + shipped 10 + sampled 0.500 + wasted 6 + remaining 85 + lost 6 + unaccounted 3")
}

// void takes back what made a lot, or says how much of it was made; refusals are left to other tests.
func (m *mill) void(id uuid.UUID, kg *quantity.Decimal) {
	m.t.Helper()
	v := transformation.Void{TransformationID: relay.ID{Kind: relay.Transformation, Site: m.Site.ID}, Reason: "it was booked wrongly"}
	if err := m.Owner.QueryRow(m.t.Context(), `SELECT t.id FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id
		WHERE o.lot_id = $1 ORDER BY t.voided_at NULLS FIRST LIMIT 1`, id).Scan(&v.TransformationID.UUID); err != nil {
		m.t.Fatal(err)
	}
	if kg != nil {
		v.Replacement = &transformation.Replacement{Outputs: []transformation.Revised{{LotID: m.LotID(id), WeightKg: kg}}}
	}
	_, _ = m.Transformations.VoidTransformation(m.As(m.Manager), v)
}

// TestMassBalancesHold does whatever comes to its mind, much of which is refused. After each step the run's kilograms add up, and so do those of
// each lot, as the items of the transformations and the log of stocktakes have them.
func TestMassBalancesHold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m, rnd := newMill(t), rand.New(rand.NewPCG(seed, 14))
			lots := m.must(m.record(db.TransformationKindRECEIVE, true, nil, out("WIP", "900"), out("ING", "400"), out("WIP", "300")))
			lots = append(lots, m.Make("WIP", "600"))
			stock := slices.Clone(lots) // of which trays are made
			lots = append(lots, m.Make("TRAY", "20"))
			kg := func(most int) *quantity.Decimal { return new(quantity.Grams(int64(1 + rnd.IntN(most*1000)))) }
			one := func() uuid.UUID { return lots[rnd.IntN(len(lots))] }
			draw := func() transformation.Draw { return transformation.Draw{LotID: m.LotID(one()), QuantityKg: kg(8)} }
			use := func() transformation.Draw {
				return transformation.Draw{LotID: m.LotID(stock[rnd.IntN(len(stock))]), QuantityKg: kg(8)}
			}
			done := 0
			for range 120 {
				m.Pass(time.Second)
				var err error
				var made []uuid.UUID
				inRun := rnd.IntN(4) > 0
				switch rnd.IntN(10) {
				case 0, 1:
					made, err = m.record(db.TransformationKindPROCESS, inRun, draws(use(), use()), out("TRAY", kg(16).String()), out("WASTE", kg(1).String()))
				case 2:
					made, err = m.record(db.TransformationKindPROCESS, inRun, draws(use()), out("TRAY", ""))
				case 3:
					made, err = m.record(db.TransformationKindSPLIT, inRun, draws(use()), out("WIP", kg(4).String()), out("WIP", kg(4).String()))
				case 4:
					_, err = m.record(db.TransformationKindSAMPLE, inRun, draws(draw()), out("SAMPLE", kg(1).String()))
				case 5:
					_, err = m.record(db.TransformationKindWASTE, inRun, draws(draw()))
				case 6:
					_, err = m.record(db.TransformationKindSHIP, inRun, draws(draw()))
				case 7:
					_, err = m.Lots.TakeStock(m.As(m.Manager), lot.Stocktake{LotID: m.LotID(one()), RemainingKg: kg(9), Reason: "counted by hand"})
				case 8:
					_, err = m.Lots.Measure(m.As(m.Operator), lot.Measurement{LotID: m.LotID(one()), WeightKg: kg(9)})
				default:
					id := one()
					if m.void(id, nil); rnd.IntN(2) == 0 {
						m.void(id, kg(20))
					}
				}
				if err == nil {
					done++
				}
				lots = append(lots, made...)
				m.balance()
				m.lotsAddUp()
			}
			if done < 40 {
				t.Errorf("only %d steps of 120 were done: that shows little", done)
			}
		})
	}
}

// lotsAddUp compares each lot's balance with the items of transformations in force, and what is unaccounted with the stocktakes in the log.
func (m *mill) lotsAddUp() {
	m.t.Helper()
	rows, err := m.Owner.Query(m.t.Context(), `
		SELECT l.id, l.weight_kg, l.remaining_kg,
			coalesce(sum(i.quantity_kg) FILTER (WHERE t.kind IN ('PROCESS', 'SPLIT', 'MERGE', 'REWORK', 'PACK')), 0)::numeric(14,3),
			coalesce(sum(i.quantity_kg) FILTER (WHERE t.kind = 'SHIP'), 0)::numeric(14,3),
			coalesce(sum(i.quantity_kg) FILTER (WHERE t.kind = 'SAMPLE'), 0)::numeric(14,3),
			coalesce(sum(i.quantity_kg) FILTER (WHERE t.kind = 'WASTE'), 0)::numeric(14,3),
			(SELECT coalesce(sum((e.before ->> 'remainingKg')::numeric - (e.after ->> 'remainingKg')::numeric), 0)
			 FROM audit_event e WHERE e.subject_id = l.id AND e.action = 'CORRECT_LOT')::numeric(14,3)
		FROM lot l
		LEFT JOIN transformation_input i ON i.lot_id = l.id AND EXISTS (SELECT FROM transformation t WHERE t.id = i.transformation_id AND t.voided_at IS NULL)
		LEFT JOIN transformation t ON t.id = i.transformation_id
		WHERE l.weight_kg IS NOT NULL
		GROUP BY l.id, l.site_id ORDER BY l.id`)
	if err != nil {
		m.t.Fatal(err)
	}
	var ids []uuid.UUID
	var want []*transformation.MassBalance
	for rows.Next() {
		b := new(transformation.MassBalance)
		if err := rows.Scan(&b.LotID, &b.InKg, &b.RemainingKg, &b.ConsumedKg, &b.ShippedKg, &b.SampledKg, &b.WastedKg, &b.UnaccountedKg); err != nil {
			m.t.Fatal(err)
		}
		ids, want = append(ids, b.LotID), append(want, b)
	}
	if err := rows.Err(); err != nil {
		m.t.Fatal(err)
	}
	got, err := transformation.NewFinder(m.Owner).MassBalances(m.t.Context(), ids)
	if err != nil {
		m.t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(quantity.Decimal.Equal)); diff != "" {
		m.t.Errorf("balances of lots (-items +balance):\n%s", diff)
	}
}
