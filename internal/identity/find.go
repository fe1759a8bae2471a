package identity

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/relay"
)

// Finder reads users and API tokens.
type Finder struct{ q, adhoc *db.Queries }

// NewFinder reads through tx.
func NewFinder(tx db.DBTX) *Finder { return &Finder{q: db.New(tx), adhoc: db.Adhoc(tx)} }

// Filter says which users; nil fields ask for nothing.
type Filter struct {
	Site   *string
	Role   *Role // at that site, or at any
	Active *bool
	Search *string
}

// ByIDs finds users; those that don't exist are left out. Whoever sees what somebody did may see who it was.
func (f *Finder) ByIDs(ctx context.Context, ids []uuid.UUID) ([]*User, error) {
	rows, err := f.q.UsersByIDs(ctx, ids)
	return wrapUsers(rows), err
}

// ByEmail finds who signs in with an address; nil where nobody does.
func (f *Finder) ByEmail(ctx context.Context, email string) (*User, error) {
	row, err := f.q.UserByEmail(ctx, normalEmail(email))
	if db.NoRows(err) {
		return nil, nil //nolint:nilnil // nobody is an answer
	}
	return &User{AppUser: row}, err
}

// All lists everybody, by address: for the command line.
func (f *Finder) All(ctx context.Context) ([]*User, error) {
	rows, err := f.q.AllUsers(ctx)
	return wrapUsers(rows), err
}

// MembershipsOf finds what users are at the caller's sites, by site.
func (f *Finder) MembershipsOf(ctx context.Context, users []uuid.UUID) ([]*Membership, error) {
	rows, err := f.q.MembershipsByUsers(ctx, db.MembershipsByUsersParams{UserIds: users, Sites: ActorFrom(ctx).Sites(View)})
	return wrapMemberships(rows), err
}

// Page lists the people of the sites that the caller administers, in the order of their creation.
func (f *Finder) Page(ctx context.Context, filter *Filter, args relay.PageArgs) (*relay.Connection[*User], error) {
	page, err := args.Page(relay.User)
	if err != nil {
		return nil, err
	}
	if filter == nil {
		filter = &Filter{}
	}
	var pattern *string
	if filter.Search != nil {
		pattern = new("%" + db.EscapeLike(*filter.Search) + "%")
	}
	sites := ActorFrom(ctx).Sites(Administer)
	rows, err := f.adhoc.UsersPage(ctx, db.UsersPageParams{
		Sites: sites, Site: filter.Site, Role: filter.Role, Active: filter.Active, Pattern: pattern, After: page.AfterKey(), Size: page.Fetch(),
	})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrapUsers(rows), func(u *User) uuid.UUID { return u.ID }, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountUsers(ctx, db.CountUsersParams{Sites: sites, Site: filter.Site, Role: filter.Role, Active: filter.Active, Pattern: pattern})
	}), nil
}

// APITokensByIDs finds tokens for sites that the caller administers; others are left out.
func (f *Finder) APITokensByIDs(ctx context.Context, ids []uuid.UUID) ([]*APIToken, error) {
	rows, err := f.q.ApiTokensByIDs(ctx, ids)
	sites := ActorFrom(ctx).Sites(Administer)
	rows = slices.DeleteFunc(rows, func(t db.ApiToken) bool {
		return !overlap(t.Sites, sites)
	})
	return wrapAPITokens(rows), err
}

// APITokens lists the tokens for sites that the caller administers, in the order of their creation.
func (f *Finder) APITokens(ctx context.Context, args relay.PageArgs) (*relay.Connection[*APIToken], error) {
	page, err := args.Page(relay.APIToken)
	if err != nil {
		return nil, err
	}
	sites := ActorFrom(ctx).Sites(Administer)
	rows, err := f.adhoc.ApiTokensPage(ctx, db.ApiTokensPageParams{Sites: sites, After: page.AfterKey(), Size: page.Fetch()})
	if err != nil {
		return nil, err
	}
	return relay.NewConnection(page, wrapAPITokens(rows), func(t *APIToken) uuid.UUID { return t.ID }, func(ctx context.Context) (int64, error) {
		return f.adhoc.CountApiTokens(ctx, sites)
	}), nil
}

// SignaturesByIDs finds signatures.
func (f *Finder) SignaturesByIDs(ctx context.Context, ids []uuid.UUID) ([]*Signature, error) {
	rows, err := f.q.SignaturesByIDs(ctx, ids)
	out := make([]*Signature, len(rows))
	for i, row := range rows {
		out[i] = &Signature{Signature: row}
	}
	return out, err
}

func wrapUsers(rows []db.AppUser) []*User {
	out := make([]*User, len(rows))
	for i, row := range rows {
		out[i] = &User{AppUser: row}
	}
	return out
}

func wrapMemberships(rows []db.Membership) []*Membership {
	out := make([]*Membership, len(rows))
	for i, row := range rows {
		out[i] = &Membership{row}
	}
	return out
}

func wrapAPITokens(rows []db.ApiToken) []*APIToken {
	out := make([]*APIToken, len(rows))
	for i, row := range rows {
		out[i] = &APIToken{row}
	}
	return out
}
