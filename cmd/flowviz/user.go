package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/site"
)

func newUser(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Add the first ADMIN, and help who is locked out",
		Long:  `Who runs these has the database, and so may all. Other users are made by an ADMIN, over GraphQL.`,
		Args:  cobra.NoArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(newUserAdd(a), newUserList(a), newUserDisable(a), newUserPasswd(a), newUserLink(a), newUserUnlink(a))
	return cmd
}

func newUserAdd(a *app) *cobra.Command {
	var name string
	var members []string
	cmd := &cobra.Command{
		Use:   "add <email>",
		Short: "Make a user, or give one who is there more memberships",
		Long: `Make a user. The password is asked at the terminal, or is the first line of the standard input. A user who is there
already gets the memberships, may sign in again where that was disabled, and keeps the password.`,
		Example: `  flowviz user add mia@example.com --name "Mia Kovács" --member DUNA=ADMIN`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUsers(cmd.Context(), func(ctx context.Context, u users) error { return a.addUser(ctx, u, args[0], name, members) })
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the full `name`")
	cmd.Flags().StringArrayVar(&members, "member", nil, "`SITE=ROLE`, such as DUNA=ADMIN; once for each site")
	return cmd
}

func newUserList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all users with their memberships",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withUsers(cmd.Context(), a.listUsers)
		},
	}
}

func newUserDisable(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "disable <email>",
		Short: "Keep a user out; `user add` lets them in again",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUsers(cmd.Context(), func(ctx context.Context, u users) error {
				found, err := u.find(ctx, args[0])
				if err != nil {
					return err
				}
				_, err = u.service.Update(ctx, identity.Changes{UserID: found.GlobalID(), Active: new(false)})
				return err
			})
		},
	}
}

func newUserPasswd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "passwd <email>",
		Short: "Give a user a new password, and end their sessions",
		Long:  `Give a user a new password, which is asked at the terminal, or is the first line of the standard input.`,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUsers(cmd.Context(), func(ctx context.Context, u users) error {
				found, err := u.find(ctx, args[0])
				if err != nil {
					return err
				}
				password, err := a.askPassword()
				if err != nil {
					return err
				}
				return u.service.SetPassword(ctx, found, password)
			})
		},
	}
}

func newUserLink(a *app) *cobra.Command {
	var subject string
	cmd := &cobra.Command{
		Use:   "link <email>",
		Short: "Let a user with a password sign in at the identity provider",
		Long: `Let a user with a password sign in at the identity provider of FLOWVIZ_OIDC_ISSUER from now on, as the account that it calls by this
subject. The password holds until the first sign-in there, which ends it and all sessions, and makes the memberships what the
provider says. Be sure whose account it is: who has it becomes this user. An address proves nothing; the subject stands in the
provider's console, and on the page that refused a sign-in because of the address.`,
		Example: `  flowviz user link mia@example.com --subject 7f3c2b9e-1d`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.config.OIDCIssuer == "" {
				return fault.BadInput("FLOWVIZ_OIDC_ISSUER", "is missing: set it to the provider whose account it is")
			}
			return a.withUsers(cmd.Context(), func(ctx context.Context, u users) error {
				found, err := u.find(ctx, args[0])
				if err != nil {
					return err
				}
				return u.service.Link(ctx, found, identity.Account{Issuer: a.config.OIDCIssuer, Subject: subject})
			})
		},
	}
	cmd.Flags().StringVar(&subject, "subject", "", "what the provider calls the `account`: the claim sub of its ID tokens")
	return cmd
}

func newUserUnlink(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "unlink <email>",
		Short: "Take back a link before the first sign-in with it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUsers(cmd.Context(), func(ctx context.Context, u users) error {
				found, err := u.find(ctx, args[0])
				if err != nil {
					return err
				}
				return u.service.Unlink(ctx, found)
			})
		},
	}
}

// users are what the sub-commands work with.
type users struct {
	finder  *identity.Finder
	service *identity.Service
	codes   map[int32]string // of sites
}

// withUsers does one task as an ADMIN of all sites, who is nobody in particular.
func (a *app) withUsers(ctx context.Context, task func(context.Context, users) error) error {
	return a.withDatabase(ctx, func(d *database) error {
		ctx, err := d.atAllSites(ctx)
		if err != nil {
			return err
		}
		snapshot := db.NewSnapshot(ctx, d.pool, identity.ActorFrom(ctx).Scope())
		defer snapshot.Close()
		sites, err := site.NewFinder(snapshot).All(ctx)
		if err != nil {
			return err
		}
		codes := make(map[int32]string, len(sites))
		for _, s := range sites {
			codes[s.ID] = s.Code
		}
		// Nobody signs in here: no tokens are needed.
		service := identity.NewService(d.pool, newID, a.now, identity.NewPasswords(a.passwordCost), nil, audit.NewRecorder(newID, a.now).RecordIdentity)
		return task(ctx, users{identity.NewFinder(snapshot), service, codes})
	})
}

func (u users) find(ctx context.Context, email string) (*identity.User, error) {
	found, err := u.finder.ByEmail(ctx, email)
	if err == nil && found == nil {
		err = fault.New(fault.NotFound, "", "there is no user %q: `flowviz user list` names all", email)
	}
	return found, err
}

func (a *app) addUser(ctx context.Context, u users, email, name string, members []string) error {
	memberships := make([]identity.SiteRole, len(members))
	for i, member := range members {
		code, role, ok := strings.Cut(member, "=")
		if !ok {
			return fault.BadInput("--member", "%q is no SITE=ROLE, such as DUNA=ADMIN", member)
		}
		memberships[i] = identity.SiteRole{SiteCode: code, Role: identity.Role(role)}
	}
	found, err := u.finder.ByEmail(ctx, email)
	if err != nil {
		return err
	}
	if found != nil {
		_, err := u.service.Update(ctx, identity.Changes{UserID: found.GlobalID(), Memberships: memberships, Active: new(true)})
		return err
	}
	if name == "" {
		return fault.BadInput("--name", "a new user needs a name")
	}
	password, err := a.askPassword()
	if err != nil {
		return err
	}
	_, err = u.service.Create(ctx, identity.NewUser{Email: email, FullName: name, Password: password, Memberships: memberships})
	return err
}

func (a *app) listUsers(ctx context.Context, u users) error {
	all, err := u.finder.All(ctx)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(all))
	for i, user := range all {
		ids[i] = user.ID
	}
	memberships, err := u.finder.MembershipsOf(ctx, ids)
	if err != nil {
		return err
	}
	roles := map[uuid.UUID][]string{}
	for _, m := range memberships {
		roles[m.UserID] = append(roles[m.UserID], u.codes[m.SiteID]+"="+string(m.Role))
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, user := range all {
		state := "active"
		if !user.Active {
			state = "disabled"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", user.Email, state, strings.Join(roles[user.ID], " "), user.FullName)
	}
	return table.Flush()
}
