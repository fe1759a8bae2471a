// Command rules switches each rule that the server keeps off by itself, and shows that a test notices: a rule that could be lost
// unseen isn't kept. It runs in the project's root, with the PostgreSQL of db/dbtest/withserver. Nothing in the tree is changed: the
// compiler is given other texts for the files (go test -overlay).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

func main() {
	short := flag.Bool("short", false, "switch off one line of each rule")
	flag.Parse()
	if *short {
		rules = slices.CompactFunc(rules, func(a, b rule) bool { return a.number == b.number })
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() (err error) {
	dir, err := os.MkdirTemp("", "rules")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	unseen := make([]error, len(rules))
	var all errgroup.Group
	all.SetLimit(runtime.NumCPU()) // most of it is linking, which one core does
	for i, r := range rules {
		all.Go(func() error {
			unseen[i] = r.check(filepath.Join(dir, fmt.Sprint(i)))
			return nil
		})
	}
	if err := errors.Join(all.Wait(), errors.Join(unseen...)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "prove: %d switches of rules, each by itself: a test fails at each\n", len(rules))
	return err
}

// check is an error where no test notices that the rule is off.
func (r rule) check(dir string) error {
	noticed, err := r.switchOff(dir)
	switch {
	case err != nil:
		return fmt.Errorf("rule %s, %s: %w", r.number, r.off, err)
	case !noticed:
		return fmt.Errorf("rule %s: no test notices that %s (%s)", r.number, r.off, r.file)
	}
	return nil
}

// switchOff reports whether a test of the rule's package fails without it.
func (r rule) switchOff(dir string) (noticed bool, err error) {
	text, err := os.ReadFile(r.file)
	if err != nil {
		return false, err
	}
	if n := strings.Count(string(text), r.is); n != 1 {
		return false, fmt.Errorf("%s has %q %d times: it must be there once", r.file, r.is, n)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return false, err
	}
	without := filepath.Join(dir, filepath.Base(r.file))
	if err := os.WriteFile(without, []byte(strings.Replace(string(text), r.is, r.would, 1)), 0o600); err != nil {
		return false, err
	}
	file, err := filepath.Abs(r.file)
	if err != nil {
		return false, err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: without}})
	if err != nil {
		return false, err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return false, err
	}
	out, err := exec.Command("go", "test", "-overlay="+list, "-vet=off", "-count=1", "-run=^("+r.tests+")$", r.in).CombinedOutput() //nolint:gosec,noctx // the table's own words
	switch {
	case err == nil:
		return false, nil
	case !strings.Contains(string(out), "--- FAIL: "):
		return false, fmt.Errorf("the tests don't run: %w\n%s", err, out)
	}
	return true, nil
}
