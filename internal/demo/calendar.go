package demo

import (
	"fmt"
	"time"
)

// The demo's month. Its dates are fixed, so that the codes of its lots are always the same.
const (
	year  = 2026
	month = time.October
	// lastDay has the last runs, which are still going on when the history ends.
	lastDay day = 30
)

// day is a calendar day of the demo's month, 1 to 31; those above are in November.
type day int

// holiday is 23 October, a public holiday in Hungary. In 2026 it is a Friday.
const holiday day = 23

func (d day) weekday() time.Weekday {
	return time.Date(year, month, int(d), 0, 0, 0, 0, time.UTC).Weekday()
}

// rests tells the days on which nothing is made.
func (d day) rests() bool { return d.weekday() == time.Sunday || d == holiday }

// short tells the days with one shift only.
func (d day) short() bool { return d.weekday() == time.Saturday }

// next is the following day on which something is made.
func (d day) next() day {
	for d++; d.rests(); d++ {
	}
	return d
}

// clock is a plant's local time.
type clock struct{ zone *time.Location }

// at is a time of day; minutes may go beyond the hour, and hours beyond the day.
func (c clock) at(d day, hour, minute int) time.Time {
	return time.Date(year, month, int(d), hour, minute, 0, 0, c.zone)
}

// startsAt is when the production day begins: a lot made at 02:00 belongs to the day before.
const startsAt = 6 * time.Hour

// productionDay is midnight of the production day that an instant belongs to.
func (c clock) productionDay(t time.Time) time.Time {
	t = t.In(c.zone)
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, c.zone)
	if time.Duration(t.Hour())*time.Hour < startsAt {
		return midnight.AddDate(0, 0, -1)
	}
	return midnight
}

// bestBefore is the date so many days after the production day of an instant: midnight, where it begins.
func (c clock) bestBefore(t time.Time, days int) time.Time {
	return c.productionDay(t).AddDate(0, 0, days)
}

func loadClock(name string) (clock, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return clock{}, fmt.Errorf("load the demo's time zone: %w", err)
	}
	return clock{zone}, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
