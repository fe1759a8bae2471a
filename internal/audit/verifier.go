package audit

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
)

// Verifier checks logs against themselves and their checkpoints.
type Verifier struct {
	pool  *pgxpool.Pool
	store Store // nil where no checkpoints are kept
	keys  *Keys
	turn  chan struct{} // who verifies for a request is in it
}

// NewVerifier reads logs through pool and checkpoints from store, which may be nil: a chain alone shows neither that its tail
// was cut off together with its head, nor that it was rewritten whole.
func NewVerifier(pool *pgxpool.Pool, store Store, keys *Keys) *Verifier {
	return &Verifier{pool: pool, store: store, keys: keys, turn: make(chan struct{}, 1)}
}

// Site verifies one site's log, for the context's actor. NOT_FOUND for a site that it is no member of, FORBIDDEN where it may
// not validate. One log is verified at a time: each takes a core and one of a pool's few connections for seconds.
func (v *Verifier) Site(ctx context.Context, code string) (*Report, error) {
	actor := identity.ActorFrom(ctx)
	site, err := v.find(ctx, actor.Scope(), code)
	if err != nil {
		return nil, err
	}
	if err := actor.Require(identity.Validate, site.ID); err != nil {
		return nil, err
	}
	select {
	case v.turn <- struct{}{}:
		defer func() { <-v.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return v.verify(ctx, site.ID, code)
}

// All verifies the logs of all sites, or of the one that code names, without asking who wants to know. NOT_FOUND for an
// unknown site. A site that has checkpoints and isn't in the database is reported too.
func (v *Verifier) All(ctx context.Context, code string) ([]*Report, error) {
	sites, err := allSites(ctx, v.pool)
	if err != nil {
		return nil, err
	}
	if code != "" {
		i := slices.IndexFunc(sites, func(s db.Site) bool { return s.Code == code })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "site", "there is no site %q", code)
		}
		sites = sites[i : i+1]
	}
	var reports []*Report
	for _, site := range sites {
		report, err := v.verify(ctx, site.ID, site.Code)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	if code != "" || v.store == nil {
		return reports, nil
	}
	return v.appendUnknown(ctx, reports)
}

// appendUnknown reports sites of which the database knows nothing any more.
func (v *Verifier) appendUnknown(ctx context.Context, reports []*Report) ([]*Report, error) {
	codes, err := v.store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	for _, code := range codes {
		if !slices.ContainsFunc(reports, func(r *Report) bool { return r.Site == code }) {
			reports = append(reports, &Report{Site: code, Flaw: flaw(1, Unknown, "there are checkpoints of site %s, and the database has no such site", code)})
		}
	}
	return reports, nil
}

func (v *Verifier) find(ctx context.Context, scope db.Scope, code string) (db.Site, error) {
	snapshot := db.NewSnapshot(ctx, v.pool, scope)
	defer snapshot.Close()
	site, err := db.New(snapshot).SiteByCode(ctx, code)
	if db.NoRows(err) {
		return site, fault.New(fault.NotFound, "site", "there is no site %q", code)
	}
	return site, err
}

func (v *Verifier) verify(ctx context.Context, site int32, code string) (*Report, error) {
	var checkpoints []*Checkpoint
	if v.store != nil {
		var err error
		if checkpoints, err = v.store.All(ctx, code); err != nil {
			return nil, err
		}
	}
	snapshot := db.NewSnapshot(ctx, v.pool, scopeOf(site))
	defer snapshot.Close()
	head, err := headOf(ctx, snapshot, site)
	if err != nil {
		return nil, err
	}
	return verify(ctx, snapshot, head, checkpoints, v.keys)
}

// headOf is where a site's log stands.
func headOf(ctx context.Context, tx db.DBTX, site int32) (db.AuditHeadsRow, error) {
	heads, err := db.New(tx).AuditHeads(ctx, []int32{site})
	if err != nil {
		return db.AuditHeadsRow{}, err
	}
	if len(heads) != 1 {
		return db.AuditHeadsRow{}, fault.New(fault.NotFound, "site", "site %d has no audit log", site)
	}
	return heads[0], nil
}

// allSites are the sites of which this program itself looks after the logs, by code.
func allSites(ctx context.Context, pool *pgxpool.Pool) ([]db.Site, error) {
	ids, err := db.New(pool).AllSiteIDs(ctx)
	if err != nil {
		return nil, err
	}
	snapshot := db.NewSnapshot(ctx, pool, db.Scope{Sites: ids})
	defer snapshot.Close()
	return db.New(snapshot).Sites(ctx)
}

// scopeOf is a site, with its log.
func scopeOf(site int32) db.Scope {
	return db.Scope{Sites: []int32{site}, Audits: []int32{site}}
}
