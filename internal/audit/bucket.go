package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"

	"flowviz/internal/fault"
)

// BucketConfig says where an S3-compatible store is.
type BucketConfig struct {
	Endpoint, Region     string // host:port, of HTTPS unless Plain; the region as the store calls it
	AccessKey, SecretKey string
	Plain                bool // HTTP, for a store on the same machine
	Bucket, Prefix       string
}

// Bucket keeps checkpoints as objects of an S3-compatible store: PREFIX/SITE/SEQUENCE-HASH.json. The name has the hash, so
// that no checkpoint of a rewritten log can take the place of the true one; its bucket best has object lock on.
type Bucket struct {
	client *minio.Client
	bucket string
	prefix string // "" or with a slash at its end
}

// NewBucket prepares a store, without asking whether it is there.
func NewBucket(cfg BucketConfig) (*Bucket, error) {
	client, err := minio.New(cfg.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""), Secure: !cfg.Plain, Region: cfg.Region,
	})
	if err != nil {
		return nil, fault.BadInput("FLOWVIZ_S3_ENDPOINT", "%v", err)
	}
	prefix := strings.Trim(cfg.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &Bucket{client: client, bucket: cfg.Bucket, prefix: prefix}, nil
}

// Put implements Store.
func (b *Bucket) Put(ctx context.Context, c *Checkpoint) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode a checkpoint: %w", err)
	}
	// Twenty digits: names sort as numbers do.
	name := fmt.Sprintf("%s%s/%020d-%s.json", b.prefix, c.Site, c.Sequence, hex.EncodeToString(c.Hash))
	options := minio.PutObjectOptions{ContentType: "application/json"}
	if _, err := b.client.PutObject(ctx, b.bucket, name, bytes.NewReader(data), int64(len(data)), options); err != nil {
		return fmt.Errorf("store a checkpoint: %w", err)
	}
	return nil
}

// names are those below a folder, in order.
func (b *Bucket) names(ctx context.Context, folder string, deep bool) ([]string, error) {
	var names []string
	for object := range b.client.ListObjects(ctx, b.bucket, minio.ListObjectsOptions{Prefix: folder, Recursive: deep}) {
		if object.Err != nil {
			return nil, fmt.Errorf("list checkpoints: %w", object.Err)
		}
		names = append(names, object.Key)
	}
	slices.Sort(names)
	return names, nil
}

// Sites implements Store.
func (b *Bucket) Sites(ctx context.Context) ([]string, error) {
	names, err := b.names(ctx, b.prefix, false)
	var sites []string
	for _, name := range names {
		if folder, ok := strings.CutSuffix(name, "/"); ok {
			sites = append(sites, path.Base(folder))
		}
	}
	return sites, err
}

// reads is how many checkpoints are fetched at once: a year of one a minute is half a million objects.
const reads = 16

// All implements Store.
func (b *Bucket) All(ctx context.Context, site string) ([]*Checkpoint, error) {
	names, err := b.names(ctx, b.prefix+site+"/", true)
	if err != nil {
		return nil, err
	}
	all := make([]*Checkpoint, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(reads)
	for i, name := range names {
		group.Go(func() (err error) {
			all[i], err = b.read(ctx, name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	sortCheckpoints(all)
	return all, nil
}

// Last implements Store.
func (b *Bucket) Last(ctx context.Context, site string) (*Checkpoint, error) {
	names, err := b.names(ctx, b.prefix+site+"/", true)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return b.read(ctx, names[len(names)-1])
}

func (b *Bucket) read(ctx context.Context, name string) (*Checkpoint, error) {
	object, err := b.client.GetObject(ctx, b.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("read checkpoint %s: %w", name, err)
	}
	defer object.Close() //nolint:errcheck // it has been read, or its reading failed
	const most = 4 << 10 // a checkpoint has some 300 bytes
	data, err := io.ReadAll(io.LimitReader(object, most))
	if err != nil {
		return nil, fmt.Errorf("read checkpoint %s: %w", name, err)
	}
	c := &Checkpoint{}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("%s is no checkpoint: %w", name, err)
	}
	return c, nil
}
