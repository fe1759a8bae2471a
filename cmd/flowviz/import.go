package main

import "github.com/spf13/cobra"

func newImport(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Take in documents, also while flowviz serves",
		Args:  cobra.NoArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(newImportScenario(a), newImportEpcis(a))
	return cmd
}
