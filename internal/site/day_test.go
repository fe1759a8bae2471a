package site_test

import (
	"testing"
	"time"

	"flowviz/db"
	"flowviz/internal/site"
)

func at(zone, start string) *site.Site {
	return &site.Site{Site: db.Site{Code: "DUNA", TimeZone: zone, ProductionDayStart: start}}
}

func TestProductionDay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ zone, start, at, want string }{
		"in the morning":                      {"Europe/Budapest", "06:00:00", "2026-10-05T06:00:00+02:00", "2026-10-05"},
		"before it begins":                    {"Europe/Budapest", "06:00:00", "2026-10-05T05:59:59+02:00", "2026-10-04"},
		"at two in the night":                 {"Europe/Budapest", "06:00:00.000000", "2026-10-05T02:00:00+02:00", "2026-10-04"},
		"in another zone":                     {"Europe/Budapest", "06:00", "2026-10-05T04:00:00Z", "2026-10-05"},
		"on the first of a month":             {"Europe/Budapest", "06:00", "2026-11-01T04:59:59Z", "2026-10-31"},
		"the night of winter time":            {"Europe/Budapest", "06:00", "2026-10-25T02:30:00+01:00", "2026-10-24"},
		"the first morning with it":           {"Europe/Budapest", "06:00", "2026-10-25T06:00:00+01:00", "2026-10-25"},
		"the first morning of summer time":    {"Europe/Budapest", "06:00", "2026-03-29T06:00:00+02:00", "2026-03-29"},
		"an hour before":                      {"Europe/Budapest", "06:00", "2026-03-29T05:00:00+02:00", "2026-03-28"},
		"the hour that comes twice, first":    {"Europe/Budapest", "02:30", "2026-10-25T02:30:00+02:00", "2026-10-25"},
		"the hour that comes twice, again":    {"Europe/Budapest", "02:30", "2026-10-25T02:00:00+01:00", "2026-10-25"},
		"a start that the clock passes over":  {"Europe/Budapest", "02:30", "2026-03-29T03:00:00+02:00", "2026-03-29"},
		"the instant before":                  {"Europe/Budapest", "02:30", "2026-03-29T01:59:59+01:00", "2026-03-28"},
		"from midnight":                       {"Asia/Tokyo", "00:00", "2026-10-05T00:00:00+09:00", "2026-10-05"},
		"a day that begins late":              {"America/New_York", "23:30", "2026-10-05T23:29:00-04:00", "2026-10-04"},
		"a midnight that isn't":               {"America/Sao_Paulo", "00:00", "2018-11-04T01:00:00-02:00", "2018-11-04"},
		"half an hour of summer time":         {"Australia/Lord_Howe", "01:45", "2026-04-05T01:45:00+11:00", "2026-04-05"},
		"and its second time":                 {"Australia/Lord_Howe", "01:45", "2026-04-05T01:30:00+10:30", "2026-04-05"},
		"a zone that never changes its clock": {"UTC", "06:00", "2026-10-05T05:59:00Z", "2026-10-04"},
	} {
		instant, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := at(tc.zone, tc.start).ProductionDay(instant)
		if err != nil || got.Format(time.DateOnly) != tc.want || !got.Equal(got.Truncate(24*time.Hour)) {
			t.Errorf("%s: %s is of %s, %v; want %s", name, tc.at, got, err, tc.want)
		}
	}
}

// TestProductionDaysFollowEachOther walks through the changes of a year, quarter by quarter of an hour: a day comes once, after the
// one before it, and begins when DayBegins says.
func TestProductionDaysFollowEachOther(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Budapest", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Tehran", "UTC"} {
		for _, start := range []string{"00:30", "01:45", "02:30", "23:30"} {
			walk(t, at(zone, start), time.Date(2018, 3, 8, 0, 0, 0, 0, time.UTC), 27)
			walk(t, at(zone, start), time.Date(2018, 9, 19, 0, 0, 0, 0, time.UTC), 49)
		}
	}
}

func walk(t *testing.T, s *site.Site, instant time.Time, days int) {
	t.Helper()
	last, err := s.ProductionDay(instant)
	if err != nil {
		t.Fatal(err)
	}
	for end := instant.AddDate(0, 0, days); instant.Before(end); instant = instant.Add(15 * time.Minute) {
		day, err := s.ProductionDay(instant)
		if err != nil {
			t.Fatal(err)
		}
		if day.Equal(last) {
			continue
		}
		begins, err := s.DayBegins(day)
		if err != nil || !begins.Equal(instant) || !day.Equal(last.AddDate(0, 0, 1)) {
			t.Fatalf("%s from %s: after %s comes %s at %s; it begins at %s (%v)", s.TimeZone, s.ProductionDayStart(), last, day, instant, begins, err)
		}
		last = day
	}
}

func TestProductionDayOfAnUnknownZone(t *testing.T) {
	t.Parallel()
	if _, err := at("Europe/Atlantis", "06:00").ProductionDay(time.Time{}); err == nil {
		t.Error("no error")
	}
	if _, err := at("UTC", "6 o'clock").ProductionDay(time.Time{}); err == nil {
		t.Error("no error of a start that can't be read")
	}
}

// TestLastDay: a date is its midnight in UTC, wherever the site is; any other instant is on the day that the site's clock shows.
func TestLastDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, bestBefore, date, end string }{
		{"Europe/Budapest", "2026-10-02T00:00:00Z", "2026-10-02", "2026-10-02T22:00:00Z"},
		{"America/New_York", "2026-10-02T00:00:00Z", "2026-10-02", "2026-10-03T04:00:00Z"},
		{"Europe/Budapest", "2026-10-02T00:00:00+02:00", "2026-10-02", "2026-10-02T22:00:00Z"},
		{"Europe/Budapest", "2026-10-02T23:30:00Z", "2026-10-03", "2026-10-03T22:00:00Z"},
		{"Europe/Budapest", "2026-10-25T00:00:00Z", "2026-10-25", "2026-10-25T23:00:00Z"}, // the clocks go back
	} {
		bestBefore, err := time.Parse(time.RFC3339, c.bestBefore)
		if err != nil {
			t.Fatal(err)
		}
		date, end, err := at(c.zone, "06:00:00").LastDay(bestBefore)
		if err != nil {
			t.Fatal(err)
		}
		if got := date.Format(time.DateOnly); got != c.date {
			t.Errorf("%s in %s: %s, not %s", c.bestBefore, c.zone, got, c.date)
		}
		if got := end.UTC().Format(time.RFC3339); got != c.end {
			t.Errorf("%s in %s ends at %s, not %s", c.bestBefore, c.zone, got, c.end)
		}
	}
}
