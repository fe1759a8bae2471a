// Package command is how anything at a site is changed: in one transaction that holds the change, its audit events, its domain
// events and the key under which the client may send it again. All of it is there, or nothing.
//
// What races is decided by locks that are taken in one order: first those of sites (Tx.Share, Tx.Exclude), then rows by their
// ids, then counters of codes, and last the heads of the sites' logs and streams, which Do takes itself. Two commands that
// deadlock all the same are tried again.
package command

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/idempotency"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Executor executes commands.
type Executor struct {
	pool  *pgxpool.Pool
	log   *audit.Recorder
	newID func() uuid.UUID
	now   func() time.Time
	told  func()
}

// NewExecutor writes through pool, and what was done into log; newID gives a new UUIDv7 at each call.
func NewExecutor(pool *pgxpool.Pool, log *audit.Recorder, newID func() uuid.UUID, now func() time.Time) *Executor {
	return &Executor{pool: pool, log: log, newID: newID, now: now, told: func() {}}
}

// AfterTelling has fn called whenever a command that told something is committed: a hint, for those who listen to look at once. Set it
// before the first command; fn must not wait.
func (x *Executor) AfterTelling(fn func()) { x.told = fn }

// Call is one request of a client.
type Call = idempotency.Call

// Tx is the transaction of one command.
type Tx struct {
	*db.Queries
	Later *db.Queries // for what needs no answer (db.Later)
	Actor *identity.Actor
	At    time.Time // now, in microseconds as the database keeps times: one instant for all that the command writes

	newID   func() uuid.UUID
	entries []audit.Entry
	events  []event.Event
}

// NewID makes the id of a new row.
func (tx *Tx) NewID() uuid.UUID { return tx.newID() }

// Audit adds to what the command did.
func (tx *Tx) Audit(entries ...audit.Entry) { tx.entries = append(tx.entries, entries...) }

// Tell adds to what those who listen will hear.
func (tx *Tx) Tell(events ...event.Event) { tx.events = append(tx.events, events...) }

// attempts bounds how often a command is tried that PostgreSQL gave up because of others.
const attempts = 5

// Do executes a command as the context's actor: fn checks and changes, and returns what its payload is made from, by ids. Sent again
// with its key, a call gets what the first one got, and fn isn't run; with the key and another input it is CONFLICT.
//
// fn may be run several times: each time all that it did before is undone, but for what it did outside tx.
func Do[R any](ctx context.Context, x *Executor, call Call, fn func(tx *Tx) (R, error)) (R, error) {
	return DoWithin(ctx, x, call, identity.ActorFrom(ctx).Scope(), fn)
}

// DoWithin is Do with the rows of other sites in sight: what stops a lot reaches what was made of it wherever it is.
func DoWithin[R any](ctx context.Context, x *Executor, call Call, scope db.Scope, fn func(tx *Tx) (R, error)) (R, error) {
	var claim *idempotency.Claim
	if actor := identity.ActorFrom(ctx); actor != nil { // who isn't signed in is refused elsewhere
		var err error
		if claim, err = idempotency.New(actor.UserID, actor.Token, call); err != nil {
			var none R
			return none, err
		}
	}
	for attempt := 1; ; attempt++ {
		result, err := once(ctx, x, claim, scope, fn)
		if err == nil || attempt == attempts || !mayHelp(err) || ctx.Err() != nil {
			return result, err
		}
	}
}

// mayHelp reports whether the same command may succeed when it is tried again: PostgreSQL chose it as the victim of a deadlock,
// or it could not be put in an order with others.
func mayHelp(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40P01" || pg.Code == "40001")
}

func once[R any](ctx context.Context, x *Executor, claim *idempotency.Claim, scope db.Scope, fn func(tx *Tx) (R, error)) (result R, err error) {
	told := false
	err = db.InTx(ctx, x.pool, scope, func(q *db.Queries) error {
		tx := &Tx{Queries: q, Later: db.Later(q), Actor: identity.ActorFrom(ctx), At: x.now().UTC().Truncate(time.Microsecond), newID: x.newID}
		if again, err := claim.Take(ctx, q, tx.At, &result); err != nil || again {
			return err
		}
		made, err := fn(tx)
		if err != nil {
			return err
		}
		result = made
		if err := claim.Keep(ctx, q, result); err != nil {
			return err
		}
		told = len(tx.events) > 0
		return tx.close(ctx, x)
	})
	if err == nil && told {
		x.told()
	}
	return result, err
}

// close writes logs and streams, a site after the other in ascending order, so that no two commands wait for each other.
func (tx *Tx) close(ctx context.Context, x *Executor) error {
	slices.SortStableFunc(tx.entries, func(a, b audit.Entry) int { return cmp.Compare(a.Site, b.Site) })
	slices.SortStableFunc(tx.events, func(a, b event.Event) int { return cmp.Compare(a.Site, b.Site) })
	for entries, events := tx.entries, tx.events; len(entries) > 0 || len(events) > 0; {
		site := first(entries, events)
		var ofSite []audit.Entry
		ofSite, entries = cut(entries, func(e audit.Entry) bool { return e.Site == site })
		if err := x.log.Record(ctx, tx.Queries, ofSite...); err != nil {
			return err
		}
		var told []event.Event
		if told, events = cut(events, func(e event.Event) bool { return e.Site == site }); len(told) == 0 {
			continue
		}
		if err := event.Append(ctx, tx.Queries, x.newID, tx.At, site, told); err != nil {
			return err
		}
	}
	return nil
}

// first is the lowest site among those that come first.
func first(entries []audit.Entry, events []event.Event) int32 {
	switch {
	case len(entries) == 0:
		return events[0].Site
	case len(events) == 0:
		return entries[0].Site
	}
	return min(entries[0].Site, events[0].Site)
}

// cut divides a list behind its first elements that are so.
func cut[T any](list []T, so func(T) bool) (head, tail []T) {
	n := slices.IndexFunc(list, func(one T) bool { return !so(one) })
	if n < 0 {
		n = len(list)
	}
	return list[:n], list[n:]
}

// Site finds a site by its code, where the actor has the permission. NOT_FOUND on siteCode where it isn't there for the actor,
// FORBIDDEN where they are less.
func (tx *Tx) Site(ctx context.Context, code string, p identity.Permission) (db.Site, error) {
	site, err := tx.SiteByCode(ctx, code)
	if db.NoRows(err) {
		return site, fault.New(fault.NotFound, "siteCode", "there is no site %q", code)
	} else if err != nil {
		return site, err
	}
	return site, tx.Actor.Require(p, site.ID)
}

// SiteOf finds the site of a thing by its id, where the actor has the permission. NOT_FOUND on field where it isn't there for the
// actor, FORBIDDEN where they are less.
func (tx *Tx) SiteOf(ctx context.Context, id relay.ID, field string, p identity.Permission) (db.Site, error) {
	found, err := tx.SitesByIDs(ctx, []int32{id.Site})
	if err != nil {
		return db.Site{}, err
	}
	if len(found) == 0 || tx.Actor.Require(identity.View, id.Site) != nil {
		return db.Site{}, fault.New(fault.NotFound, field, "there is no such %s", id.Kind)
	}
	return found[0], tx.Actor.Require(p, id.Site)
}
