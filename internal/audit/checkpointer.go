package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/fault"
)

// When a site's log gets its next checkpoint: what comes first, and only if something was added. Until then, whoever owns the
// database can change what is new.
const (
	CheckpointAge  = 60 * time.Second
	CheckpointRows = 1_000
)

// Checkpointer signs where logs stand.
type Checkpointer struct {
	pool  *pgxpool.Pool
	store Store
	keys  *Keys
	now   func() time.Time

	mu   sync.Mutex
	last map[int32]*Checkpoint // by site; not there: not read yet, nil: there is none
}

// NewCheckpointer signs what it reads through pool into store. BAD_USER_INPUT where the first of keys is a public one.
func NewCheckpointer(pool *pgxpool.Pool, store Store, keys *Keys, now func() time.Time) (*Checkpointer, error) {
	if keys.private == nil {
		return nil, fault.BadInput("FLOWVIZ_CHECKPOINT_KEY", "its first key is a public one, which can't sign checkpoints")
	}
	return &Checkpointer{pool: pool, store: store, keys: keys, now: now, last: map[int32]*Checkpoint{}}, nil
}

// Run signs the logs for which it is time. What fails at one site doesn't keep the others from theirs.
func (c *Checkpointer) Run(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	sites, err := allSites(ctx, c.pool)
	if err != nil {
		return fmt.Errorf("find the sites: %w", err)
	}
	var failed error
	for _, site := range sites {
		if err := c.site(ctx, site); err != nil {
			failed = errors.Join(failed, fmt.Errorf("checkpoint of site %s: %w", site.Code, err))
		}
	}
	return failed
}

func (c *Checkpointer) site(ctx context.Context, site db.Site) error {
	last, known := c.last[site.ID]
	if !known {
		var err error
		if last, err = c.store.Last(ctx, site.Code); err != nil {
			return err
		}
		c.last[site.ID] = last
	}
	snapshot := db.NewSnapshot(ctx, c.pool, scopeOf(site.ID))
	defer snapshot.Close()
	head, err := headOf(ctx, snapshot, site.ID)
	if err != nil {
		return err
	}
	now := c.now()
	if !due(head, last, now) {
		return nil
	}
	if err := follows(ctx, snapshot, head, last); err != nil {
		return err
	}
	next := c.keys.sign(site.Code, head.AuditSequence, head.AuditHash, now)
	if err := c.store.Put(ctx, next); err != nil {
		return err
	}
	c.last[site.ID] = next
	return nil
}

// due: a log that shrank is, to be found out.
func due(head db.AuditHeadsRow, last *Checkpoint, now time.Time) bool {
	if last == nil {
		return head.AuditSequence > 0
	}
	added := head.AuditSequence - last.Sequence
	return added < 0 || added >= CheckpointRows || added > 0 && now.Sub(last.At) >= CheckpointAge
}

// errTampered stops signing: a new signature must not make a changed log look right.
var errTampered = errors.New("the log isn't the one that was signed before: run `flowviz audit verify`; nothing more is signed for it here")

// follows is nil where the log still has the event that was signed last.
func follows(ctx context.Context, tx db.DBTX, head db.AuditHeadsRow, last *Checkpoint) error {
	if last == nil {
		return nil
	}
	hash, err := db.New(tx).AuditHash(ctx, db.AuditHashParams{SiteID: head.SiteID, Sequence: last.Sequence})
	if db.NoRows(err) {
		return errTampered
	}
	if err != nil {
		return err
	}
	if head.AuditSequence < last.Sequence || !bytes.Equal(hash, last.Hash) {
		return errTampered
	}
	return nil
}
