package main

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"flowviz/internal/dataset"
)

func newDataset(a *app) *cobra.Command {
	opt := dataset.Options{Now: a.now}
	cmd := &cobra.Command{
		Use:   "dataset",
		Short: "Fill an empty database with lots to measure on",
		Example: `  # a million lots at 50 sites
  flowviz dataset --lots 1000000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDatabase(cmd.Context(), func(d *database) error {
				return d.asOwner(cmd.Context(), func(owner *pgxpool.Pool) error {
					report, err := dataset.Generate(cmd.Context(), owner, opt)
					if err != nil {
						return err
					}
					a.printDataset(report)
					return nil
				})
			})
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&opt.Lots, "lots", 0, "how many `lots`, chains not counted")
	flags.Uint64Var(&opt.Seed, "seed", 1, "the same seed gives the same data")
	flags.IntVar(&opt.SiteSize, "site-size", 20_000, "`lots` of a site")
	if err := cmd.MarkFlagRequired("lots"); err != nil {
		panic(err) // a defect: the flag is defined above
	}
	return cmd
}

func (a *app) printDataset(r dataset.Report) {
	fmt.Fprintf(a.stdout, "%d lots at %d sites, %d links, %d transformations in %v\n",
		r.Lots, r.Sites, r.Links, r.Transformations, r.Took().Round(time.Millisecond))
	for _, s := range r.Steps {
		fmt.Fprintf(a.stdout, "%10v  %s\n", s.Took.Round(time.Millisecond), s.Name)
	}
	for _, s := range r.Samples {
		kin := "ancestors"
		if s.Descendants {
			kin = "descendants"
		}
		fmt.Fprintf(a.stdout, "%s has %d %s\n", s.Code, s.Kin, kin)
	}
}
