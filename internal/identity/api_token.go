package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/idempotency"
	"flowviz/internal/relay"
)

const (
	// apiTokenPrefix tells an API token from an access token, and lets those who search for leaked secrets find one.
	apiTokenPrefix = "fvt_"
	// maxTokenAge makes somebody think about each token once a year.
	maxTokenAge  = 366 * 24 * time.Hour
	maxTokenName = 100
)

// APIToken is how a program signs in, for the person who made it.
type APIToken struct{ db.ApiToken }

// GlobalID is the token's id in the API.
func (t *APIToken) GlobalID() relay.ID { return relay.ID{Kind: relay.APIToken, UUID: t.ID} }

// IsNode marks a type that the API finds by its id.
func (*APIToken) IsNode() {}

// NewAPIToken is a token as somebody asks for it.
type NewAPIToken struct {
	Name      string
	Role      Role
	SiteCodes []string
	ReadOnly  bool
	ExpiresAt time.Time

	IdempotencyKey *string
}

// Revocation is a token that is to end.
type Revocation struct {
	APITokenID relay.ID

	IdempotencyKey *string
}

func (n NewAPIToken) check(now time.Time) error {
	var faults fault.List
	if c := utf8.RuneCountInString(strings.TrimSpace(n.Name)); c < 1 || c > maxTokenName {
		faults = append(faults, fault.BadInput("name", "give 1 to %d characters", maxTokenName))
	}
	if !n.Role.Valid() {
		faults = append(faults, fault.BadInput("role", "there is no role %q", n.Role))
	}
	if len(n.SiteCodes) == 0 {
		faults = append(faults, fault.BadInput("siteCodes", "give at least one"))
	}
	for i, code := range n.SiteCodes {
		if slices.Contains(n.SiteCodes[:i], code) {
			faults = append(faults, fault.BadInput(fmt.Sprintf("siteCodes[%d]", i), "site %q is named twice", code))
		}
	}
	if !n.ExpiresAt.After(now) || n.ExpiresAt.After(now.Add(maxTokenAge)) {
		faults = append(faults, fault.BadInput("expiresAt", "give a time within the next %d days", int(maxTokenAge.Hours()/24)))
	}
	return faults.Err()
}

// CreateAPIToken makes a token for sites that the caller administers. The secret is returned here and never again. It does
// what its role and its maker's may both do, at the sites that both have. Faults as for Create; CONFLICT where the call is sent again, since
// nobody has the secret any more.
func (s *Service) CreateAPIToken(ctx context.Context, n NewAPIToken) (*APIToken, Secret, error) {
	actor, err := administrator(ctx)
	if err != nil {
		return nil, "", err
	}
	now := s.timestamp()
	if err := n.check(now); err != nil {
		return nil, "", err
	}
	secret := apiTokenPrefix + newSecret()
	var made db.ApiToken
	_, again, err := s.once(ctx, actor.Scope(), actor, idempotency.Call{Mutation: "createApiToken", Key: n.IdempotencyKey, Input: n}, func(q *db.Queries) (uuid.UUID, error) {
		sites, err := administeredSites(ctx, q, actor, n.SiteCodes, func(code string) string {
			return fmt.Sprintf("siteCodes[%d]", slices.Index(n.SiteCodes, code))
		})
		if err != nil {
			return uuid.Nil, err
		}
		ids := make([]int32, 0, len(sites))
		for _, site := range sites {
			ids = append(ids, site.ID)
		}
		slices.Sort(ids)
		made, err = q.InsertApiToken(ctx, db.InsertApiTokenParams{
			ID: s.newID(), Hash: secret.hash(), Name: strings.TrimSpace(n.Name), Role: n.Role, Sites: ids, ReadOnly: n.ReadOnly,
			CreatedBy: actor.UserID, CreatedAt: now, ExpiresAt: n.ExpiresAt,
		})
		if db.NoRows(err) {
			return uuid.Nil, errToken() // deactivated a moment ago
		} else if err != nil {
			return uuid.Nil, err
		}
		return made.ID, s.record(ctx, q, ofToken(made, CreateAPIToken, nil, map[string]any{
			"name": made.Name, "role": made.Role, "readOnly": made.ReadOnly, "expiresAt": made.ExpiresAt.UTC(),
		}))
	})
	if err == nil && again {
		err = fault.New(fault.Conflict, "idempotencyKey", "this made an API token already, whose secret is shown once: revoke %q, and make another under a new key", strings.TrimSpace(n.Name))
	}
	if err != nil {
		return nil, "", err
	}
	return &APIToken{made}, secret, nil
}

// RevokeAPIToken ends a token within 2 s. Whoever administers one of its sites may: to stop something is easy. NOT_FOUND where
// there is none for the caller; one that was revoked stays so.
func (s *Service) RevokeAPIToken(ctx context.Context, r Revocation) (*APIToken, error) {
	id := r.APITokenID
	actor, err := administrator(ctx)
	if err != nil {
		return nil, err
	}
	unknown := fault.New(fault.NotFound, "apiTokenId", "there is no such API token")
	if id.Kind != relay.APIToken {
		return nil, unknown
	}
	var token db.ApiToken
	err = reading(ctx, s.pool, actor.Scope(), func(q *db.Queries) (err error) {
		token, err = q.ApiTokenByID(ctx, id.UUID)
		return err
	})
	if db.NoRows(err) || err == nil && !overlap(token.Sites, actor.Sites(Administer)) {
		return nil, unknown
	} else if err != nil {
		return nil, err
	}
	// All of the token's sites hear of its end, also those where the caller is no member.
	call := idempotency.Call{Mutation: "revokeApiToken", Key: r.IdempotencyKey, Input: r}
	_, _, err = s.once(ctx, db.Scope{User: actor.UserID, Sites: token.Sites}, actor, call, func(q *db.Queries) (uuid.UUID, error) {
		revoked, err := q.RevokeApiToken(ctx, db.RevokeApiTokenParams{ID: token.ID, Now: s.timestamp()})
		if db.NoRows(err) { // it was before
			token, err = q.ApiTokenByID(ctx, token.ID)
			return token.ID, err
		} else if err != nil {
			return token.ID, err
		}
		token = revoked
		return token.ID, s.record(ctx, q, revokedEntries(token))
	})
	if err != nil {
		return nil, err
	}
	return &APIToken{token}, nil
}

// endAPITokens ends, for good, those that somebody made, and returns what to record: all of a token's sites hear of its end here too.
func (s *Service) endAPITokens(ctx context.Context, q *db.Queries, maker uuid.UUID) ([]Entry, error) {
	ended, err := q.RevokeApiTokensOf(ctx, db.RevokeApiTokensOfParams{CreatedBy: maker, Now: s.timestamp()})
	if err != nil || len(ended) == 0 {
		return nil, err
	}
	var entries []Entry
	for _, token := range ended {
		entries = append(entries, revokedEntries(token)...)
	}
	_, err = q.WidenScope(ctx)
	return entries, err
}

func revokedEntries(t db.ApiToken) []Entry {
	return ofToken(t, RevokeAPIToken, map[string]any{"revokedAt": nil}, map[string]any{"revokedAt": t.RevokedAt.UTC()})
}

func overlap(a, b []int32) bool {
	return slices.ContainsFunc(a, func(site int32) bool { return slices.Contains(b, site) })
}
