package command

import (
	"context"
	"slices"

	"flowviz/db"
)

// SiteLocks is the first number of the advisory locks that stand for sites; the second is the site's id. linkLock is that of the one lock for
// links between lots that exist, which the trigger lot_genealogy_acyclic takes too; its second is 0. fillLocks are, by site, those of its vessels.
const (
	SiteLocks = 1
	linkLock  = 2
	fillLocks = 3
)

// Share lets others work at the sites at the same time, but nobody stop lots there until the transaction ends. It comes before the
// first look at a lot: what is read after it is what holds. Sites are taken in ascending order.
func (tx *Tx) Share(ctx context.Context, sites ...int32) error {
	return tx.Later.LockSitesShared(ctx, db.LockSitesSharedParams{Class: SiteLocks, Sites: sites})
}

// Exclude waits until nobody else works at the sites, and keeps them out until the transaction ends. An exclusive lock on each write
// would leave 0.30 of the bare statements' rate: it is for what stops lots, and for what takes links away or adds them to
// lots that exist.
func (tx *Tx) Exclude(ctx context.Context, sites ...int32) error {
	return tx.Later.LockSites(ctx, db.LockSitesParams{Class: SiteLocks, Sites: sites})
}

// ExcludeBelow is Exclude of sites together with all that received from them, directly or over others, which the rest of the command
// sees and writes at: what stops a lot stops what was made of it there. A site that received for the first time while others were waited
// for is taken too.
func (tx *Tx) ExcludeBelow(ctx context.Context, sites ...int32) error {
	for taken := []int32(nil); ; {
		below, err := tx.SeeSitesBelow(ctx, sites)
		if err != nil || slices.Equal(below, taken) {
			return err
		}
		if err := tx.Exclude(ctx, below...); err != nil {
			return err
		}
		taken = below
	}
}

// Link waits until nobody else adds links to lots that exist, anywhere, and keeps others from it until the transaction ends: else two could close a
// circle of which each sees a half. It comes after the sites and before the lots. Links to lots that the command itself makes need none.
func (tx *Tx) Link(ctx context.Context) error {
	return tx.LockSites(ctx, db.LockSitesParams{Class: linkLock, Sites: []int32{0}})
}

// Fill waits until nobody else fills a vessel at the site, and keeps others from it until the transaction ends: of two, one would not see the heel that
// the other leaves. It comes after the lots, and before locations.
func (tx *Tx) Fill(ctx context.Context, site int32) error {
	return tx.LockSites(ctx, db.LockSitesParams{Class: fillLocks, Sites: []int32{site}})
}
