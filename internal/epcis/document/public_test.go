package document

import (
	"encoding/json"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// public holds EPCIS documents that nobody of this project wrote. It lies beside the checkout and is no part of it.
const public = "../../../../shared/testdata/epcis"

// publicName is the name that expected.json has for a document.
var publicName = map[string]string{
	"epcisquerydoc-example01.jsonld":           "epcisquerydoc-example01",
	"traceback_tests.jsonld":                   "traceback_tests",
	"Example_9.6.4-TransformationEvent.jsonld": "gs1-9.6.4",
	"fsma204/transformation-cte.jsonld":        "fsma204-transformation",
	"generated-events-932.json":                "openepcis-generated-932",
}

// publicEvents counts the events of the documents that expected.json doesn't name.
var publicEvents = map[string]map[Kind]int{
	"Example_9.6.4-TransformationEventWithDigitalLink.jsonld": {Transformation: 1},
	"querydoc_example01.xml":                                  {Object: 10, Transformation: 3, Aggregation: 4},
	"eventhash/epcisDocWithVariousEventTypes.jsonld":          {Object: 4, Aggregation: 4, Transaction: 2, Transformation: 3},
	"fsma204/cooling-cte.jsonld":                              {Object: 3},
	"fsma204/first-land-based-receiver-cte.jsonld":            {Object: 1},
	"fsma204/harvest-cte.jsonld":                              {Object: 2},
	"fsma204/initial-packing-cte.jsonld":                      {Object: 4, Transformation: 1},
	"fsma204/receiving-cte.jsonld":                            {Aggregation: 1, Transformation: 1},
	"fsma204/shipping-cte.jsonld":                             {Object: 1, Aggregation: 1, Transformation: 1},
}

func publicDocuments(t testing.TB) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(public, func(path string, d fs.DirEntry, err error) error {
		switch filepath.Ext(path) {
		case ".json", ".jsonld", ".xml":
			if d.Name() != "expected.json" {
				paths = append(paths, path)
			}
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Skipf("no public EPCIS documents in %s, which is no part of this project: %v", public, err)
	}
	return paths
}

func TestPublicDocuments(t *testing.T) {
	t.Parallel()
	paths := publicDocuments(t)
	var expected map[string]struct{ Events map[Kind]int }
	if err := json.Unmarshal(read(t, filepath.Join(public, "expected.json")), &expected); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		file, err := filepath.Rel(public, path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			want := publicEvents[file]
			if name, ok := publicName[file]; ok {
				want = expected[name].Events
			}
			got := map[Kind]int{}
			digests := map[string]int{}
			for _, e := range parseFile(t, path).Events {
				got[e.Kind]++
				if first := digests[e.Digest]; first != 0 {
					t.Errorf("lines %d and %d have the same digest", first, e.Line)
				}
				digests[e.Digest] = e.Line
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("events by type (-want +got):\n%s", diff)
			}
		})
	}
}
