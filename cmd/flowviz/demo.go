package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"flowviz/internal/demo"
	"flowviz/internal/identity"
)

func newDemo(a *app) *cobra.Command {
	var seed uint64
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve, with a month of two invented plants to look at",
		Long: `Serve as ` + "`flowviz serve`" + ` does. Into a database without the demo plants, their history is loaded first: 30 days of
frozen kebab rods, stirred yoghurt and chilled ready meals, about 5,000 lots.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var loaded demo.Summary
			var password identity.Secret
			return a.serve(cmd.Context(), service{
				prepare: func(ctx context.Context, d *database, users *identity.Service) error {
					err := d.asOwner(ctx, func(owner *pgxpool.Pool) (err error) {
						loaded, err = demo.Load(ctx, owner, seed)
						return err
					})
					if err != nil {
						return err
					}
					if password, err = a.demoPassword(); err != nil {
						return err
					}
					return users.SetPasswords(ctx, demo.Emails(), "FLOWVIZ_DEMO_PASSWORD", password)
				},
				announce: func(address string) { a.greet(address, loaded, password) },
			})
		},
	}
	a.config.addAddr(cmd.Flags())
	cmd.Flags().Uint64Var(&seed, "seed", demo.DefaultSeed, "the same seed gives the same history; other ones tell another than the README's")
	return cmd
}

// greet tells a person where to look, and what to look at.
func (a *app) greet(address string, loaded demo.Summary, password identity.Secret) {
	if loaded.Loaded {
		fmt.Fprintf(a.stdout, "Loaded 30 days at %d plants: %d runs, %d lots, %d transformations, %d quality decisions.\n",
			loaded.Sites, loaded.Runs, loaded.Lots, loaded.Transformations, loaded.Decisions)
		fmt.Fprintf(a.stdout, "Raw material %s is held; pallet %s was made of it.\n", loaded.HeldLot, loaded.Pallet)
	} else {
		fmt.Fprintln(a.stdout, "The demo plants are in the database already; it is used as it is.")
	}
	fmt.Fprintf(a.stdout, `
  GraphiQL  http://%[1]s/graphiql
  GraphQL   http://%[1]s/graphql

  Sign in   %[2]s
  Password  %[3]s

Ctrl-C stops it.
`, address, strings.Join(demo.Emails(), "\n            "), string(password))
}
