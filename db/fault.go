package db

import (
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"flowviz/internal/fault"
)

// constraints says, for each constraint that a caller's input can violate, what to tell them.
var constraints = map[string]fault.Error{
	"partner_gln_key":             {Code: fault.Conflict, Field: "gln", Message: "another partner of this site has this GLN"},
	"partner_identifier_key":      {Code: fault.Conflict, Field: "identifier", Message: "another partner of this site has this identifier"},
	"scenario_key_version_key":    {Code: fault.Conflict, Field: "version", Message: "this version of the scenario is there already, with other content: give the changed one a new version"},
	"scenario_published_key":      {Code: fault.Conflict, Field: "key", Message: "another version of this scenario is published: deprecate it first"},
	"site_code_key":               {Code: fault.Conflict, Field: "code", Message: "another site has this code"},
	"lot_code_key":                {Code: fault.Conflict, Field: "code", Message: "another lot of this site has this code"},
	"lot_gs1_key_key":             {Code: fault.Conflict, Field: "code", Message: "another lot of this site has this code in another spelling"},
	"lot_overdraw_check":          {Code: fault.FailedPrecondition, Field: "quantityKg", Message: "more than what remains of the lot"},
	"lot_count_overdraw_check":    {Code: fault.FailedPrecondition, Field: "quantity", Message: "more than what remains of the lot"},
	"lot_genealogy_self_check":    {Code: fault.FailedPrecondition, Field: "inputs", Message: "a lot can't be made of itself"},
	"lot_genealogy_acyclic":       {Code: fault.FailedPrecondition, Field: "inputs", Message: "a lot would be made of itself, over other lots"},
	"transformation_partner_fkey": {Code: fault.NotFound, Field: "partnerId", Message: "there is no such Partner at this site"},
	"hold_reason_check":           {Code: fault.BadUserInput, Field: "reason", Message: "give a reason of at least 10 characters"},
	"qc_decision_notes_check":     {Code: fault.BadUserInput, Field: "notes", Message: "HOLD and FAIL need notes of at least 10 characters"},
	"run_status_reason_check":     {Code: fault.BadUserInput, Field: "reason", Message: "give a reason of 10 to 500 characters"},
	"transformation_void_check":   {Code: fault.BadUserInput, Field: "reason", Message: "a voided transformation needs a reason"},
	"app_user_email_key":          {Code: fault.Conflict, Field: "email", Message: "somebody has this address already"},
	"qc_decision_subject_check":   {Code: fault.BadUserInput, Field: "lotId", Message: "a decision is about a lot, or about the line of a run"},
	"location_code_key":           {Code: fault.Conflict, Field: "code", Message: "another location of this site has this code, or had it until it ended"},
	"equipment_code_key":          {Code: fault.Conflict, Field: "code", Message: "another piece of equipment of this site has this code, or had it until it ended"},
	"product_sku_key":             {Code: fault.Conflict, Field: "sku", Message: "another product has this SKU, or had it until it ended"},
	"product_gtin_key":            {Code: fault.Conflict, Field: "gtin", Message: "another product has this GTIN, or had it until it ended: it is never given again"},
	"external_link_subject_key":   {Code: fault.Conflict, Field: "subject", Message: "another user is to be this account of the identity provider: take that back first"},
	"scenario_status_check":       {Code: fault.FailedPrecondition, Field: "scenarioId", Message: "this version has another status by now: look at it again"},
	"scenario_draft_check":        {Code: fault.FailedPrecondition, Field: "scenarioId", Message: "only a DRAFT can be changed: return this version to its author, or copy it"},
}

// Fault turns a violated constraint that the caller can mend into the *fault.Error that says so; other errors stay as
// they are.
func Fault(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.ConstraintName == "" {
		return err
	}
	if f, ok := constraints[pg.ConstraintName]; ok {
		return &f
	}
	return err
}

// NoRows reports whether a query for one row found none.
func NoRows(err error) bool {
	return errors.Is(err, pgx.ErrNoRows)
}
