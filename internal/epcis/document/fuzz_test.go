package document

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
)

// FuzzParseJSON: go test -run '^$' -fuzz FuzzParseJSON -fuzzminimizetime 20x ./internal/epcis/document
func FuzzParseJSON(f *testing.F) {
	seed(f, "*.json", "*.jsonld")
	f.Add([]byte(`[{"type":"ObjectEvent","quantityList":[{"epcClass":"a","quantity":1e-2147483649}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, e := range checkParse(t, data) {
			if e.Content[0] == '<' {
				continue // the fuzzer has found XML, whose prefixes may be declared outside the event
			}
			again, err := Parse("event", e.Content)
			if err != nil {
				t.Fatalf("an event is accepted in a list, and refused alone: %v\n%s", err, e.Content)
			}
			if got := again.Events[0].Digest; got != e.Digest {
				t.Errorf("an event has the digest %s, and alone %s:\n%s", e.Digest, got, e.Content)
			}
		}
	})
}

// FuzzParseXML: go test -run '^$' -fuzz FuzzParseXML -fuzzminimizetime 20x ./internal/epcis/document
func FuzzParseXML(f *testing.F) {
	seed(f, "*.xml")
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, data) })
}

func seed(f *testing.F, patterns ...string) {
	f.Helper()
	for _, folder := range []string{"testdata", "testdata/faults"} {
		for _, pattern := range patterns {
			paths, err := filepath.Glob(filepath.Join(folder, pattern))
			if err != nil {
				f.Fatal(err)
			}
			for _, path := range paths {
				f.Add(read(f, path))
			}
		}
	}
}

// checkParse checks what holds for every input, and returns the events of an accepted one.
func checkParse(t *testing.T, data []byte) []Event {
	t.Helper()
	if len(data) > 1<<16 {
		t.Skip("longer inputs only take longer")
	}
	start := time.Now()
	doc, err := Parse("doc", data)
	// 64 KiB take about 10 ms; anything that grows faster than its input takes minutes.
	if took := time.Since(start); took > 10*time.Second {
		t.Fatalf("%d bytes took %s", len(data), took)
	}
	if err != nil {
		checkFaults(t, doc, err)
		return nil
	}
	for i := range doc.Events {
		checkEvent(t, data, &doc.Events[i])
	}
	again, err := Parse("doc", data)
	if err != nil {
		t.Fatalf("accepted once, and then refused: %v", err)
	}
	if diff := cmp.Diff(doc, again); diff != "" {
		t.Errorf("read twice (-first +second):\n%s", diff)
	}
	return doc.Events
}

func checkFaults(t *testing.T, doc *Document, err error) {
	t.Helper()
	var list fault.List
	if doc != nil || !errors.As(err, &list) || len(list) == 0 {
		t.Fatalf("got %v and %v, want no document and a list of faults", doc, err)
	}
	for _, f := range list {
		if f.Code != fault.BadUserInput || !strings.HasPrefix(f.Field, "doc") || f.Message == "" {
			t.Errorf("fault %+v does not say where or what", f)
		}
	}
}

func checkEvent(t *testing.T, data []byte, e *Event) {
	t.Helper()
	if !slices.Contains(kinds, e.Kind) || e.Time.IsZero() && !strings.Contains(string(e.Content), "0001") || e.Offset == "" || len(e.Digest) != 64 {
		t.Errorf("an incomplete event is accepted: %+v", e)
	}
	if (e.Action == "") != (e.Kind == Transformation) {
		t.Errorf("a %s has the action %q", e.Kind, e.Action)
	}
	if !strings.Contains(string(data), string(e.Content)) || len(e.Content) == 0 {
		t.Errorf("content is not of the document: %q", e.Content)
	}
	for _, item := range slices.Concat(e.Items, e.Inputs, e.Outputs, e.Children) {
		switch {
		case strings.TrimSpace(item.EPC) == "", len(item.EPC) > maxIdentifier:
			t.Errorf("item %+v names nothing", item)
		case item.Instance && (item.Quantity != nil || item.Unit != ""):
			t.Errorf("item %+v is one thing and has a quantity", item)
		case item.Quantity != nil && (item.Quantity.Sign() < 0 || item.Quantity.Round(3).Cmp(mostQuantity) > 0):
			t.Errorf("item %+v has an impossible quantity", item)
		}
	}
}
