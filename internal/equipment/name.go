package equipment

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
)

const maxCode = 100 // characters, as of any code: a site that lists no equipment may call it what it likes

// Named is what something was made or checked on, as the caller says.
type Named struct {
	Code  *string // nil where nobody said
	Field string
	At    time.Time // when
}

// Code is a code as the caller wrote it, without the blanks around it: BAD_USER_INPUT on the field where nothing remains, or too much. Two spellings of one
// machine would keep its checks from what was made on it. Nil stays nil.
func Code(given *string, field string) (*string, error) {
	if given == nil {
		return nil, nil //nolint:nilnil // nobody said
	}
	code := strings.TrimSpace(*given)
	if n := utf8.RuneCountInString(code); n < 1 || n > maxCode {
		return nil, fault.BadInput(field, "give 1 to %d characters, or leave it out", maxCode)
	}
	return &code, nil
}

// Require says which equipment the site doesn't have, or no longer had then; codes are as Code gives them. Where a site has listed none at all, any may
// be named.
func Require(ctx context.Context, tx *command.Tx, site int32, named ...Named) (fault.List, error) {
	named = slices.DeleteFunc(slices.Clone(named), func(n Named) bool { return n.Code == nil })
	if len(named) == 0 {
		return nil, nil
	}
	codes := make([]string, len(named))
	for i, n := range named {
		codes[i] = *n.Code
	}
	rows, err := tx.EquipmentByCodes(ctx, db.EquipmentByCodesParams{Codes: codes, SiteID: site})
	if err != nil {
		return nil, err
	}
	found := make(map[string]db.Equipment, len(rows))
	for _, row := range rows {
		found[row.Code] = row
	}
	var faults fault.List
	for _, n := range named {
		switch row, ok := found[*n.Code]; {
		case !ok:
			faults = append(faults, fault.New(fault.NotFound, n.Field, "the site has no equipment %q: name one that it lists, or leave it out", *n.Code))
		case row.EndedAt != nil && row.EndedAt.Before(n.At):
			faults = append(faults, fault.New(fault.FailedPrecondition, n.Field, "%s has ended: name equipment that was there", row.Code))
		}
	}
	if len(rows) > 0 || len(faults) == 0 {
		return faults, nil
	}
	if lists, err := tx.HasEquipment(ctx, site); err != nil || !lists {
		return nil, err
	}
	return faults, nil
}
