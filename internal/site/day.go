package site

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // also where a machine has no time zones
)

// clockLayout is how the start of the production day is written.
const clockLayout = "15:04"

// ProductionDayStart is when the production day begins, HH:MM by the site's clock.
func (s *Site) ProductionDayStart() string {
	hour, minute, _ := strings.Cut(s.Site.ProductionDayStart, ":") // PostgreSQL adds seconds
	minute, _, _ = strings.Cut(minute, ":")
	return hour + ":" + minute
}

// ProductionDay is the civil date, at midnight in UTC, of the production day that an instant belongs to: with a day that begins at
// 06:00, what is made at 02:00 belongs to the day before. Days follow each other without gap or overlap, also where clocks
// are changed.
func (s *Site) ProductionDay(t time.Time) (time.Time, error) {
	c, err := s.clock()
	if err != nil {
		return time.Time{}, err
	}
	local := t.In(c.zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	if t.Before(c.begins(day)) {
		day = day.AddDate(0, 0, -1)
	}
	return day, nil
}

// DayBegins is the instant at which the production day of a civil date begins: the first at which the site's clock shows the
// day's start or later.
func (s *Site) DayBegins(day time.Time) (time.Time, error) {
	c, err := s.clock()
	if err != nil {
		return time.Time{}, err
	}
	return c.begins(day), nil
}

// LastDay is the civil date, at midnight in UTC, that a lot is good for, and the instant at which that day ends by the site's clock. Dates are kept
// as their midnight in UTC; any other instant is on the day that the site's clock shows.
func (s *Site) LastDay(bestBefore time.Time) (date, end time.Time, err error) {
	c, err := s.clock()
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	shown := bestBefore.UTC()
	if !shown.Equal(shown.Truncate(24 * time.Hour)) {
		shown = bestBefore.In(c.zone)
	}
	date = time.Date(shown.Year(), shown.Month(), shown.Day(), 0, 0, 0, 0, time.UTC)
	return date, time.Date(shown.Year(), shown.Month(), shown.Day()+1, 0, 0, 0, 0, c.zone), nil
}

// clock is a site's local time, and when its production day begins.
type clock struct {
	zone         *time.Location
	hour, minute int
}

func (s *Site) clock() (clock, error) {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return clock{}, fmt.Errorf("load the time zone of site %s: %w", s.Code, err)
	}
	start, err := time.Parse(clockLayout, s.ProductionDayStart())
	if err != nil {
		return clock{}, fmt.Errorf("read when the production day of site %s begins: %w", s.Code, err)
	}
	return clock{zone, start.Hour(), start.Minute()}, nil
}

// begins reads the clock as it stood half a day before: of an hour that comes twice that is the first, and an hour that is left out
// lies behind the change.
func (c clock) begins(day time.Time) time.Time {
	wall := time.Date(day.Year(), day.Month(), day.Day(), c.hour, c.minute, 0, 0, time.UTC)
	_, before := wall.Add(-12 * time.Hour).In(c.zone).Zone()
	at := wall.Add(-time.Duration(before) * time.Second).In(c.zone)
	changed, _ := at.ZoneBounds()
	if _, offset := at.Zone(); offset == before || changed.IsZero() {
		return at
	}
	// The clock was changed before it showed the start. Forward: either it passed over the start, and the day begins with the
	// change, or it shows the start earlier than expected.
	_, after := at.Zone()
	if sooner := wall.Add(-time.Duration(after) * time.Second).In(c.zone); !sooner.Before(changed) {
		return sooner
	}
	return changed
}
