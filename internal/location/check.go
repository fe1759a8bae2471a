package location

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

const (
	maxName     = 200
	maxLotTypes = 100
)

// What a lot's temperature can be, in °C.
var (
	coldest = quantity.FromInt(-50)
	hottest = quantity.FromInt(100)
	// mostKg is what numeric(12,3) holds.
	mostKg = quantity.MustParse("999999999.999")
)

// aCode is what location_code_check says.
var aCode = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,19}$`)

// checkCode refuses what is no code of a location.
func checkCode(code string) fault.List {
	if aCode.MatchString(code) {
		return nil
	}
	return fault.List{fault.BadInput("code", "give 1 to 20 capital letters, digits and dashes, no dash first")}
}

// check finds what is wrong with a location as it would be.
func check(is db.Location) fault.List {
	var faults fault.List
	bad := func(field, format string, args ...any) {
		faults = append(faults, fault.BadInput(field, format, args...))
	}
	if n := utf8.RuneCountInString(is.Name); n < 1 || n > maxName {
		bad("name", "give 1 to %d characters", maxName)
	}
	if is.Kind != db.LocationKindBUFFER {
		buffers := func(field string, given bool) {
			if given {
				bad(field, "only a BUFFER has this: leave it out")
			}
		}
		buffers("lotTypes", is.LotTypes != nil)
		buffers("capacityKg", is.CapacityKg != nil)
		buffers("temperatureMinC", is.TemperatureMinC != nil)
		buffers("temperatureMaxC", is.TemperatureMaxC != nil)
		return faults
	}
	if n := len(is.LotTypes); n < 1 || n > maxLotTypes {
		faults = append(faults, fault.Bounded("lotTypes", n, maxLotTypes, "name the lot types that may lie in the buffer, 1 to %d", maxLotTypes))
	}
	if is.CapacityKg == nil || is.CapacityKg.Sign() <= 0 || is.CapacityKg.Cmp(mostKg) > 0 || !exact(*is.CapacityKg, 3) {
		bad("capacityKg", "a buffer needs a capacity above 0 and up to %s kg, with at most 3 decimals", mostKg)
	}
	degrees := func(field string, c *quantity.Decimal) bool {
		if c == nil || c.Cmp(coldest) < 0 || c.Cmp(hottest) > 0 || !exact(*c, 2) {
			bad(field, "a buffer needs a band of temperatures within %s to %s °C, with at most 2 decimals", coldest, hottest)
			return false
		}
		return true
	}
	lower, upper := degrees("temperatureMinC", is.TemperatureMinC), degrees("temperatureMaxC", is.TemperatureMaxC)
	if lower && upper && is.TemperatureMinC.Cmp(*is.TemperatureMaxC) > 0 {
		bad("temperatureMaxC", "is below temperatureMinC, %s °C", is.TemperatureMinC)
	}
	return faults
}

// exact reports whether a number has no more decimals.
func exact(d quantity.Decimal, decimals int) bool { return d.Equal(d.Round(decimals)) }

// checkLotTypes names the codes that no scenario has.
func checkLotTypes(ctx context.Context, tx *command.Tx, codes []string) (fault.List, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	unknown, err := tx.UnknownLotTypes(ctx, codes)
	if err != nil {
		return nil, err
	}
	missing := map[string]bool{}
	for _, code := range unknown {
		missing[code] = true
	}
	var faults fault.List
	for i, code := range codes {
		if missing[code] {
			faults = append(faults, fault.BadInput(fmt.Sprintf("lotTypes[%d]", i), "no scenario has a lot type %q", code))
		}
	}
	return faults, nil
}

// once leaves out what is named again.
func once(codes []string) []string {
	if codes == nil {
		return nil
	}
	seen, out := map[string]bool{}, []string{}
	for _, code := range codes {
		if code = strings.TrimSpace(code); !seen[code] {
			out = append(out, code)
		}
		seen[code] = true
	}
	return out
}
