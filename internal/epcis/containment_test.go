package epcis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/quantity"
)

func TestContainments(t *testing.T) {
	t.Parallel()
	// Each step: hour, container, PACKED, INSIDE or UNPACKED and a lot with kilograms, or EMPTIED, or nothing.
	for name, c := range map[string]struct{ told, want []string }{
		"in":                     {[]string{"1 P PACKED a 5"}, []string{"P a 5 1-"}},
		"in and out":             {[]string{"1 P PACKED a 5", "2 P UNPACKED a 5"}, []string{"P a 5 1-2"}},
		"out of which all":       {[]string{"1 P PACKED a 5", "1 P PACKED b 1", "2 P EMPTIED"}, []string{"P a 5 1-2", "P b 1 1-2"}},
		"partly out":             {[]string{"1 P PACKED a 5", "2 P UNPACKED a 2", "3 P EMPTIED"}, []string{"P a 5 1-2", "P a 3 2-3"}},
		"out, nobody says what":  {[]string{"1 P PACKED a 5", "2 P UNPACKED a ?"}, []string{"P a 5 1-2"}},
		"more in":                {[]string{"1 P PACKED a 5", "2 P PACKED a 2"}, []string{"P a 7 1-"}},
		"seen inside":            {[]string{"1 P PACKED a 5", "2 P INSIDE a 5", "2 P INSIDE b ?"}, []string{"P a 5 1-", "P b ? 2-"}},
		"out of what is empty":   {[]string{"1 P UNPACKED a 5", "2 P EMPTIED"}, nil},
		"in again":               {[]string{"1 P PACKED a 5", "2 P EMPTIED", "3 P PACKED a 5"}, []string{"P a 5 1-2", "P a 5 3-"}},
		"at one instant":         {[]string{"1 P PACKED a 5", "1 P UNPACKED a 5"}, nil},
		"partly at one instant":  {[]string{"1 P PACKED a 5", "1 P UNPACKED a 2"}, []string{"P a 3 1-"}},
		"two containers":         {[]string{"1 P PACKED a 5", "2 Q PACKED a 2", "3 Q EMPTIED"}, []string{"P a 5 1-", "Q a 2 2-3"}},
		"in itself":              {[]string{"1 P PACKED P 5"}, nil},
		"an event without lots":  {[]string{"1 P PACKED a 5", "2 P"}, []string{"P a 5 1-"}},
		"one thing, told twice":  {[]string{"1 P PACKED a !", "2 P PACKED a !"}, []string{"P a 1 1-"}},
		"one thing, seen to go ": {[]string{"1 P PACKED a !", "2 P UNPACKED a !"}, []string{"P a 1 1-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := make([]db.PackingByContainersRow, len(c.told))
			for i, s := range c.told {
				rows[i] = packing(s)
			}
			stays, err := containments(rows)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range stays {
				got = append(got, written(s))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func packing(step string) db.PackingByContainersRow {
	f := strings.Fields(step)
	row := db.PackingByContainersRow{ContainerID: uuid.UUID{f[1][0]}, ContainerRole: string(container), OccurredAt: hour(f[0])}
	switch {
	case len(f) == 3:
		row.ContainerRole = string(emptied)
	case len(f) == 5:
		instance := f[4] == "!"
		row.Role, row.LotID, row.Instance = &f[2], &uuid.UUID{f[3][0]}, &instance
		unit := each
		switch one := quantity.FromInt(1); f[4] {
		case "!":
			row.Quantity, row.Unit = &one, &unit
		case "?":
		default:
			kg := quantity.MustParse(f[4])
			row.QuantityKg = &kg
		}
	}
	return row
}

func hour(s string) time.Time { return time.Date(2026, 3, 1, int(s[0]-'0'), 0, 0, 0, time.UTC) }

func written(s stay) string {
	amount := "?"
	if s.kg != nil {
		amount = s.kg.String()
	} else if s.count != nil {
		amount = s.count.String()
	}
	until := ""
	if s.removed != nil {
		until = fmt.Sprint(s.removed.Hour())
	}
	return fmt.Sprintf("%c %c %s %d-%s", s.container[0], s.lot[0], amount, s.added.Hour(), until)
}
