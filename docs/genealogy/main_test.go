package main

import (
	"bytes"
	"os"
	"testing"
)

// TestPictureIsTrue: the committed picture is what the golden file gives, and the golden file is what the API answers.
func TestPictureIsTrue(t *testing.T) {
	t.Parallel()
	golden, err := os.Open("../../graph/testdata/trace/picture.txtar")
	if err != nil {
		t.Fatal(err)
	}
	defer golden.Close()
	var drawn bytes.Buffer
	if err := draw(&drawn, golden); err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../genealogy.svg")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(drawn.Bytes(), committed) {
		t.Error("docs/genealogy.svg is not what graph/testdata/trace/picture.txtar says: run `make picture`")
	}
}
