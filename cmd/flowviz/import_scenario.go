package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

func newImportScenario(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "scenario FILE...",
		Short: "Take in production definitions (JSON)",
		Long: `Take in production definitions from JSON files: all of them, or none where any has a fault. Each fault is told with
its file and line.

The first version of a scenario is published. A later one is stored as a draft: an import doesn't change what tomorrow's
runs follow. A version that is stored already is left as it is, and refused where the file has other content.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			defs, err := readScenarios(files)
			if err != nil {
				return err
			}
			return a.withDatabase(cmd.Context(), func(d *database) error {
				ctx, err := d.atAllSites(cmd.Context())
				if err != nil {
					return err
				}
				return a.importScenarios(ctx, d.pool, files, defs)
			})
		},
	}
}

// readScenarios parses all files before anything is written, and collects the faults of all.
func readScenarios(files []string) ([]*definition.Scenario, error) {
	var (
		defs  []*definition.Scenario
		found fault.List
	)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			found = append(found, fault.BadInput("", "%v", err)) // names the file
			continue
		}
		def, err := definition.Parse(file, data)
		var faults fault.List
		switch {
		case errors.As(err, &faults):
			found = append(found, faults...)
		case err != nil:
			return nil, err
		}
		defs = append(defs, def)
	}
	return defs, found.Err()
}

func (a *app) importScenarios(ctx context.Context, pool *pgxpool.Pool, files []string, defs []*definition.Scenario) error {
	said := make([]string, len(defs))
	var entries []audit.Entry
	err := db.InTx(ctx, pool, identity.ActorFrom(ctx).Scope(), func(q *db.Queries) error {
		for i, def := range defs {
			created, err := scenario.Store(ctx, q, def, newID, db.ScenarioStatusPUBLISHED)
			if err != nil {
				return fmt.Errorf("%s: %w", files[i], err)
			}
			stored, err := q.ScenarioByKey(ctx, db.ScenarioByKeyParams{Key: def.Key, Version: &def.Version})
			if err != nil {
				return err
			}
			said[i] = fmt.Sprintf("%s: scenario %s %s is stored, %s", files[i], def.Key, def.Version, stored.Status)
			if created {
				entries = append(entries, importedScenario(files[i], stored))
			} else {
				said[i] = fmt.Sprintf("%s: scenario %s %s was stored before, %s", files[i], def.Key, def.Version, stored.Status)
			}
		}
		return a.recordEverywhere(ctx, q, entries)
	})
	if err != nil {
		return err
	}
	for _, line := range said {
		fmt.Fprintln(a.stdout, line)
	}
	return nil
}

func importedScenario(file string, stored db.Scenario) audit.Entry {
	return audit.Entry{
		Action: audit.ImportScenario, Subject: relay.ID{Kind: relay.Scenario, UUID: stored.ID}, Label: stored.Key + " " + stored.Version,
		After: audit.Fields{"file": file, "key": stored.Key, "version": stored.Version, "status": stored.Status},
	}
}

// recordEverywhere logs what concerns all sites in the log of each.
func (a *app) recordEverywhere(ctx context.Context, q *db.Queries, entries []audit.Entry) error {
	sites, err := q.Sites(ctx)
	if err != nil {
		return err
	}
	var all []audit.Entry
	for _, site := range sites {
		for _, entry := range entries {
			entry.Site = site.ID
			all = append(all, entry)
		}
	}
	return audit.NewRecorder(newID, a.now).Record(ctx, q, all...)
}
