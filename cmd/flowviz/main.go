// Command flowviz serves the lots of food plants over GraphQL, and looks after its database.
//
// Here alone are environment, clock and signals read, and everything is wired by constructors. One file holds one
// sub-command.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // sites live in time zones, and a container image or a Windows machine may know none

	"github.com/spf13/cobra"

	"flowviz/internal/identity"
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		// A closed terminal ends the program as Ctrl-C does, or else an embedded PostgreSQL would live on without it.
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop) // the second Ctrl-C doesn't wait
	os.Exit(execute(ctx, os.Args[1:], os.Environ(), identity.PasswordCost, os.Stdin, os.Stdout, os.Stderr))
}

// execute is the whole program but the process around it. It returns the exit code: 0, or 1 with the reason on stderr.
func execute(ctx context.Context, args, environ []string, passwordCost int, stdin io.Reader, stdout, stderr io.Writer) int {
	cfg, err := readConfig(environ)
	if err == nil {
		a := &app{config: cfg, stdin: stdin, stdout: stdout, stderr: stderr, log: newLogger(stderr), now: time.Now, passwordCost: passwordCost}
		root := newRoot(a)
		root.SetArgs(append([]string{}, args...)) // not nil, for which cobra would take os.Args
		root.SetOut(stdout)
		root.SetErr(stderr)
		err = root.ExecuteContext(ctx)
	}
	if err != nil {
		complain(ctx, stderr, err)
		return 1
	}
	return 0
}

// app is what the sub-commands share.
type app struct {
	config config
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
	now    func() time.Time

	passwordCost int // of bcrypt
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "flowviz",
		Short: "What is this lot made of, where did it go, and is it safe?",
		Long: `flowviz answers over GraphQL what a lot is made of and where it went.

The database is the PostgreSQL that DATABASE_URL names. Without it, flowviz runs a PostgreSQL of its own in a data folder
(FLOWVIZ_DATA, ./data). Flags override the environment.`,
		Args:          cobra.NoArgs,
		RunE:          showHelp,
		SilenceErrors: true, // complain says it, in one line
		SilenceUsage:  true,
	}
	a.config.addFlags(root.PersistentFlags())
	root.MarkFlagsMutuallyExclusive("data", "database-url")
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		cmd.SetContext(identity.WithOrigin(cmd.Context(), identity.Origin{Program: cmd.CommandPath()})) // what the audit log names
		if root.PersistentFlags().Changed("data") {
			a.config.DatabaseURL = "" // who names a folder means it, whatever the environment says
		}
	}
	root.AddCommand(
		newServe(a),
		newDemo(a),
		newMigrate(a),
		newImport(a),
		newDataset(a),
		newUser(a),
		newAudit(a),
		newVersion(a), newMan(a),
	)
	return root
}

// showHelp is what a command does that only has sub-commands: without it, cobra takes an unknown one for a success.
func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// newLogger writes text for a person at a terminal, and JSON for what else collects it.
func newLogger(w io.Writer) *slog.Logger {
	if file, ok := w.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(w, nil))
		}
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}
