package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// Secrets of our own making, in the data folder. Hidden, so that a folder with nothing else in it is still taken for an
// empty one when a database is to be made there.
const (
	keyFile          = ".jwt-key.pem"
	demoPasswordFile = ".demo-password"
)

// keys are those that sign access tokens: FLOWVIZ_JWT_KEYS, or one that is made once and kept in the data folder.
func (a *app) keys() (identity.Keys, error) {
	if a.config.JWTKeys != "" {
		return identity.ParseKeys(a.config.JWTKeys, os.ReadFile)
	}
	text, err := a.kept(keyFile, "FLOWVIZ_JWT_KEYS", func() ([]byte, error) {
		_, text, err := identity.NewKey()
		return text, err
	})
	if err != nil {
		return nil, err
	}
	key, err := identity.ParseKey(text)
	if err != nil {
		return nil, fault.New(fault.FailedPrecondition, "", "%s can't be used (%v): delete it, and a new one is made", filepath.Join(a.config.Data, keyFile), err)
	}
	return identity.Keys{key}, nil
}

// demoPassword is that of the demo's users: FLOWVIZ_DEMO_PASSWORD, or one that is made once.
func (a *app) demoPassword() (identity.Secret, error) {
	if a.config.DemoPassword != "" {
		return identity.Secret(a.config.DemoPassword), nil
	}
	text, err := a.kept(demoPasswordFile, "FLOWVIZ_DEMO_PASSWORD", func() ([]byte, error) { return []byte(rand.Text() + "\n"), nil })
	return identity.Secret(strings.TrimSpace(string(text))), err
}

// kept reads a file of the data folder, which is made at its first use. setting is what to set where that can't be.
func (a *app) kept(name, setting string, produce func() ([]byte, error)) ([]byte, error) {
	path := filepath.Join(a.config.Data, name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if text, err = produce(); err != nil {
			return nil, err
		}
		if err = keep(path, text); errors.Is(err, fs.ErrExist) { // another process was faster
			text, err = os.ReadFile(path)
		} else if err == nil {
			return text, nil
		}
	}
	if err != nil {
		return nil, fault.New(fault.FailedPrecondition, "", "%s is set nowhere, and can't be kept in the data folder either (%v): set it, or choose another folder with --data or FLOWVIZ_DATA", setting, err)
	}
	return text, nil
}

// keep writes a secret that only our account may read, whole or not at all, unless there is one already.
func keep(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }() // linked under its name, or of no use
	_, err = draft.Write(text)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Link(draft.Name(), path)
}

// askPassword reads a new password: at a terminal twice and unseen, otherwise the first line. Never from an argument, which
// every account of the machine can read.
func (a *app) askPassword() (identity.Secret, error) {
	file, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(a.stdin, 1<<10)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return identity.Secret(strings.TrimRight(line, "\r\n")), nil
	}
	var given [2]identity.Secret
	for i, prompt := range []string{"New password (15 characters or more): ", "Again: "} {
		fmt.Fprint(a.stderr, prompt)
		text, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(a.stderr)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		given[i] = identity.Secret(text)
	}
	if given[0] != given[1] {
		return "", fault.BadInput("password", "the two are not the same")
	}
	return given[0], nil
}
