package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"flowviz/internal/audit"
	"flowviz/internal/fault"
)

func newAudit(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Check the log of who did what",
		Args:  cobra.NoArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(newAuditVerify(a), newAuditKey(a))
	return cmd
}

func newAuditVerify(a *app) *cobra.Command {
	var site string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Find the first audit event that somebody changed, removed or added",
		Long: `Walk each site's audit log from end to end, and compare it with its signed checkpoints (FLOWVIZ_CHECKPOINTS), which need the
public half of their key alone (FLOWVIZ_CHECKPOINT_KEY). Of a log with which something is wrong, the first bad event is told, and
the command fails.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withDatabase(cmd.Context(), func(d *database) error {
				return a.verifyAudit(cmd.Context(), d.pool, site)
			})
		},
	}
	cmd.Flags().StringVar(&site, "site", "", "`code` of the site whose log it is (default all)")
	return cmd
}

func newAuditKey(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "key",
		Short: "Print the public half of the key that signs checkpoints",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			keys, err := a.trustedKeys()
			if err != nil {
				return err
			}
			text, err := keys.PublicPEM()
			if err == nil {
				fmt.Fprint(a.stdout, string(text))
			}
			return err
		},
	}
}

// trustedKeys are those of the key file, which only `flowviz serve` makes.
func (a *app) trustedKeys() (*audit.Keys, error) {
	file := a.config.checkpointKey()
	keys, err := audit.ReadKeys(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.FailedPrecondition, "", "there is no key of checkpoints at %s: name its file with FLOWVIZ_CHECKPOINT_KEY", file)
	}
	return keys, err
}

func (a *app) verifyAudit(ctx context.Context, pool *pgxpool.Pool, site string) error {
	store, err := a.config.checkpoints()
	if err != nil {
		return err
	}
	keys, err := a.keysFor(ctx, store)
	if err != nil {
		return err
	}
	reports, err := audit.NewVerifier(pool, store, keys).All(ctx, site)
	if err != nil {
		return err
	}
	var found fault.List
	for _, r := range reports {
		if !r.Intact() {
			found = append(found, fault.New(fault.Conflict, "site "+r.Site, "%s: %s", r.Flaw.Problem, r.Flaw.Message))
			continue
		}
		fmt.Fprintf(a.stdout, "site %s: %d events, intact; %d checkpoints vouch for %d of them\n", r.Site, r.Events, r.Checkpoints, r.Covered)
	}
	if store == nil {
		fmt.Fprintln(a.stdout, "There are no checkpoints (FLOWVIZ_CHECKPOINTS): a log that was rewritten whole, or cut together with its head, looks intact.")
	}
	return found.Err()
}

// keysFor are those that checkpoints are verified with; none are needed where none are kept.
func (a *app) keysFor(ctx context.Context, store audit.Store) (*audit.Keys, error) {
	if store == nil {
		return nil, nil //nolint:nilnil // nothing to verify
	}
	sites, err := store.Sites(ctx)
	if err != nil || len(sites) == 0 {
		return nil, err
	}
	return a.trustedKeys()
}
