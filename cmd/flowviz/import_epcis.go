package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/epcis"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

func newImportEpcis(a *app) *cobra.Command {
	var site string
	cmd := &cobra.Command{
		Use:   "epcis FILE...",
		Short: "Take in what others tell of goods: EPCIS 1.2 and 2.0, JSON-LD and XML",
		Long: `Take in EPCIS documents, JSON-LD or XML: each whole, or not at all where it has a fault, which is told with file and line.
What was taken in before changes nothing.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			return a.withDatabase(cmd.Context(), func(d *database) error {
				ctx, err := d.atAllSites(cmd.Context())
				if err != nil {
					return err
				}
				return a.importEpcis(ctx, d.pool, site, files)
			})
		},
	}
	cmd.Flags().StringVar(&site, "site", "", "`code` of the site to whose records the goods are added (default the site that was set up first)")
	return cmd
}

// importEpcis takes in what it can, and returns the faults of the other files.
func (a *app) importEpcis(ctx context.Context, pool *pgxpool.Pool, site string, files []string) error {
	if site == "" {
		var err error
		if site, err = firstSite(ctx, pool); err != nil {
			return err
		}
	}
	service := epcis.NewService(pool, audit.NewRecorder(newID, a.now), newID, a.now)
	var found fault.List
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			found = append(found, fault.BadInput("", "%v", err)) // names the file
			continue
		}
		report, err := service.Import(ctx, site, file, data)
		var faults fault.List
		switch {
		case errors.As(err, &faults):
			found = append(found, faults...)
		case err != nil:
			return err
		default:
			fmt.Fprintf(a.stdout, "%v; site %s\n", report, site)
		}
	}
	return found.Err()
}

// firstSite is the one that was set up first: a company with one plant need not name it.
func firstSite(ctx context.Context, pool *pgxpool.Pool) (code string, err error) {
	snapshot := db.NewSnapshot(ctx, pool, identity.ActorFrom(ctx).Scope())
	defer snapshot.Close()
	sites, err := db.New(snapshot).Sites(ctx)
	if err != nil {
		return "", err
	}
	if len(sites) == 0 {
		return "", fault.New(fault.FailedPrecondition, "", "the database has no site yet, to whose records goods could be added: `flowviz demo` makes two")
	}
	return slices.MinFunc(sites, func(a, b db.Site) int { return cmp.Compare(a.ID, b.ID) }).Code, nil
}
