package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"flowviz/db"
)

//go:embed bare.sql
var bareSQL string

// bare is pgbench with the statements that registering a lot takes.
type bare struct {
	url, script, dir   string
	user, lotType, all string
	runs               int
}

func newBare(ctx context.Context, dir, url string, owner *pgx.Conn) (*bare, error) {
	b := &bare{script: filepath.Join(dir, "bare.sql"), dir: dir}
	var err error
	if b.url, err = db.EnsureAppLogin(ctx, url); err != nil {
		return nil, err
	}
	err = owner.QueryRow(ctx, "SELECT (SELECT id::text FROM app_user WHERE email = $1), (SELECT id::text FROM lot_type WHERE code = 'BULK'), (SELECT array_agg(id)::text FROM site)",
		operator.Email).Scan(&b.user, &b.lotType, &b.all)
	if err != nil {
		return nil, err
	}
	return b, os.WriteFile(b.script, []byte(bareSQL), 0o644)
}

// perSecond is what pgbench says of its speed, without the time for connecting.
var perSecond = regexp.MustCompile(`tps = ([0-9.]+) \(without`)

// registerBare has pgbench's clients do the same.
func (b *bench) registerBare(ctx context.Context, atSites int, period time.Duration) (measurement, error) {
	b.bare.runs++
	log := filepath.Join(b.dir, fmt.Sprint("pgbench-", b.bare.runs))
	cmd := exec.CommandContext(ctx, "pgbench", "--no-vacuum", "--protocol=prepared", "--client="+strconv.Itoa(b.o.clients), "--jobs=2",
		"--time="+strconv.Itoa(max(1, int(period.Seconds()))), "--file="+b.bare.script, "--log", "--log-prefix="+log,
		"--define=n="+strconv.Itoa(b.bare.runs*1_000_000), "--define=sites="+strconv.Itoa(atSites), "--define=pool="+strconv.Itoa(pool), "--define=type="+b.bare.lotType,
		b.bare.url)
	cmd.Env = append(os.Environ(), "PGAPPNAME="+bareName, "PGOPTIONS=-c flowviz.sites="+b.bare.all+" -c flowviz.user="+b.bare.user)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return measurement{}, fmt.Errorf("%s: %w\n%s", cmd, err, output)
	}
	m := measurement{client: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if m.latencies, err = readLog(log); err != nil {
		return m, err
	}
	found := perSecond.FindSubmatch(output)
	if found == nil || !bytes.Contains(output, []byte("number of failed transactions: 0")) {
		return m, fmt.Errorf("pgbench says:\n%s", output)
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	m.took = time.Duration(float64(len(m.latencies)) / rate * float64(time.Second))
	return m, err
}

// readLog reads the latencies from pgbench's logs, one a thread, and removes these.
func readLog(prefix string) (latencies []time.Duration, err error) {
	files, err := filepath.Glob(prefix + ".*")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			fields := strings.Fields(lines.Text()) // client, transaction, microseconds, script, and when
			if len(fields) < 3 {
				return nil, fmt.Errorf("%s: %q", name, lines.Text())
			}
			us, err := strconv.Atoi(fields[2])
			if err != nil {
				return nil, fmt.Errorf("%s: %q: %w", name, lines.Text(), err)
			}
			latencies = append(latencies, time.Duration(us)*time.Microsecond)
		}
		if err := os.Remove(name); err != nil {
			return nil, err
		}
	}
	return latencies, nil
}
