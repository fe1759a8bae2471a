package lab

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

const (
	resultDir = "bench/results"
	docFile   = "docs/performance.md"
)

// Write stores what a benchmark measured as bench/results/<name>.json, with further files such as its picture beside it, and puts
// its section into docs/performance.md, between the markers of make's target bench-<name>.
func Write(name string, result any, section string, others map[string]string) error {
	data, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	files := map[string]string{name + ".json": string(data) + "\n", name + ".md": section}
	maps.Copy(files, others)
	for file, content := range files {
		if err := writeFile(filepath.Join(resultDir, file), content); err != nil {
			return err
		}
	}
	doc, err := os.ReadFile(docFile)
	if err != nil {
		return err
	}
	updated, err := replaceSection(string(doc), name, section)
	if err != nil {
		return fmt.Errorf("%s: %w", docFile, err)
	}
	return writeFile(docFile, updated)
}

func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

// replaceSection puts text between the document's markers.
func replaceSection(doc, name, text string) (string, error) {
	beginMark, endMark := fmt.Sprintf("<!-- bench-%s:begin -->", name), fmt.Sprintf("<!-- bench-%s:end -->", name)
	head, rest, ok := strings.Cut(doc, beginMark)
	if !ok {
		return "", fmt.Errorf("no line %s", beginMark)
	}
	_, tail, ok := strings.Cut(rest, endMark)
	if !ok {
		return "", fmt.Errorf("no line %s after %s", endMark, beginMark)
	}
	return head + beginMark + "\n" + strings.TrimSpace(text) + "\n" + endMark + tail, nil
}
