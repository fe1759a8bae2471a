package gs1_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/gs1"
)

// documents are public EPCIS documents beside the checkout; they are no part of the project.
const documents = "../../../shared/testdata/epcis"

var identifier = regexp.MustCompile(`urn:epc:(id|idpat|class):[^\s"<>]+|https?://id\.gs1\.org/[^\s"<>]+`)

// TestPublicDocuments reads every identifier of documents that others wrote. A public generator draws SSCCs with any check
// digit, and one author's are two digits short; those are malformed, and all others are keys.
func TestPublicDocuments(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(documents); err != nil {
		t.Skipf("the public EPCIS documents are not there: %v", err)
	}
	seen := map[string]bool{}
	err := fs.WalkDir(os.DirFS(documents), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".jsonld") && !strings.HasSuffix(path, ".xml") && path != "generated-events-932.json" {
			return err
		}
		text, err := fs.ReadFile(os.DirFS(documents), path)
		if err != nil {
			return err
		}
		for _, s := range identifier.FindAllString(string(text), -1) {
			if !seen[s] {
				seen[s] = true
				checkIdentifier(t, path, s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 100 {
		t.Errorf("only %d identifiers found in %s", len(seen), documents)
	}
}

func checkIdentifier(t *testing.T, path, s string) {
	t.Helper()
	_, err := gs1.Parse(s)
	switch {
	case strings.HasPrefix(s, "urn:epc:id:gdti:"), strings.Contains(s, "/8004/"): // a document, an asset
		if !errors.Is(err, gs1.ErrNotGS1) {
			t.Errorf("%s: %s: %v; want ErrNotGS1", path, s, err)
		}
	case strings.HasPrefix(s, "urn:epc:id:sscc:08600031303."):
		if !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%s: %s: %v; want BAD_USER_INPUT", path, s, err)
		}
	case path == "generated-events-932.json" && strings.Contains(s, "/00/"):
		if number := s[len(s)-18:]; (err == nil) != (gs1.ValidSSCC(number) == nil) {
			t.Errorf("%s: %s: %v, and ValidSSCC says %v", path, s, err, gs1.ValidSSCC(number))
		}
	case err != nil:
		t.Errorf("%s: %s: %v", path, s, err)
	}
}
