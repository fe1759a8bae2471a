package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowviz/bench/lab"
)

// TestMeasureGrowth has one who answers at once, and one who takes 20 ms.
func TestMeasureGrowth(t *testing.T) {
	t.Parallel()
	at := func(delay time.Duration) grown {
		s := stub(t, rawName, func(w http.ResponseWriter, _ *http.Request) { time.Sleep(delay); _, _ = io.WriteString(w, "x") })
		return grown{bench: bench{client: lab.NewClient(1), clients: 1, postmaster: os.Getpid()}, api: s}
	}
	g := group{question: question{name: "ancestors"}, name: "about 90", lots: []lot{{}}}
	growth, err := measureGrowth(t.Context(), options{rounds: 1, seconds: 0.05}, [2]grown{at(0), at(20 * time.Millisecond)}, [2]group{g, g})
	if err != nil {
		t.Fatal(err)
	}
	if growth.Name != "ancestors, about 90" || growth.P50[1] < 20 || growth.Ratio != growth.P50[1]/growth.P50[0] {
		t.Errorf("measured %+v", growth)
	}
}

func TestLacks(t *testing.T) {
	t.Parallel()
	const gb = 1_000_000_000
	if why := lacks(10_000_000, 1_500, 15*gb); !strings.Contains(why, "15.0 GB on disk") {
		t.Errorf("without anything to spare it says %q", why)
	}
	if why := lacks(10_000_000, 1_500, 17*gb); why != "" {
		t.Errorf("where there is room it says %q", why)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "below"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"a", "below/b"} {
		if err := os.WriteFile(filepath.Join(dir, file), make([]byte, 1_000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := size(dir); n != 2_000 || err != nil {
		t.Errorf("%d bytes, error %v", n, err)
	}
}

func TestScaleRows(t *testing.T) {
	t.Parallel()
	s := &Scale{Lots: [2]int{100_000, 10_000_000}, MemoryMB: [2]int{90, 900}, Orders: []Slowest{{"genealogy", 70, 33}}, Growths: []Growth{{Name: "ancestors, about 90", P50: [2]float64{2, 3}, Ratio: 1.5, Promised: 1.3}}}
	var all []string
	for _, row := range s.rows() {
		all = append(all, strings.Join(row, "|"))
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{"3.00 ms / 2.00 ms = 1.50|≤ 1.3", "70 times genealogy of a lot in 1300 orders|33.0 ms|≤ 100 ms", "at 100000 lots|90 MB|≤ 512 MB", "at 10000000 lots|900 MB|≤ 2048 MB"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	s.Missing = "no room"
	if rows := s.rows(); len(rows) != 1 || rows[0][1] != "not measured: no room" {
		t.Errorf("what is missing isn't told: %v", rows)
	}
}
