package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print which flowviz this is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return fmt.Errorf("this flowviz was built without its version: build it with `make build`")
			}
			fmt.Fprintln(a.stdout, describe(info))
			return nil
		},
	}
}

// describe names the module's version, the commit where the build knows it, and the toolchain.
func describe(info *debug.BuildInfo) string {
	text := "flowviz " + info.Main.Version
	setting := map[string]string{}
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	if commit := setting["vcs.revision"]; commit != "" {
		text += fmt.Sprintf(", commit %s of %s", commit, setting["vcs.time"])
		if setting["vcs.modified"] == "true" {
			text += ", changed since"
		}
	}
	return fmt.Sprintf("%s, %s %s/%s", text, info.GoVersion, setting["GOOS"], setting["GOARCH"])
}
