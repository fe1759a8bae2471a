package identity

import (
	"context"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/idempotency"
)

const maxEmail = 254 // RFC 5321, section 4.5.3.1.3, less the brackets

// anEmail is loose on purpose: only a message that arrives shows that an address is one.
var anEmail = regexp.MustCompile(`^[^@\s\pC]+@[^@\s\pC]+$`)

// NewUser is a person who is to work with the system.
type NewUser struct {
	Email       string
	FullName    string
	Password    Secret
	Memberships []SiteRole

	IdempotencyKey *string
}

func (n NewUser) check() error {
	var faults fault.List
	email := normalEmail(n.Email)
	if len(email) > maxEmail || !anEmail.MatchString(email) {
		faults = append(faults, fault.BadInput("email", "give an e-mail address of at most %d bytes", maxEmail))
	}
	if f := checkFullName(n.FullName); f != nil {
		faults = append(faults, f)
	}
	if f := checkPassword("password", n.Password, email); f != nil {
		faults = append(faults, f)
	}
	if len(n.Memberships) == 0 {
		faults = append(faults, fault.BadInput("memberships", "give at least one: who is a member of no site sees nothing"))
	}
	return append(faults, checkSites(n.Memberships, nil)...).Err()
}

// Create makes a user, a member of sites that the caller administers. Who has the address already, and no site in common with the caller, is
// given the memberships and stays as they are: a person is one across sites, and that they work elsewhere is for nobody here to know.
//
// BAD_USER_INPUT names each bad field, NOT_FOUND a site that isn't there for the caller, FORBIDDEN one that they don't administer, CONFLICT
// the address of somebody at the caller's sites.
func (s *Service) Create(ctx context.Context, n NewUser) (*User, error) {
	actor, err := administrator(ctx)
	if err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	hash, err := s.passwords.Hash(ctx, n.Password) // also where it isn't needed: how long it took would tell
	if err != nil {
		return nil, err
	}
	fresh := db.PutUserParams{ID: s.newID(), Email: normalEmail(n.Email), FullName: strings.TrimSpace(n.FullName), CreatedAt: s.timestamp(), CreatedBy: idOrNil(actor.UserID)}
	return s.onceUser(ctx, actor, idempotency.Call{Mutation: "createUser", Key: n.IdempotencyKey, Input: n}, func(q *db.Queries) (db.AppUser, error) {
		return s.create(ctx, q, actor, n, fresh, hash)
	})
}

func (s *Service) create(ctx context.Context, q *db.Queries, actor *Actor, n NewUser, fresh db.PutUserParams, hash string) (db.AppUser, error) {
	sites, err := administered(ctx, q, actor, n.Memberships, nil)
	if err != nil {
		return db.AppUser{}, err
	}
	row, err := q.PutUser(ctx, fresh)
	if err != nil {
		return row, err
	}
	made := row.ID == fresh.ID
	if made {
		err = q.PutCredential(ctx, db.PutCredentialParams{UserID: row.ID, Hash: hash, ChangedAt: fresh.CreatedAt})
	} else {
		err = sharesNone(ctx, q, actor, row)
	}
	if err != nil {
		return row, err
	}
	roles, err := putMemberships(ctx, q, row.ID, sites, n.Memberships)
	if err != nil {
		return row, err
	}
	if made {
		return row, s.record(ctx, q, createdEntries(row, roles))
	}
	return row, s.record(ctx, q, changedEntries(row, row, map[int32]Role{}, roles))
}

// sharesNone refuses a user, who is locked, where the caller has a site in common with them: such a one is there for the caller, and Update
// changes them.
func sharesNone(ctx context.Context, q *db.Queries, actor *Actor, u db.AppUser) error {
	shared, err := q.MembershipsByUsers(ctx, db.MembershipsByUsersParams{UserIds: []uuid.UUID{u.ID}, Sites: actor.Sites(View)})
	if err == nil && len(shared) > 0 {
		err = fault.New(fault.Conflict, "email", "a user of your sites has this address: change what they are with updateUser, where userId is %q", (&User{AppUser: u}).GlobalID())
	}
	return err
}
