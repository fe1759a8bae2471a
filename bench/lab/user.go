package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// User is a caller of the API: with one role at every site.
type User struct {
	Email string
	Role  db.Role
}

const password = "reads lots all day long"

// SignIn signs a user in at the API on address, whom it makes where the API's database has none, and returns an access token: good
// for 15 minutes.
func SignIn(ctx context.Context, address, databaseURL string, u User) (token string, err error) {
	if err := u.hire(ctx, databaseURL); err != nil {
		return "", fmt.Errorf("make the user: %w", err)
	}
	req, err := GraphQL(ctx, address, "", `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`,
		map[string]any{"input": map[string]string{"email": u.Email, "password": password}})
	if err != nil {
		return "", err
	}
	answer, err := NewClient(1).Body(req)
	if err != nil {
		return "", err
	}
	var response struct {
		Data struct {
			Login struct{ AccessToken string }
		}
	}
	if err := json.Unmarshal(answer, &response); err != nil || response.Data.Login.AccessToken == "" {
		return "", fmt.Errorf("sign in: %s", answer)
	}
	return response.Data.Login.AccessToken, nil
}

func (u User) hire(ctx context.Context, databaseURL string) (err error) {
	url, err := db.EnsureAppLogin(ctx, databaseURL)
	if err != nil {
		return err
	}
	pool, err := db.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer pool.Close()
	ids, err := db.New(pool).AllSiteIDs(ctx)
	if err != nil {
		return err
	}
	ctx = identity.WithActor(identity.WithOrigin(ctx, identity.Origin{Program: "bench"}), identity.Program(ids))
	snapshot := db.NewSnapshot(ctx, pool, identity.ActorFrom(ctx).Scope())
	sites, err := db.New(snapshot).Sites(ctx)
	snapshot.Close()
	if err != nil {
		return err
	}
	made := identity.NewUser{Email: u.Email, FullName: u.Email, Password: password}
	for _, site := range sites {
		made.Memberships = append(made.Memberships, identity.SiteRole{SiteCode: site.Code, Role: u.Role})
	}
	newID := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	users := identity.NewService(pool, newID, time.Now, identity.NewPasswords(identity.PasswordCost), nil, audit.NewRecorder(newID, time.Now).RecordIdentity)
	if _, err = users.Create(ctx, made); fault.Is(err, fault.Conflict) {
		return nil // an earlier run made it
	}
	if faults, ok := errors.AsType[fault.List](err); ok {
		return faults[0]
	}
	return err
}
