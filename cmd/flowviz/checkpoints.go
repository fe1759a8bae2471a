package main

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/internal/audit"
	"flowviz/internal/fault"
)

// checkpoints is where checkpoints of audit logs are kept; nil where nobody said where, and the database is another's.
func (c *config) checkpoints() (audit.Store, error) {
	if c.Checkpoints == "" {
		if c.DatabaseURL != "" {
			return nil, nil //nolint:nilnil // none are kept
		}
		return audit.NewFolder(filepath.Join(c.Data, "checkpoints")), nil
	}
	at, err := url.Parse(c.Checkpoints)
	switch {
	case err == nil && at.Scheme == "file" && at.Host == "" && at.Path != "":
		return audit.NewFolder(at.Path), nil
	case err == nil && at.Scheme == "s3" && at.Host != "":
		return c.bucket(at.Host, at.Path)
	}
	return nil, fault.BadInput("FLOWVIZ_CHECKPOINTS", "%q is neither file:///folder nor s3://bucket/prefix", c.Checkpoints)
}

func (c *config) bucket(name, prefix string) (audit.Store, error) {
	endpoint, err := url.Parse(c.S3Endpoint)
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" {
		return nil, fault.BadInput("FLOWVIZ_S3_ENDPOINT", "%q is no URL of an S3-compatible store, such as https://s3.eu-central-1.amazonaws.com", c.S3Endpoint)
	}
	return audit.NewBucket(audit.BucketConfig{
		Endpoint: endpoint.Host, Plain: endpoint.Scheme == "http", Region: c.S3Region, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey,
		Bucket: name, Prefix: strings.Trim(prefix, "/"),
	})
}

func (c *config) checkpointKey() string {
	if c.CheckpointKey != "" {
		return c.CheckpointKey
	}
	return filepath.Join(c.Data, "checkpoint.key")
}

// checkpointer signs what a serving process finds; nil where no checkpoints are kept.
func (a *app) checkpointer(pool *pgxpool.Pool) (*audit.Checkpointer, *audit.Verifier, error) {
	store, err := a.config.checkpoints()
	if err != nil {
		return nil, nil, err
	}
	if store == nil {
		return nil, audit.NewVerifier(pool, nil, nil), nil
	}
	keys, err := audit.EnsureKeys(a.config.checkpointKey())
	if err != nil {
		return nil, nil, err
	}
	checkpointer, err := audit.NewCheckpointer(pool, store, keys, a.now)
	return checkpointer, audit.NewVerifier(pool, store, keys), err
}
