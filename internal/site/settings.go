package site

import (
	"strings"
	"time"
	"unicode/utf8"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/gs1"
	"flowviz/internal/quantity"
)

const (
	maxName     = 200
	maxAddress  = 500
	maxApproval = 100
)

// What a lot may weigh at most, in kg: everywhere, and where a site asks for more.
var (
	leastMaxLotKg = quantity.FromInt(10_000)
	mostMaxLotKg  = quantity.FromInt(1_000_000)
)

// Settings are what a site is like, as somebody gives it: nil leaves a value as it is, an empty text takes it away where it may be
// absent.
type Settings struct {
	Name               *string
	TimeZone           *string
	ProductionDayStart *string
	GLN                *string
	Address            *string
	ApprovalNumber     *string
	CompanyPrefix      *string
	MaxLotKg           *quantity.Decimal
}

// check finds all that is wrong with the values given.
func (s Settings) check() fault.List {
	var faults fault.List
	bad := func(field, format string, args ...any) {
		faults = append(faults, fault.BadInput(field, format, args...))
	}
	given := func(text *string) bool { return text != nil && *text != "" }
	if s.Name != nil {
		if n := utf8.RuneCountInString(strings.TrimSpace(*s.Name)); n < 1 || n > maxName {
			bad("name", "give 1 to %d characters", maxName)
		}
	}
	if s.TimeZone != nil && !isZone(*s.TimeZone) {
		bad("timeZone", "there is no time zone %q: give an IANA name, such as Europe/Budapest", clip(*s.TimeZone))
	}
	if s.ProductionDayStart != nil {
		if t, err := time.Parse(clockLayout, *s.ProductionDayStart); err != nil || t.Format(clockLayout) != *s.ProductionDayStart {
			bad("productionDayStart", "give a time of day from 00:00 to 23:59")
		}
	}
	if given(s.GLN) {
		if _, err := gs1.ReadGLN(*s.GLN); err != nil {
			bad("gln", "%v", err)
		}
	}
	if s.Address != nil && utf8.RuneCountInString(*s.Address) > maxAddress {
		bad("address", "at most %d characters", maxAddress)
	}
	if s.ApprovalNumber != nil && utf8.RuneCountInString(*s.ApprovalNumber) > maxApproval {
		bad("approvalNumber", "at most %d characters", maxApproval)
	}
	if given(s.CompanyPrefix) {
		if err := gs1.ValidCompanyPrefix(*s.CompanyPrefix); err != nil {
			bad("companyPrefix", "%v", err)
		}
	}
	if s.MaxLotKg != nil && (s.MaxLotKg.Cmp(leastMaxLotKg) < 0 || s.MaxLotKg.Cmp(mostMaxLotKg) > 0 || !s.MaxLotKg.Equal(s.MaxLotKg.Round(3))) {
		bad("maxLotKg", "give %s to %s kg, with at most 3 decimals", leastMaxLotKg, mostMaxLotKg)
	}
	return faults
}

// isZone refuses what Go takes for UTC or for the machine's own zone.
func isZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// clip keeps a quoted input short in a message.
func clip(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// of are the settings on a site as it was.
func (s Settings) of(was db.Site) db.UpdateSiteParams {
	is := db.UpdateSiteParams{
		ID: was.ID, Name: was.Name, TimeZone: was.TimeZone, ProductionDayStart: was.ProductionDayStart, MaxLotKg: was.MaxLotKg,
		GLN: command.Text(was.GLN, s.GLN), Address: command.Text(was.Address, s.Address),
		ApprovalNumber: command.Text(was.ApprovalNumber, s.ApprovalNumber), CompanyPrefix: command.Text(was.CompanyPrefix, s.CompanyPrefix),
	}
	if is.GLN != nil {
		if gln, err := gs1.ReadGLN(*is.GLN); err == nil { // check refused what is none
			is.GLN = &gln
		}
	}
	if s.Name != nil {
		is.Name = strings.TrimSpace(*s.Name)
	}
	if s.TimeZone != nil {
		is.TimeZone = *s.TimeZone
	}
	if s.ProductionDayStart != nil {
		is.ProductionDayStart = *s.ProductionDayStart
	}
	if s.MaxLotKg != nil {
		is.MaxLotKg = *s.MaxLotKg
	}
	return is
}

// values are a site's settings by the API's names.
func values(row db.Site) audit.Fields {
	return audit.Fields{
		"name": row.Name, "timeZone": row.TimeZone, "productionDayStart": (&Site{row}).ProductionDayStart(), "gln": row.GLN,
		"address": row.Address, "approvalNumber": row.ApprovalNumber, "companyPrefix": row.CompanyPrefix, "maxLotKg": row.MaxLotKg.Round(3),
	}
}
