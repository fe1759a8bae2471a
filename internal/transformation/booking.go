package transformation

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/equipment"
	"flowviz/internal/fault"
	"flowviz/internal/lot"
	"flowviz/internal/quantity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/scenario/rule"
	"flowviz/internal/site"
)

// booking is recordings on their way into the books, step by step.
type booking struct {
	tx      *command.Tx
	site    db.Site
	library *scenario.Library
	entries []*entry
	runs    map[uuid.UUID]*db.Run
	types   map[asked]foundType
	uses    map[uuid.UUID]*lot.Use
	left    map[uuid.UUID]quantity.Decimal // of what is drawn from: what remains, kilograms or pieces
	// What rules ask of what lots were made of: see lookBack.
	made     map[uuid.UUID]time.Time
	carriers map[uuid.UUID]map[string][]rule.Carrier
	born     []*lot.Lot // new lots that a check of the line may have passed already
}

// entry is one recording with what was found for it.
type entry struct {
	*Recording

	path       string
	at         time.Time
	run        *db.Run
	phase      *uuid.UUID    // the run's
	types      []*lotType    // of the outputs
	products   []*db.Product // of the outputs; nil where nobody said
	draws      []*draw
	receipts   []*receipt       // what came from another site
	attributes []lot.Attributes // of the outputs, with what they inherit
	id         uuid.UUID
	made       []uuid.UUID
	codes      []string
	announced  []*lot.Use   // of the outputs; nil for new lots
	keys       []*string    // GS1 keys of the outputs; nil for none
	places     []*uuid.UUID // where the outputs lie; nil where nobody said
	statuses   []db.LotStatus
}

// lotType is what an output is of, in the version of the scenario that is followed.
type lotType struct {
	*scenario.LotTypeOf

	version *scenario.Version
	phase   *uuid.UUID // that creates it in the run
}

// draw is what goes in of a lot: kilograms or pieces.
type draw struct {
	use        *lot.Use
	kg, pieces *quantity.Decimal
	empties    bool
}

func (e *entry) runKey() *uuid.UUID {
	if e.run == nil {
		return nil
	}
	return &e.run.ID
}

func (e *entry) field(name string) string { return e.path + name }

// check finds what is wrong with the recordings by themselves.
func (b *booking) check(context.Context) error {
	var faults fault.List
	for _, e := range b.entries {
		e.at = b.tx.At
		if e.OccurredAt != nil {
			e.at = e.OccurredAt.UTC().Truncate(time.Microsecond)
		}
		faults = append(faults, e.Recording.check(e.path, b.tx.At)...)
		code, err := equipment.Code(e.Equipment, e.field("equipment"))
		if f := fault.Of(err); f != nil {
			faults = append(faults, f)
		}
		e.Equipment = code
	}
	return faults.Err()
}

// findEquipment refuses equipment that the site doesn't list.
func (b *booking) findEquipment(ctx context.Context) error {
	named := make([]equipment.Named, len(b.entries))
	for i, e := range b.entries {
		named[i] = equipment.Named{Code: e.Equipment, Field: e.field("equipment"), At: e.at}
	}
	faults, err := equipment.Require(ctx, b.tx, b.site.ID, named...)
	if err != nil {
		return err
	}
	return faults.Err()
}

// findRuns finds the runs, which must be running. That they go on running is the site's lock's: what stops a run takes it alone.
func (b *booking) findRuns(ctx context.Context) error {
	var faults fault.List
	var ids []uuid.UUID
	for _, e := range b.entries {
		if e.RunID == nil {
			continue
		}
		if err := e.RunID.Require(relay.Run, e.field("runId")); err != nil {
			faults = append(faults, fault.All(err)...)
			continue
		}
		ids = append(ids, e.RunID.UUID)
	}
	if len(ids) == 0 {
		return faults.Err()
	}
	found, err := b.tx.RunsByIDs(ctx, ids)
	if err != nil {
		return err
	}
	for i, r := range found {
		if r.SiteID == b.site.ID {
			b.runs[r.ID] = &found[i]
		}
	}
	for _, e := range b.entries {
		if e.RunID == nil || e.RunID.Kind != relay.Run {
			continue
		}
		e.run = b.runs[e.RunID.UUID]
		switch {
		case e.run == nil:
			faults = append(faults, fault.New(fault.NotFound, e.field("runId"), "there is no such run at %s", b.site.Code))
		case e.run.Status != db.RunStatusRUNNING:
			faults = append(faults, fault.New(fault.FailedPrecondition, e.field("runId"), "%s is %s: only in a running one is something made", e.run.Code, e.run.Status))
		default:
			e.phase = &e.run.PhaseID
		}
	}
	return faults.Err()
}

// findTypes finds what the outputs are of: lot types of the run's scenario, or of a published one.
func (b *booking) findTypes(ctx context.Context) error {
	var faults fault.List
	for _, e := range b.entries {
		for i, o := range e.Outputs {
			if o.LotID != nil || e.RunID != nil && e.run == nil { // known when it is locked: takeUp; or never, since nobody knows whose type it is
				e.types = append(e.types, nil)
				continue
			}
			found, err := b.findType(ctx, e, o.LotType)
			if err != nil {
				return err
			}
			at := e.path + e.outputPath(i)
			if found.fault != nil {
				faults = append(faults, fault.New(found.fault.Code, at+"lotType", "%s", found.fault.Message))
			} else {
				faults = append(append(faults, b.fits(o, found.kind, at)...), e.keepsIn(found.kind, at+"lotType")...)
			}
			e.types = append(e.types, found.kind)
		}
	}
	return faults.Err()
}

// fits refuses an amount that a lot of the type can't have; at stands before the names of the output's fields.
func (b *booking) fits(o Output, kind *lotType, at string) fault.List {
	switch {
	case kind.Unit == definition.UnitEach && o.WeightKg != nil:
		return fault.List{fault.BadInput(at+"weightKg", "%s is counted: give quantity", kind.Code)}
	case kind.Unit != definition.UnitEach && o.Quantity != nil:
		return fault.List{fault.BadInput(at+"quantity", "%s is weighed: give weightKg", kind.Code)}
	}
	var most *quantity.Decimal
	if kind.MaxLotKg > 0 {
		most = new(quantity.FromInt(int64(kind.MaxLotKg)))
	}
	return lot.CheckWeight(at+"weightKg", o.WeightKg, b.site, kind.Code, most)
}

// keepsIn refuses goods that a SAMPLE or a WASTE would make: these may be taken also of what is stopped, and goods would come past its gates so.
func (e *entry) keepsIn(kind *lotType, field string) fault.List {
	if !anyTime(e.Kind) || kind.Role == definition.RoleSample || kind.Role == definition.RoleWaste {
		return nil
	}
	return fault.List{fault.BadInput(field, "%s leaves samples or waste alone, and %s has the role %s: record what is made of it as a PROCESS", e.Kind, kind.Code, kind.Role)}
}

// foundType is a lot type, or why there is none.
type foundType struct {
	kind  *lotType
	fault *fault.Error
}

// asked is what a lot type is found by.
type asked struct {
	run       uuid.UUID
	keyed     bool
	key, code string
}

// findType looks for each type once, however many lots are of it.
func (b *booking) findType(ctx context.Context, e *entry, code string) (foundType, error) {
	by := asked{code: code}
	if e.run != nil {
		by.run = e.run.ID
	} else if e.ScenarioKey != nil {
		by.keyed, by.key = true, *e.ScenarioKey
	}
	if found, ok := b.types[by]; ok {
		return found, nil
	}
	found, err := b.lookUpType(ctx, e, code)
	if err == nil {
		b.types[by] = found
	}
	return found, err
}

func (b *booking) lookUpType(ctx context.Context, e *entry, code string) (foundType, error) {
	if e.run != nil {
		version, err := b.library.Version(ctx, b.tx.Queries, e.run.ScenarioID)
		if err != nil {
			return foundType{}, err
		}
		return typeInRun(version, e.run, code), nil
	}
	published, err := b.tx.PublishedLotTypes(ctx, db.PublishedLotTypesParams{Code: code, Key: e.ScenarioKey})
	if err != nil {
		return foundType{}, err
	}
	switch len(published) {
	case 0:
		return foundType{fault: fault.New(fault.NotFound, "", "no published scenario has the lot type %q", code)}, nil
	case 1:
		version, err := b.library.Version(ctx, b.tx.Queries, published[0].ScenarioID)
		if err != nil {
			return foundType{}, err
		}
		return foundType{kind: &lotType{LotTypeOf: version.LotType(code), version: version}}, nil
	}
	keys := make([]string, len(published))
	for i, t := range published {
		keys[i] = t.Key
	}
	return foundType{fault: fault.BadInput("", "several scenarios have %s: name the run, or a scenarioKey: one of %s", code, strings.Join(keys, ", "))}, nil
}

// typeInRun finds a lot type that the run makes: in its phase or an earlier one.
func typeInRun(version *scenario.Version, r *db.Run, code string) foundType {
	kind := version.LotType(code)
	if kind == nil {
		return foundType{fault: fault.New(fault.NotFound, "", "scenario %s %s has no lot type %q", version.Definition.Key, version.Definition.Version, code)}
	}
	now := version.PhaseByID(r.PhaseID)
	made := lotType{LotTypeOf: kind, version: version}
	first := -1
	for _, phase := range version.Phases {
		if !slices.Contains(phase.Creates, code) {
			continue
		}
		if first < 0 {
			first = phase.Number
		}
		if phase.Number <= now.Number {
			made.phase = &phase.ID
		}
	}
	if made.phase == nil && first >= 0 {
		return foundType{fault: fault.New(fault.FailedPrecondition, "", "%s is made in phase %d, and %s is in phase %d: advance it first", code, first, r.Code, now.Number)}
	}
	if made.phase == nil {
		return foundType{fault: fault.New(fault.FailedPrecondition, "", "no phase of scenario %s makes %s", version.Definition.Key, code)}
	}
	return foundType{kind: &made}
}

// lock locks all that goes in, and announced lots that come out.
func (b *booking) lock(ctx context.Context) error {
	var ids []relay.ID
	var fields []string
	for _, e := range b.entries {
		for i, in := range e.Inputs {
			ids, fields = append(ids, in.LotID), append(fields, e.path+e.inputField(i))
		}
	}
	inputs := len(ids)
	for _, e := range b.entries {
		for i, o := range e.Outputs {
			if o.LotID != nil {
				ids, fields = append(ids, *o.LotID), append(fields, e.path+e.outputPath(i)+"lotId")
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if len(ids) > inputs {
		if err := b.tx.Link(ctx); err != nil {
			return err
		}
	}
	uses, err := lot.Lock(ctx, b.tx, b.site.ID, ids, func(i int) string { return fields[i] })
	b.uses = uses
	return err
}

// coder numbers lots of an entry.
func (b *booking) coder(e *entry) (lot.Coder, error) {
	day, err := (&site.Site{Site: b.site}).ProductionDay(e.at)
	return lot.Coder{SiteID: b.site.ID, SiteCode: b.site.Code, Day: day}, err
}
