package relay

import (
	"time"

	"flowviz/internal/fault"
)

// TimeRange is a span of time; either end may be open.
type TimeRange struct {
	From   *time.Time // not earlier
	Before *time.Time // earlier
}

// Bounds are both ends, nil where open; of a nil range too.
func (r *TimeRange) Bounds() (from, before *time.Time) {
	if r == nil {
		return nil, nil
	}
	return r.From, r.Before
}

// AppendDateTime appends the instant as a quoted JSON string in UTC, to the microsecond, as PostgreSQL keeps it.
func AppendDateTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, "2006-01-02T15:04:05.999999Z07:00")
	return append(b, '"')
}

// ParseDateTime reads an RFC 3339 instant of any zone.
func ParseDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if ok {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.BadInput("", "%q is no date and time: write RFC 3339, such as 2026-10-14T06:30:00Z", v)
}
