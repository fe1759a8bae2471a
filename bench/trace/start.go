package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"flowviz/bench/lab"
)

// Start is how long a start took until /readyz was answered with 200.
type Start struct {
	Name          string
	LimitSeconds  float64
	Seconds       []float64
	MedianSeconds float64
}

// measureStarts measures the built binary: its demo on an empty and on a filled data folder, and on an existing database.
func measureStarts(ctx context.Context, o options, d database) ([]Start, error) {
	empty := Start{Name: "`demo` on an empty data folder", LimitSeconds: 10}
	filled := Start{Name: "`demo` on a filled data folder", LimitSeconds: 3}
	serve := Start{Name: fmt.Sprintf("`serve` on a database of %d lots", d.dataset.Lots), LimitSeconds: 1}
	for range o.starts {
		if err := measureDemo(ctx, o.api, &empty, &filled); err != nil {
			return nil, err
		}
		if err := serve.measure(func() (*lab.Process, error) { return startServe(ctx, o.api, d) }); err != nil {
			return nil, err
		}
	}
	return []Start{empty, filled, serve}, nil
}

// measureDemo starts the demo twice on one folder.
func measureDemo(ctx context.Context, program string, empty, filled *Start) (err error) {
	dir, err := os.MkdirTemp(cacheDir, "demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL refuses root and runs as another user then
		return err
	}
	for _, s := range []*Start{empty, filled} {
		if err := s.measure(func() (*lab.Process, error) { return startDemo(ctx, program, filepath.Join(dir, "data")) }); err != nil {
			return err
		}
	}
	return nil
}

func startDemo(ctx context.Context, program, data string) (*lab.Process, error) {
	address, err := lab.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return lab.Launch(ctx, address, "/readyz", []string{"DATABASE_URL=", "FLOWVIZ_DATA=" + data, "FLOWVIZ_ADDR=" + address}, program, "demo")
}

// measure times one start, and ends what was started.
func (s *Start) measure(start func() (*lab.Process, error)) error {
	began := time.Now()
	p, err := start()
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	if err := p.Stop(); err != nil {
		return err
	}
	fmt.Printf("start: %s %.2f s\n", s.Name, took)
	s.Seconds = append(s.Seconds, took)
	s.MedianSeconds = lab.Median(s.Seconds)
	return nil
}
