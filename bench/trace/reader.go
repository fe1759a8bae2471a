package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// The API's caller: a member of every site.
const (
	readerEmail    = "reader@bench.example"
	readerPassword = "reads lots all day long"
)

// signIn signs the reader in, whom it makes where the data set has none, and returns an access token: good for 15 minutes, and
// a run takes five.
func signIn(ctx context.Context, address string, d database) (token string, err error) {
	if err := makeReader(ctx, d); err != nil {
		return "", fmt.Errorf("make the reader: %w", err)
	}
	body, err := json.Marshal(map[string]any{
		"query":     `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`,
		"variables": map[string]any{"input": map[string]string{"email": readerEmail, "password": readerPassword}},
	})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := newClient(1).body(req)
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

func makeReader(ctx context.Context, d database) (err error) {
	url, err := db.EnsureAppLogin(ctx, d.url())
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
	ctx = identity.WithActor(identity.WithOrigin(ctx, identity.Origin{Program: "bench/trace"}), identity.Program(ids))
	snapshot := db.NewSnapshot(ctx, pool, identity.ActorFrom(ctx).Scope())
	sites, err := db.New(snapshot).Sites(ctx)
	snapshot.Close()
	if err != nil {
		return err
	}
	reader := identity.NewUser{Email: readerEmail, FullName: "Reader", Password: readerPassword}
	for _, site := range sites {
		reader.Memberships = append(reader.Memberships, identity.SiteRole{SiteCode: site.Code, Role: db.RoleVIEWER})
	}
	newID := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	users := identity.NewService(pool, newID, time.Now, identity.NewPasswords(identity.PasswordCost), nil, audit.NewRecorder(newID, time.Now).RecordIdentity)
	if _, err = users.Create(ctx, reader); fault.Is(err, fault.Conflict) {
		return nil // an earlier run made it
	}
	if faults, ok := errors.AsType[fault.List](err); ok {
		return faults[0]
	}
	return err
}
