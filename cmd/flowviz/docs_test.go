package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var docs = []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"}

// TestMakeTargetsAreDocumented: CONTRIBUTING.md names each target that `make help` lists, and none that isn't there.
func TestMakeTargetsAreDocumented(t *testing.T) {
	t.Parallel()
	var targets []string
	for _, match := range regexp.MustCompile(`(?m)^([a-z-]+):.*## `).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets = append(targets, match[1])
		if !strings.Contains(read(t, "CONTRIBUTING.md"), "\n| `make "+match[1]+"` |") {
			t.Errorf("the table of CONTRIBUTING.md has no row for `make %s`", match[1])
		}
	}
	for _, doc := range docs {
		for _, match := range regexp.MustCompile("`make ([a-z-]+)").FindAllStringSubmatch(read(t, doc), -1) {
			if !slices.Contains(targets, match[1]) {
				t.Errorf("%s: `make help` lists no %s", doc, match[1])
			}
		}
	}
}

// TestPathsInDocsExist: what the documents write in backticks, or link to, and looks like a path of the repository is one.
// A path may begin at any folder; * stands for a part of a name, and so does <noun>.
func TestPathsInDocsExist(t *testing.T) {
	t.Parallel()
	paths := repositoryPaths(t)
	for _, doc := range docs {
		text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(read(t, doc), "")
		var names []string
		for _, match := range regexp.MustCompile("`([^`\\s]+)`").FindAllStringSubmatch(text, -1) {
			if looksLikePath(match[1], paths) {
				names = append(names, match[1])
			}
		}
		for _, match := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(text, -1) { // no addresses
			names = append(names, match[1])
		}
		if len(names) < 10 {
			t.Errorf("%s: only %d paths were found", doc, len(names))
		}
		for _, name := range names {
			pattern := regexp.MustCompile(`<\w+>`).ReplaceAllString(strings.TrimSuffix(name, "/"), "*")
			if !slices.ContainsFunc(paths, func(p string) bool { return endsLike(t, p, pattern) }) {
				t.Errorf("%s names %s, which isn't there", doc, name)
			}
		}
	}
}

var extension = regexp.MustCompile(`\.(example|go|graphqls?|json|md|mod|sql|sum|svg|ts|txtar|ya?ml)$`)

// looksLikePath: it has a folder of the root in front, or ends as our files do.
func looksLikePath(name string, paths []string) bool {
	first, _, nested := strings.Cut(name, "/")
	if first == "" || first == "." { // an address of the server, or the working folder
		return false
	}
	return extension.MatchString(name) || nested && slices.Contains(paths, first)
}

// endsLike tells whether the last elements of a path match the pattern's.
func endsLike(t *testing.T, p, pattern string) bool {
	t.Helper()
	elements := strings.Split(p, "/")
	n := strings.Count(pattern, "/") + 1
	if len(elements) < n {
		return false
	}
	matched, err := path.Match(pattern, strings.Join(elements[len(elements)-n:], "/"))
	check(t, err)
	return matched
}

// repositoryPaths are all files and folders but what was built or installed.
func repositoryPaths(t *testing.T) []string {
	t.Helper()
	var paths []string
	check(t, fs.WalkDir(os.DirFS(root), ".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", ".cache", "bin", "data", "node_modules"}, entry.Name()) {
			return fs.SkipDir
		}
		paths = append(paths, p)
		return nil
	}))
	return paths
}
