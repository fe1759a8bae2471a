package audit_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"flowviz/db/dbtest"
	"flowviz/internal/audit"
	"flowviz/internal/fault"
)

// stores are one of each kind, empty.
func stores(t *testing.T) map[string]audit.Store {
	t.Helper()
	backend := s3mem.New()
	for _, name := range []string{"audit", "shared"} {
		must(t, backend.CreateBucket(name))
	}
	srv := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(srv.Close)
	bucket := func(name, prefix string) audit.Store {
		b, err := audit.NewBucket(audit.BucketConfig{
			Endpoint: strings.TrimPrefix(srv.URL, "http://"), Region: "eu-central-1", AccessKey: "key", SecretKey: "secret", Plain: true, Bucket: name, Prefix: prefix,
		})
		must(t, err)
		return b
	}
	return map[string]audit.Store{
		"folder": audit.NewFolder(filepath.Join(t.TempDir(), "made")), "bucket": bucket("audit", ""), "bucket with a prefix": bucket("shared", "plants/one/"),
	}
}

func TestStoresKeepCheckpoints(t *testing.T) {
	t.Parallel()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			none, err := store.Last(ctx, "DUNA")
			must(t, err)
			sites, err := store.Sites(ctx)
			must(t, err)
			if none != nil || len(sites) != 0 {
				t.Errorf("an empty store has %v of %v", none, sites)
			}
			var want []*audit.Checkpoint
			for _, n := range []int64{9, 10, 1_000, 30} { // 9 after 10 as text
				c := &audit.Checkpoint{Site: "DUNA", Sequence: n, Hash: []byte(fmt.Sprintf("%032d", n)), At: noon.Add(time.Duration(n)).Truncate(1000), Key: "k", Signature: []byte{1}}
				must(t, store.Put(ctx, c))
				want = append(want, c)
			}
			want[2], want[3] = want[3], want[2]
			must(t, store.Put(ctx, &audit.Checkpoint{Site: "TISZ", Sequence: 1, Hash: make([]byte, 32), At: noon}))
			got, err := store.All(ctx, "DUNA")
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			last, err := store.Last(ctx, "DUNA")
			must(t, err)
			if diff := cmp.Diff(want[3], last); diff != "" {
				t.Errorf("last (-want +got):\n%s", diff)
			}
			sites, err = store.Sites(ctx)
			must(t, err)
			if diff := cmp.Diff([]string{"DUNA", "TISZ"}, sites); diff != "" {
				t.Errorf("sites (-want +got):\n%s", diff)
			}
		})
	}
}

// newKeys makes a key in a file of its own.
func newKeys(t testing.TB) *audit.Keys {
	t.Helper()
	keys, err := audit.EnsureKeys(filepath.Join(t.TempDir(), "checkpoint.key"))
	must(t, err)
	return keys
}

func TestKeysStay(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "checkpoint.key")
	first, err := audit.EnsureKeys(file)
	must(t, err)
	second, err := audit.EnsureKeys(file)
	must(t, err)
	a, err := first.PublicPEM()
	must(t, err)
	b, err := second.PublicPEM()
	must(t, err)
	if string(a) != string(b) {
		t.Error("the second start made another key")
	}
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v", info.Mode())
	}
}

func TestBadKeyFilesAreRefused(t *testing.T) {
	t.Parallel()
	rsa := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte{1}})
	for name, content := range map[string]string{
		"empty": "", "no PEM": "secret", "another kind of key": string(rsa), "not PKCS #8": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	} {
		file := filepath.Join(t.TempDir(), "key")
		must(t, os.WriteFile(file, []byte(content), 0o600))
		if _, err := audit.ReadKeys(file); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ticking is a clock that a test moves.
type ticking struct{ at time.Time }

func (c *ticking) now() time.Time { return c.at }

func (c *ticking) pass(d time.Duration) { c.at = c.at.Add(d) }

func checkpointer(t testing.TB, pool *pgxpool.Pool, store audit.Store, keys *audit.Keys, clock *ticking) *audit.Checkpointer {
	t.Helper()
	c, err := audit.NewCheckpointer(pool, store, keys, clock.now)
	must(t, err)
	return c
}

func many(ctx context.Context, t testing.TB, pool *pgxpool.Pool, site int32, n int) {
	t.Helper()
	entries := make([]audit.Entry, n)
	for i := range entries {
		entries[i] = renamed(site)
	}
	must(t, record(ctx, pool, entries...))
}

// TestWhenCheckpointsAreSigned: at once for what was never signed, then after 60 s or 1,000 events, and never for nothing new.
func TestWhenCheckpointsAreSigned(t *testing.T) {
	t.Parallel()
	pool, store, clock := dbtest.New(t, nil), audit.NewFolder(t.TempDir()), &ticking{noon}
	ctx, keys := somebody(t.Context()), newKeys(t)
	site := newSite(t, pool, "DUNA")
	c := checkpointer(t, pool, store, keys, clock)
	for _, step := range []struct {
		name  string
		add   int
		pass  time.Duration
		fresh bool // another process goes on
		want  int64
	}{
		{"nothing yet", 0, time.Hour, false, 0},
		{"the first event", 1, 0, false, 1},
		{"the second, 59 s later", 1, 59 * time.Second, false, 1},
		{"a second later", 0, time.Second, false, 2},
		{"nothing new", 0, time.Hour, false, 2},
		{"a third, found by another process", 1, 0, true, 3},
		{"999 more", 999, 0, false, 3},
		{"the thousandth", 1, 0, false, 1003},
	} {
		many(ctx, t, pool, site, step.add)
		clock.pass(step.pass)
		if step.fresh {
			c = checkpointer(t, pool, store, keys, clock)
		}
		must(t, c.Run(ctx))
		last, err := store.Last(ctx, "DUNA")
		must(t, err)
		if got := sequenceOf(last); got != step.want {
			t.Errorf("%s: the last checkpoint is at %d instead of %d", step.name, got, step.want)
		}
	}
	reports, err := audit.NewVerifier(pool, store, keys).All(ctx, "")
	must(t, err)
	want := []*audit.Report{{Site: "DUNA", SiteID: site, Events: 1003, Checkpoints: 4, Covered: 1003}}
	if diff := cmp.Diff(want, reports); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func sequenceOf(c *audit.Checkpoint) int64 {
	if c == nil {
		return 0
	}
	return c.Sequence
}

// TestChangedLogsAreNotSigned: a signature must not make a rewritten log look right. The other site still gets its own.
func TestChangedLogsAreNotSigned(t *testing.T) {
	t.Parallel()
	pool, store, clock, ctx := dbtest.New(t, nil), audit.NewFolder(t.TempDir()), &ticking{noon}, somebody(t.Context())
	duna, tisza := newSite(t, pool, "DUNA"), newSite(t, pool, "TISZ")
	many(ctx, t, pool, duna, 2)
	c := checkpointer(t, pool, store, newKeys(t), clock)
	must(t, c.Run(ctx))
	_, err := pool.Exec(ctx, "UPDATE audit_event SET hash = sha256('x') WHERE site_id = $1 AND sequence = 2", duna)
	must(t, err)
	many(ctx, t, pool, duna, 1)
	many(ctx, t, pool, tisza, 1)
	clock.pass(time.Hour)
	if err := c.Run(ctx); err == nil || !strings.Contains(err.Error(), "DUNA") || !strings.Contains(err.Error(), "audit verify") {
		t.Errorf("%v", err)
	}
	for code, want := range map[string]int64{"DUNA": 2, "TISZ": 1} {
		last, err := store.Last(ctx, code)
		must(t, err)
		if sequenceOf(last) != want {
			t.Errorf("%s: the last checkpoint is at %d instead of %d", code, sequenceOf(last), want)
		}
	}
}

// TestPublicKeysVerify: an auditor has the public half alone, which verifies and can't sign; after a change of keys the old
// one's checkpoints still count, and a stranger's never do.
func TestPublicKeysVerify(t *testing.T) {
	t.Parallel()
	pool, store, clock, ctx := dbtest.New(t, nil), audit.NewFolder(t.TempDir()), &ticking{noon}, somebody(t.Context())
	many(ctx, t, pool, newSite(t, pool, "DUNA"), 2)
	keys := newKeys(t)
	must(t, checkpointer(t, pool, store, keys, clock).Run(ctx))
	public, err := keys.PublicPEM()
	must(t, err)
	_, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	newer := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	for name, test := range map[string]struct {
		file       string
		signs      bool
		wantIntact bool
	}{
		"the public half":         {string(public), false, true},
		"a newer and the old one": {newer + string(public), true, true},
		"a stranger's":            {newer, true, false},
	} {
		file := filepath.Join(t.TempDir(), "key")
		must(t, os.WriteFile(file, []byte(test.file), 0o600))
		read, err := audit.ReadKeys(file)
		must(t, err)
		if _, err := audit.NewCheckpointer(pool, store, read, clock.now); (err == nil) != test.signs {
			t.Errorf("%s signs: %v", name, err)
		}
		reports, err := audit.NewVerifier(pool, store, read).All(ctx, "DUNA")
		must(t, err)
		if r := reports[0]; r.Intact() != test.wantIntact || !r.Intact() && r.Flaw.Problem != audit.Unsigned {
			t.Errorf("%s: %+v", name, r.Flaw)
		}
	}
}

func TestSitesThatVanished(t *testing.T) {
	t.Parallel()
	pool, store, ctx, keys := dbtest.New(t, nil), audit.NewFolder(t.TempDir()), somebody(t.Context()), newKeys(t)
	many(ctx, t, pool, newSite(t, pool, "DUNA"), 2)
	must(t, checkpointer(t, pool, store, keys, &ticking{noon}).Run(ctx))
	_, err := pool.Exec(ctx, "UPDATE site SET code = 'TISZ'")
	must(t, err)
	reports, err := audit.NewVerifier(pool, store, keys).All(ctx, "")
	must(t, err)
	if len(reports) != 2 || !reports[0].Intact() || reports[1].Site != "DUNA" || reports[1].Intact() || reports[1].Flaw.Problem != audit.Unknown {
		t.Errorf("%+v", reports)
	}
	if _, err := audit.NewVerifier(pool, store, keys).All(ctx, "DUNA"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a site that isn't there: %v", err)
	}
}
