package relay_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/internal/fault"
	"flowviz/internal/relay"
)

var some = uuid.MustParse("01900000-0000-7000-8000-0000000000aa")

func TestIDsComeBack(t *testing.T) {
	t.Parallel()
	for _, id := range []relay.ID{
		{Kind: relay.Lot, Site: 1, UUID: some},
		{Kind: relay.Site, Site: 1 << 30},
		{Kind: relay.Scenario, UUID: some},
	} {
		text := id.String()
		if len(text) != relay.IDLen || strings.ContainsAny(text, "+/=") {
			t.Errorf("%v is written %q", id, text)
		}
		back, err := relay.ParseID(text)
		if err != nil || back != id {
			t.Errorf("%v came back as %v, %v", id, back, err)
		}
	}
}

func TestBadIDsAreRefused(t *testing.T) {
	t.Parallel()
	good := relay.ID{Kind: relay.Lot, Site: 1, UUID: some}.String()
	for name, text := range map[string]string{
		"empty": "", "short": good[:27], "long": good + "A", "padded": good[:26] + "==", "not base64": "!" + good[1:],
		"kind 0": "A" + "A" + good[2:], "unknown kind": "_" + good[1:], "with a newline": good[:14] + "\n" + good[14:],
		"very long": strings.Repeat("A", 10_000),
	} {
		if _, err := relay.ParseID(text); !fault.Is(err, fault.BadUserInput) || len(err.Error()) > 300 {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

func TestCursorsAreOfTheirList(t *testing.T) {
	t.Parallel()
	key, kin := relay.KeyCursor(relay.Lot, some), relay.KinCursor(7, some)
	if id, err := key.Key(relay.Lot); err != nil || id != some {
		t.Errorf("the key came back as %v, %v", id, err)
	}
	if depth, id, err := kin.Kin(); err != nil || depth != 7 || id != some {
		t.Errorf("the kin came back as %d %v, %v", depth, id, err)
	}
	for _, c := range []relay.Cursor{"", "i", kin, key[:10], key + "A", relay.EventCursor(nil), relay.KeyCursor(relay.Run, some)} {
		if _, err := c.Key(relay.Lot); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%q as a key: %v", c, err)
		}
	}
	if _, _, err := key.Kin(); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("a key as kin: %v", err)
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(relay.ID{Kind: relay.Lot, Site: 1, UUID: some}.String())
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := relay.ParseID(text); err == nil && id.String() != text {
			t.Errorf("%q is read as %v and written %q", text, id, id)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(string(relay.KeyCursor(relay.Lot, some)))
	f.Add(string(relay.KinCursor(7, some)))
	f.Fuzz(func(t *testing.T, text string) {
		c := relay.Cursor(text)
		if id, err := c.Key(relay.Lot); err == nil && relay.KeyCursor(relay.Lot, id) != c {
			t.Errorf("%q is another spelling of %q", text, relay.KeyCursor(relay.Lot, id))
		}
		if depth, id, err := c.Kin(); err == nil && (relay.KinCursor(depth, id) != c || depth < 0) {
			t.Errorf("%q is another spelling of %q", text, relay.KinCursor(depth, id))
		}
	})
}

func number(n byte) uuid.UUID { return uuid.UUID{15: n} }

// TestPages walks a list of seven rows both ways.
func TestPages(t *testing.T) {
	t.Parallel()
	list := []byte{7, 6, 5, 4, 3, 2, 1} // newest first
	read := func(p relay.Page) []byte {
		var rows []byte
		for i := range list {
			n := list[i]
			if p.Backward {
				n = list[len(list)-1-i]
			}
			if p.HasAfter && n >= p.After[15] || p.HasBefore && n <= p.Before[15] || len(rows) == int(p.Fetch()) {
				continue
			}
			rows = append(rows, n)
		}
		return rows
	}
	cursor := func(n byte) *relay.Cursor { c := relay.KeyCursor(relay.Lot, number(n)); return &c }
	three := int32(3)
	for name, tc := range map[string]struct {
		args           relay.PageArgs
		want           []byte
		next, previous bool
	}{
		"first":                   {relay.PageArgs{First: &three}, []byte{7, 6, 5}, true, false},
		"first after":             {relay.PageArgs{First: &three, After: cursor(5)}, []byte{4, 3, 2}, true, true},
		"first after, at the end": {relay.PageArgs{First: &three, After: cursor(3)}, []byte{2, 1}, false, true},
		"first between":           {relay.PageArgs{First: &three, After: cursor(7), Before: cursor(4)}, []byte{6, 5}, false, true},
		"last":                    {relay.PageArgs{Last: &three}, []byte{3, 2, 1}, false, true},
		"last before":             {relay.PageArgs{Last: &three, Before: cursor(3)}, []byte{6, 5, 4}, true, true},
		"last before, at the top": {relay.PageArgs{Last: &three, Before: cursor(5)}, []byte{7, 6}, true, false},
		"neither":                 {relay.PageArgs{}, list, false, false},
	} {
		page, err := tc.args.Page(relay.Lot)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := relay.NewConnection(page, read(page), number, func(context.Context) (int64, error) { return 7, nil })
		if diff := cmp.Diff(tc.want, c.Nodes()); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if c.PageInfo.HasNextPage != tc.next || c.PageInfo.HasPreviousPage != tc.previous {
			t.Errorf("%s: next %v, previous %v", name, c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage)
		}
		if n, err := c.TotalCount(t.Context()); n != 7 || err != nil {
			t.Errorf("%s: %d in all, %v", name, n, err)
		}
	}
}

func TestBadPagesAreRefused(t *testing.T) {
	t.Parallel()
	minus, zero, many, bad := int32(-1), int32(0), int32(relay.MaxPage+1), relay.Cursor("x")
	for name, tc := range map[string]struct {
		args  relay.PageArgs
		field string
	}{
		"negative first": {relay.PageArgs{First: &minus}, "first"},
		"negative last":  {relay.PageArgs{Last: &minus}, "last"},
		"too many":       {relay.PageArgs{First: &many}, "first"},
		"both":           {relay.PageArgs{First: &zero, Last: &zero}, "last"},
		"bad after":      {relay.PageArgs{After: &bad}, "after"},
		"bad before":     {relay.PageArgs{Before: &bad}, "before"},
	} {
		_, err := tc.args.Page(relay.Lot)
		if f := fault.Of(err); f == nil || f.Field != tc.field {
			t.Errorf("%s: %v, want a fault of %s", name, err, tc.field)
		}
	}
}

func TestDateTimes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-10-14T06:30:00Z":              `"2026-10-14T06:30:00Z"`,
		"2026-10-14T08:30:00.1234567+02:00": `"2026-10-14T06:30:00.123456Z"`,
	} {
		at, err := relay.ParseDateTime(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(relay.AppendDateTime(nil, at)); got != want {
			t.Errorf("%s is written %s, want %s", in, got, want)
		}
	}
	for _, in := range []any{"yesterday", "2026-13-01T00:00:00Z", "2026-10-14", 5, nil} {
		if _, err := relay.ParseDateTime(in); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%v: %v", in, err)
		}
	}
}

// TestKindsHaveHoles: a number that no type has is no kind, also between those that have one.
func TestKindsHaveHoles(t *testing.T) {
	t.Parallel()
	if kind, ok := relay.KindOf(""); ok {
		t.Errorf("no name is that of %s", kind)
	}
	for n := range 256 {
		kind := relay.Kind(n)
		found, named := relay.KindOf(kind.String())
		id, err := relay.ParseID(relay.ID{Kind: kind}.String())
		if named != (err == nil) || named && (found != kind || id.Kind != kind) {
			t.Errorf("%d is called %s, which is %s (%v), and read as %s (%v)", n, kind, found, named, id.Kind, err)
		}
	}
	if s := relay.Kind(255).String(); s != "Kind(255)" {
		t.Errorf("255 is called %s", s)
	}
}
