package equipment

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/relay"
)

const (
	maxName   = 200
	maxPhase  = 999
	maxPhases = 100
)

// aCode is what equipment_code_check says.
var aCode = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,19}$`)

// Creation is new equipment as somebody gives it.
type Creation struct {
	SiteCode     string
	Code         string
	Name         string
	Kind         db.EquipmentKind
	LocationCode *string
	Phases       []int32 // numbers

	IdempotencyKey *string
}

// Changes are what is to become different about equipment: what is nil stays, an empty LocationCode takes it from its place.
type Changes struct {
	EquipmentID  relay.ID
	Name         *string
	Kind         *db.EquipmentKind
	LocationCode *string
	Phases       []int32 // numbers: the whole list

	IdempotencyKey *string
}

// End is equipment that is to be used no more.
type End struct {
	EquipmentID    relay.ID
	IdempotencyKey *string
}

func check(is db.Equipment) fault.List {
	var faults fault.List
	if n := utf8.RuneCountInString(is.Name); n < 1 || n > maxName {
		faults = append(faults, fault.BadInput("name", "give 1 to %d characters", maxName))
	}
	if n := len(is.Phases); n > maxPhases {
		return append(faults, fault.Bounded("phases", n, maxPhases, "at most %d", maxPhases))
	}
	for i, number := range is.Phases {
		if number < 0 || number > maxPhase {
			faults = append(faults, fault.BadInput(fmt.Sprintf("phases[%d]", i), "give a phase's number, 0 to %d", maxPhase))
		}
	}
	return faults
}

// Create makes equipment of a site, and returns its id; it takes a MANAGER there, as locations do. BAD_USER_INPUT names each bad
// field, NOT_FOUND a site or location that isn't there for the caller, FORBIDDEN a site where they are less, CONFLICT a code that
// other equipment of the site has, FAILED_PRECONDITION a location that has ended.
func (s *Service) Create(ctx context.Context, c Creation) (uuid.UUID, error) {
	row := db.Equipment{Code: c.Code, Name: strings.TrimSpace(c.Name), Kind: c.Kind, Phases: numbers(c.Phases)}
	faults := check(row)
	if !aCode.MatchString(c.Code) {
		faults = append(faults, fault.BadInput("code", "give 1 to 20 capital letters, digits and dashes, no dash first"))
	}
	if err := faults.Err(); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "createEquipment", Key: c.IdempotencyKey, Input: c}, func(tx *command.Tx) (uuid.UUID, error) {
		site, err := tx.Site(ctx, c.SiteCode, identity.Manage)
		if err != nil {
			return uuid.Nil, err
		}
		var place *string
		if row.LocationID, place, err = locate(ctx, tx, site.ID, c.LocationCode); err != nil {
			return uuid.Nil, err
		}
		made, err := tx.InsertEquipment(ctx, db.InsertEquipmentParams{
			ID: tx.NewID(), SiteID: site.ID, Code: row.Code, Name: row.Name, Kind: row.Kind, LocationID: row.LocationID, Phases: row.Phases,
		})
		if err != nil {
			return uuid.Nil, err
		}
		after := values(made, place)
		after["code"] = made.Code
		return made.ID, tx.Changed(audit.Entry{Site: site.ID, Action: audit.CreateEquipment, Subject: globalID(made), Label: made.Code}, nil, after)
	})
}

// Change changes equipment, and returns its id; it takes a MANAGER at its site. Its faults are Create's, and FAILED_PRECONDITION where
// it has ended.
func (s *Service) Change(ctx context.Context, c Changes) (uuid.UUID, error) {
	if err := c.EquipmentID.Require(relay.Equipment, "equipmentId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "changeEquipment", Key: c.IdempotencyKey, Input: c}, func(tx *command.Tx) (uuid.UUID, error) {
		was, stood, err := lock(ctx, tx, c.EquipmentID)
		if err != nil {
			return uuid.Nil, err
		}
		is, stands := was, stood
		if c.Name != nil {
			is.Name = strings.TrimSpace(*c.Name)
		}
		if c.Kind != nil {
			is.Kind = *c.Kind
		}
		if c.Phases != nil {
			is.Phases = numbers(c.Phases)
		}
		faults := check(is)
		if c.LocationCode != nil {
			is.LocationID, stands, err = locate(ctx, tx, was.SiteID, c.LocationCode)
			if f := fault.Of(err); f != nil {
				faults = append(faults, f)
			} else if err != nil {
				return uuid.Nil, err
			}
		}
		if err := faults.Err(); err != nil {
			return uuid.Nil, err
		}
		return update(ctx, tx, audit.ChangeEquipment, is, values(was, stood), values(is, stands))
	})
}

// End ends equipment for good, and returns its id; it takes a MANAGER at its site. It stands nowhere any more.
func (s *Service) End(ctx context.Context, e End) (uuid.UUID, error) {
	if err := e.EquipmentID.Require(relay.Equipment, "equipmentId"); err != nil {
		return uuid.Nil, err
	}
	return command.Do(ctx, s.commands, command.Call{Mutation: "endEquipment", Key: e.IdempotencyKey, Input: e}, func(tx *command.Tx) (uuid.UUID, error) {
		was, stood, err := lock(ctx, tx, e.EquipmentID)
		if err != nil {
			return uuid.Nil, err
		}
		is := was
		is.LocationID, is.EndedAt = nil, &tx.At
		return update(ctx, tx, audit.EndEquipment, is, values(was, stood), values(is, nil))
	})
}

// numbers are phases in order, each once; never nil, for the column isn't.
func numbers(phases []int32) []int32 {
	out := append([]int32{}, phases...)
	slices.Sort(out)
	return slices.Compact(out)
}

// locate finds where equipment is to stand; nowhere where code is nil or empty.
func locate(ctx context.Context, tx *command.Tx, site int32, code *string) (*uuid.UUID, *string, error) {
	if code == nil || *code == "" {
		return nil, nil, nil
	}
	at, err := location.ByCode(ctx, tx, site, *code, "locationCode")
	if err != nil {
		return nil, nil, err
	}
	return &at.ID, &at.Code, nil
}

// lock finds equipment where the actor manages, and the code of the location where it stands, and keeps others from changing it.
func lock(ctx context.Context, tx *command.Tx, id relay.ID) (db.Equipment, *string, error) {
	row, err := tx.EquipmentForChange(ctx, db.EquipmentForChangeParams{ID: id.UUID, SiteID: id.Site})
	if err := tx.MayChange(err, id, "equipmentId"); err != nil {
		return row, nil, err
	}
	if row.EndedAt != nil {
		return row, nil, fault.New(fault.FailedPrecondition, "equipmentId", "%s has ended: it changes no more", row.Code)
	}
	if row.LocationID == nil {
		return row, nil, nil
	}
	at, err := tx.LocationsByIDs(ctx, []uuid.UUID{*row.LocationID})
	if err != nil || len(at) == 0 {
		return row, nil, err
	}
	return row, &at[0].Code, nil
}

func update(ctx context.Context, tx *command.Tx, action audit.Action, is db.Equipment, before, after audit.Fields) (uuid.UUID, error) {
	is, err := tx.UpdateEquipment(ctx, db.UpdateEquipmentParams{
		ID: is.ID, SiteID: is.SiteID, Name: is.Name, Kind: is.Kind, LocationID: is.LocationID, Phases: is.Phases, EndedAt: is.EndedAt,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return is.ID, tx.Changed(audit.Entry{Site: is.SiteID, Action: action, Subject: globalID(is), Label: is.Code}, before, after)
}
