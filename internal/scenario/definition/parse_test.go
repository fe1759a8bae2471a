package definition_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"flowviz/internal/fault"
	"flowviz/internal/scenario/definition"
)

func soup(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/soup.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// faultCase is a case of testdata/faults.txt, which says how to read one.
type faultCase struct {
	name   string
	edited string
	want   string
}

func faultCases(t testing.TB) []faultCase {
	t.Helper()
	data, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []faultCase
	for _, text := range strings.Split(string(data), "\n== ")[1:] {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		c := faultCase{name: lines[0], edited: soup(t)}
		lines = lines[1:]
		for len(lines) > 0 && strings.HasPrefix(lines[0], "- ") {
			var out, in string
			out, lines = cutPrefixed(lines, "- ")
			in, lines = cutPrefixed(lines, "+ ")
			if n := strings.Count(c.edited, out); n != 1 {
				t.Fatalf("%s: soup.json has %d times:\n%s", c.name, n, out)
			}
			c.edited = strings.Replace(c.edited, out, in, 1)
		}
		c.want = strings.Join(lines, "\n")
		cases = append(cases, c)
	}
	return cases
}

// cutPrefixed takes the lines that begin with a prefix from the head of the list.
func cutPrefixed(lines []string, prefix string) (text string, rest []string) {
	n := 0
	for n < len(lines) && strings.HasPrefix(lines[n], prefix) {
		n++
	}
	return strings.ReplaceAll("\n"+strings.Join(lines[:n], "\n"), "\n"+prefix, "\n")[1:], lines[n:]
}

func TestParseNamesEveryFault(t *testing.T) {
	t.Parallel()
	for _, c := range faultCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := definition.Parse("soup.json", []byte(c.edited))
			if err == nil {
				t.Fatal("Parse found no fault")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("faults differ (-want +got):\n%s", diff)
			}
			checkFaults(t, c.edited, err)
		})
	}
}

// checkFaults holds every error to what Parse promises: a list, each entry the user's to mend, on a line of the document.
func checkFaults(t *testing.T, document string, err error) {
	t.Helper()
	var list fault.List
	if !errors.As(err, &list) || len(list) == 0 {
		t.Fatalf("Parse returned %T, not faults: %v", err, err)
	}
	last := 0
	for _, f := range list {
		_, number, _ := strings.Cut(f.Field, ":")
		line, err := strconv.Atoi(number)
		switch {
		case f.Code != fault.BadUserInput || f.Message == "":
			t.Errorf("not a fault of the input: %+v", f)
		case err != nil || line < max(last, 1) || line > 1+strings.Count(document, "\n"):
			t.Errorf("line of %q after %d, of %d", f.Field, last, 1+strings.Count(document, "\n"))
		}
		last = line
	}
}

// TestParseRefusesWhatFitsNowhere puts an odd object in the place of each value in turn.
func TestParseRefusesWhatFitsNowhere(t *testing.T) {
	t.Parallel()
	var document any
	if err := json.Unmarshal([]byte(soup(t)), &document); err != nil {
		t.Fatal(err)
	}
	odd := map[string]any{"odd": nil}
	tried := 0
	try := func(place string) {
		tried++
		data, err := json.MarshalIndent(document, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := definition.Parse("odd.json", data); err == nil {
			t.Errorf("an odd object at %s was accepted", place)
		} else {
			checkFaults(t, string(data), err)
		}
	}
	var walk func(place string, value any)
	walk = func(place string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				here := place + "." + name
				value[name] = odd
				try(here)
				value[name] = member
				walk(here, member)
			}
		case []any:
			for i, entry := range value {
				here := fmt.Sprintf("%s[%d]", place, i)
				value[i] = odd
				try(here)
				value[i] = entry
				walk(here, entry)
			}
		}
	}
	walk("", document)
	if tried < 300 {
		t.Errorf("only %d places were tried", tried)
	}
}

func TestParseReadsWholeDocumentsOnly(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	for name, c := range map[string]struct{ document, want string }{
		"nothing":       {"", "f.json:1: empty: write one JSON object"},
		"blank lines":   {"\n\n", "f.json:1: empty: write one JSON object"},
		"a mark alone":  {"\ufeff", "f.json:1: empty: write one JSON object"},
		"a list":        {"\n[]", "f.json:2: must be an object, not a list"},
		"a text":        {`"x"`, "f.json:1: must be an object, not a text"},
		"null":          {"null", "f.json:1: must be an object, not null"},
		"half a text":   {"{\n\"key", "f.json:2: no JSON: unexpected end of JSON input"},
		"UTF-16":        {"\xff\xfe{\x00}\x00", "f.json:1: not UTF-8 here: save the file in that encoding"},
		"Latin-2":       {"{\n\"hu\": \"H\xfbt\xf5\"}", "f.json:2: not UTF-8 here: save the file in that encoding"},
		"too much":      {"{" + strings.Repeat(" ", 256<<10) + "}", "f.json:1: 262146 bytes, more than the 262144 that a definition may have"},
		"XML":           {"<?xml version=\"1.0\"?>", "f.json:1: no JSON: invalid character '<' looking for beginning of value"},
		"bottomless":    {deep, "f.json:1: a: no field of this name here: remove it, or correct it to one of buffers, description,"},
		"far too deep":  {strings.Repeat("[", 20000), "f.json:1: no JSON: invalid character '[' exceeded max depth"},
		"two documents": {"{}\n{}", "f.json:2: no JSON: invalid character '{' after top-level value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := definition.Parse("f.json", []byte(c.document))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("Parse: %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestParseTakesOtherEncodingsOfTheSame(t *testing.T) {
	t.Parallel()
	want := parse(t, soup(t))
	for name, document := range map[string]string{
		"byte order mark":    "\ufeff" + soup(t),
		"CRLF":               strings.ReplaceAll(soup(t), "\n", "\r\n"),
		"escaped letters":    strings.ReplaceAll(soup(t), "ő", `\u0151`),
		"whole as decimal":   strings.Replace(soup(t), `"days": 5`, `"days": 5.0`, 1),
		"decimals at no end": strings.Replace(soup(t), `"tempMaxC": 4`, `"tempMaxC": 4.00`, 1),
	} {
		if document == soup(t) {
			t.Errorf("%s: nothing changed", name)
		}
		if diff := cmp.Diff(want, parse(t, document)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func parse(t testing.TB, document string) *definition.Scenario {
	t.Helper()
	s, err := definition.Parse("soup.json", []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestScenarioKeepsItsJSON: what is stored is what was written, member by member.
func TestScenarioKeepsItsJSON(t *testing.T) {
	t.Parallel()
	documents := map[string]string{"soup": soup(t)}
	for _, key := range []string{"doner-frozen", "stirred-yoghurt", "chilled-ready-meal"} {
		data, err := os.ReadFile("../catalogue/" + key + ".json")
		if err != nil {
			t.Fatal(err)
		}
		documents[key] = string(data)
	}
	for name, document := range documents {
		stored, err := json.Marshal(parse(t, document))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(generic(t, document), generic(t, string(stored))); diff != "" {
			t.Errorf("%s (-written +stored):\n%s", name, diff)
		}
		var again definition.Scenario
		if err := json.Unmarshal(stored, &again); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(parse(t, document), &again); diff != "" {
			t.Errorf("%s (-parsed +read back):\n%s", name, diff)
		}
	}
}

// generic is a document without Go types, its numbers as they are written.
func generic(t *testing.T, document string) any {
	t.Helper()
	var v any
	dec := json.NewDecoder(bytes.NewReader([]byte(document)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(soup(f)))
	for _, c := range faultCases(f) {
		f.Add([]byte(c.edited))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := definition.Parse("f.json", data)
		if err != nil {
			checkFaults(t, string(data), err)
			return
		}
		stored, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := definition.Parse("stored", stored)
		if err != nil {
			t.Fatalf("what was accepted is refused when it comes back: %v", err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Errorf("read back differently:\n%s", diff)
		}
	})
}
