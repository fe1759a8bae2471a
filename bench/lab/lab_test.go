package lab

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLaunch(t *testing.T) {
	t.Parallel()
	_, err := Launch(t.Context(), "127.0.0.1:1", "/readyz", nil, "sh", "-c", "echo no such thing; exit 3")
	wantError(t, err, "no such thing")
}

func TestReadTimes(t *testing.T) {
	t.Parallel()
	times, err := readTimes(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if times.parent != os.Getppid() || times.own < 0 {
		t.Errorf("read %+v, want parent %d", times, os.Getppid())
	}
	if _, err := readTimes(-1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such process gives %v", err)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	values := make([]time.Duration, 200)
	for i := range values {
		values[i] = time.Duration(i + 1)
	}
	got := []time.Duration{Percentile(values, 50), Percentile(values, 99), Percentile(values[:1], 50), Percentile(values[:1], 99)}
	if diff := cmp.Diff([]time.Duration{100, 198, 1, 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for want, values := range map[float64][]float64{3: {9, 1, 3}, 2.5: {4, 1, 2, 3}, 7: {7}} {
		if got := Median(values); got != want {
			t.Errorf("median of %v is %v, want %v", values, got, want)
		}
	}
}

func TestReplaceSection(t *testing.T) {
	t.Parallel()
	const beginMark, endMark = "<!-- bench-x:begin -->", "<!-- bench-x:end -->"
	doc := "before\n" + beginMark + "\nold\n" + endMark + "\nafter\n"
	for _, test := range []struct{ name, doc, want, fault string }{
		{"between the markers", doc, "before\n" + beginMark + "\nnew\n" + endMark + "\nafter\n", ""},
		{"no beginning", "text", "", "no line " + beginMark},
		{"no end", endMark + beginMark, "", "no line " + endMark},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := replaceSection(test.doc, "x", "new\n")
			wantError(t, err, test.fault)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// wantError checks that err says what is wanted; "" for no error.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("error %v", err)
	case want != "" && !strings.Contains(fmt.Sprint(err), want):
		t.Errorf("error %v, want %q", err, want)
	}
}
