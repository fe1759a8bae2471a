package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"flowviz/internal/fault"
)

func newMan(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write man pages into a folder",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // man pages are for all to read
				return fault.New(fault.FailedPrecondition, "", "man pages can't be written: %v", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // it would name the day of the build
			now := a.now()
			if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "flowviz", Date: &now}, dir); err != nil {
				return fault.New(fault.FailedPrecondition, "", "man pages can't be written: %v", err)
			}
			fmt.Fprintln(a.stdout, "man pages are in", dir)
			return nil
		},
	}
}
