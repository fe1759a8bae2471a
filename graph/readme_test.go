package graph_test

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadmeIsTrue asks the README's query of the demo history: the answer is the README's.
func TestReadmeIsTrue(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(language string) []byte {
		found := regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(readme, -1)
		if len(found) != 1 {
			t.Fatalf("README.md has %d blocks of %s, want 1", len(found), language)
		}
		return found[0][1]
	}
	_, answer, _ := ask(t, demoHandler(t), string(block("graphql")), nil)
	var got, want any
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(block("json"), &want); err != nil {
		t.Fatalf("the README's answer: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's query has another answer (-README +answer):\n%s", diff)
	}
}
