package linetest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"

	"flowviz/internal/fault"
	"flowviz/internal/linetest"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/transformation"
)

// massCall is what one client did to one lot. Grams are kept in the model, kilograms in the API.
type massCall struct {
	lot   int
	does  string // draw, stock or read
	grams int64
}

// massAnswer is what the client was told of that lot.
type massAnswer struct {
	outcome string // done; refused, because grams remained; enough, where another lot of the same call was refused
	grams   int64
}

// massModel is a lot as a number: what remains, from which is drawn what remains, all or nothing. Each lot has a history of its own.
func massModel(weighed int64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return weighed },
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			lots := map[int][]porcupine.Operation{}
			for _, op := range history {
				i := op.Input.(massCall).lot
				lots[i] = append(lots[i], op)
			}
			var parts [][]porcupine.Operation
			for _, part := range lots {
				parts = append(parts, part)
			}
			return parts
		},
		Step: func(state, input, output any) (bool, any) {
			remains, call, answer := state.(int64), input.(massCall), output.(massAnswer)
			switch {
			case call.does == "read":
				return answer.grams == remains, remains
			case call.does == "stock":
				return true, call.grams
			case answer.outcome == "done":
				return call.grams <= remains, remains - call.grams
			case answer.outcome == "enough":
				return call.grams <= remains, remains
			}
			return answer.grams == remains && call.grams > remains, remains
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v: %+v", input, output) },
	}
}

// What many lines draw from the same lots at once is linearizable: there is an order of all that was done and refused in which each
// answer is right to the gram, refusals and their numbers included.
func TestProveMass(t *testing.T) {
	t.Parallel()
	const weighed, calls = 2_000, 100 // grams of a lot; calls a lot
	draws := size(50_000, 1_200)
	p := linetest.New(t)
	lots := make([]uuid.UUID, draws/calls)
	for i := range lots {
		lots[i] = p.Make("WIP", kg(weighed).String())
	}
	h := &massHistory{t: t, p: p, lots: lots, started: time.Now()}
	together(draws, func(client, i int) {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		switch random.IntN(20) {
		case 0:
			h.stock(client, random.IntN(len(lots)), random.Int64N(weighed+1))
		case 1:
			h.read(client, random.IntN(len(lots)))
		default:
			h.draw(client, random)
		}
	})
	if t.Failed() {
		return
	}
	result := porcupine.CheckOperations(massModel(weighed), h.ops)
	if !result {
		t.Error("no order of what was done and refused explains the answers")
	}
	outcomes := map[string]int{}
	for _, op := range h.ops {
		outcomes[op.Output.(massAnswer).outcome]++
	}
	if outcomes["done"] == 0 || outcomes["refused"] == 0 || outcomes["enough"] == 0 {
		t.Errorf("not all was tried: %v", outcomes)
	}
	h.balances()
	t.Logf("prove: %d calls of %d clients on %d lots: %d draws done, %d refused with the right number, linearizable, every gram is accounted for",
		draws, clients, len(lots), outcomes["done"], outcomes["refused"])
}

// A history that no order explains is seen: the model can say no.
func TestMassModelSeesAnOverdraw(t *testing.T) {
	t.Parallel()
	both := []porcupine.Operation{
		{ClientId: 0, Input: massCall{does: "draw", grams: 600}, Output: massAnswer{outcome: "done"}, Call: 0, Return: 10},
		{ClientId: 1, Input: massCall{does: "draw", grams: 600}, Output: massAnswer{outcome: "done"}, Call: 5, Return: 15},
	}
	if porcupine.CheckOperations(massModel(1_000), both) {
		t.Error("1,200 g of 1,000 g pass")
	}
}

// massHistory is what the clients did, and were told.
type massHistory struct {
	t       *testing.T
	p       *linetest.Plant
	lots    []uuid.UUID
	started time.Time

	mu  sync.Mutex
	ops []porcupine.Operation
}

func (h *massHistory) add(client int, called time.Duration, answers map[massCall]massAnswer) {
	returned := time.Since(h.started)
	h.mu.Lock()
	defer h.mu.Unlock()
	for call, answer := range answers {
		h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: call, Output: answer, Call: int64(called), Return: int64(returned)})
	}
}

// draw makes something of one to three lots, or takes a sample or waste of one.
func (h *massHistory) draw(client int, random *rand.Rand) {
	lotType, n := "TRAY", 1+random.IntN(3)
	if random.IntN(5) == 0 {
		lotType, n = []string{"SAMPLE", "WASTE"}[random.IntN(2)], 1
	}
	var inputs []transformation.Draw
	var calls []massCall
	var sum int64
	for _, i := range random.Perm(len(h.lots))[:n] {
		grams := 1 + random.Int64N(60)
		inputs = append(inputs, h.p.Of(h.lots[i], kg(grams).String()))
		calls = append(calls, massCall{lot: i, does: "draw", grams: grams})
		sum += grams
	}
	called := time.Since(h.started)
	_, err := h.p.TryMake(lotType, kg(sum).String(), inputs...)
	answers := map[massCall]massAnswer{}
	for i, call := range calls {
		switch {
		case err == nil:
			answers[call] = massAnswer{outcome: "done"}
		default:
			answer, ok := refusal(err, i)
			if !ok {
				h.t.Errorf("draw %+v: %v", call, err)
				return
			}
			answers[call] = answer
		}
	}
	h.add(client, called, answers)
}

var remain = regexp.MustCompile(`and ([0-9.]+) remain$`)

// refusal is what an error says of the i-th input.
func refusal(err error, i int) (massAnswer, bool) {
	faults, ok := errors.AsType[fault.List](err)
	for _, f := range faults {
		if f.Code != fault.FailedPrecondition {
			return massAnswer{}, false
		}
		if !strings.HasPrefix(f.Field, fmt.Sprintf("inputs[%d].", i)) {
			continue
		}
		if strings.HasSuffix(f.Message, "is consumed: nothing remains of it") {
			return massAnswer{outcome: "refused"}, true
		}
		number := remain.FindStringSubmatch(f.Message)
		if number == nil {
			return massAnswer{}, false
		}
		return massAnswer{outcome: "refused", grams: grams(quantity.MustParse(number[1]))}, true
	}
	return massAnswer{outcome: "enough"}, ok
}

func (h *massHistory) stock(client, i int, grams int64) {
	called := time.Since(h.started)
	_, err := h.p.Lots.TakeStock(h.p.As(h.p.Manager), lot.Stocktake{LotID: h.p.LotID(h.lots[i]), RemainingKg: new(kg(grams)), Reason: "counted anew at noon"})
	if err != nil {
		h.t.Errorf("stocktake of lot %d: %v", i, err)
		return
	}
	h.add(client, called, map[massCall]massAnswer{{lot: i, does: "stock", grams: grams}: {outcome: "counted"}})
}

func (h *massHistory) read(client, i int) {
	called := time.Since(h.started)
	remains := h.p.Lot(h.lots[i]).RemainingKg
	h.add(client, called, map[massCall]massAnswer{{lot: i, does: "read"}: {outcome: "read", grams: grams(*remains)}})
}

// balances compares each lot with the sum of what was taken of it, by SQL that shares nothing with the code.
func (h *massHistory) balances() {
	var wrong int
	err := h.p.Owner.QueryRow(h.t.Context(), `
SELECT count(*) FROM lot l WHERE l.weight_kg IS NOT NULL AND l.remaining_kg <> l.weight_kg
    - (SELECT coalesce(sum(i.quantity_kg), 0) FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id
       WHERE i.lot_id = l.id AND t.voided_at IS NULL)
    + (SELECT coalesce(sum((e.after ->> 'remainingKg')::numeric - (e.before ->> 'remainingKg')::numeric), 0) FROM audit_event e
       WHERE e.subject_id = l.id AND e.action = 'CORRECT_LOT')`).Scan(&wrong)
	if err != nil {
		h.t.Fatal(err)
	}
	if wrong > 0 {
		h.t.Errorf("of %d lots in doesn't equal what was taken, counted and remains", wrong)
	}
}

func kg(grams int64) quantity.Decimal {
	return quantity.MustParse(fmt.Sprintf("%d.%03d", grams/1_000, grams%1_000))
}

func grams(kg quantity.Decimal) int64 {
	whole, err := kg.MulQuo(quantity.FromInt(1_000), quantity.FromInt(1), 0)
	if err != nil {
		panic(err)
	}
	g, err := strconv.ParseInt(whole.String(), 10, 64)
	if err != nil {
		panic(err)
	}
	return g
}
