package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flowviz/db"
)

func newMigrate(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Move the database's schema up or down, or show where it stands",
		Args:  cobra.NoArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "up",
			Short: "Apply the migrations that are pending, as serve does when it starts",
			Args:  cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.withMigrator(cmd.Context(), a.migrateUp)
			},
		},
		&cobra.Command{
			Use:   "down",
			Short: "Take back the latest migration, and the data that only its tables and columns hold",
			Args:  cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.withMigrator(cmd.Context(), a.migrateDown)
			},
		},
		&cobra.Command{
			Use:   "status",
			Short: "List all migrations, with the time when each was applied",
			Args:  cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return a.withMigrator(cmd.Context(), a.migrateStatus)
			},
		},
	)
	return cmd
}

func (a *app) withMigrator(ctx context.Context, task func(context.Context, *db.Migrator) error) (err error) {
	srv, err := a.join(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.leave()) }()
	m, err := db.NewMigrator(srv.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	return task(ctx, m)
}

func (a *app) migrateUp(ctx context.Context, m *db.Migrator) error {
	files, err := m.Up(ctx)
	if err != nil {
		return err
	}
	for _, file := range files {
		fmt.Fprintln(a.stdout, "applied", file)
	}
	if len(files) == 0 {
		fmt.Fprintln(a.stdout, "nothing is pending")
	}
	return nil
}

func (a *app) migrateDown(ctx context.Context, m *db.Migrator) error {
	file, err := m.Down(ctx)
	if err != nil {
		return err
	}
	if file == "" {
		fmt.Fprintln(a.stdout, "no migration is applied")
		return nil
	}
	fmt.Fprintln(a.stdout, "took back", file)
	return nil
}

func (a *app) migrateStatus(ctx context.Context, m *db.Migrator) error {
	all, err := m.Status(ctx)
	if err != nil {
		return err
	}
	for _, s := range all {
		when := "pending"
		if !s.AppliedAt.IsZero() {
			when = s.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(a.stdout, "%-20s  %s\n", when, s.File)
	}
	return nil
}
