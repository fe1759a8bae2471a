package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
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
		if err := serve.measure(func() (*process, error) { return startServe(ctx, o.api, d) }); err != nil {
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
		if err := s.measure(func() (*process, error) { return startDemo(ctx, program, filepath.Join(dir, "data")) }); err != nil {
			return err
		}
	}
	return nil
}

func startDemo(ctx context.Context, program, data string) (*process, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return launch(ctx, address, "/readyz", []string{"DATABASE_URL=", "FLOWVIZ_DATA=" + data, "FLOWVIZ_ADDR=" + address}, program, "demo")
}

// measure times one start, and ends what was started.
func (s *Start) measure(start func() (*process, error)) error {
	began := time.Now()
	p, err := start()
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	if err := p.stop(); err != nil {
		return err
	}
	fmt.Printf("start: %s %.2f s\n", s.Name, took)
	s.Seconds = append(s.Seconds, took)
	s.MedianSeconds = median(s.Seconds)
	return nil
}

// median of at least one value.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
