package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
)

// noRoom says why the disk has no room for a data set that isn't there yet, by what the one of so many lots takes; "" where it has.
func noRoom(lots, measured int) (string, error) {
	if there, err := datasetDir(lots); err != nil || there != "" {
		return "", err
	}
	dir, err := datasetDir(measured)
	if err != nil || dir == "" {
		return "", err
	}
	taken, err := size(dir)
	if err != nil {
		return "", err
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(cacheDir, &disk); err != nil {
		return "", err
	}
	return lacks(lots, taken/int64(measured), int64(disk.Bavail)*disk.Bsize), nil
}

// lacks is "" where so many lots have room.
func lacks(lots int, bytesEach, free int64) string {
	const spare = 1 << 30 // for what PostgreSQL sorts on disk, and for everybody else
	if need := int64(lots) * bytesEach; need+spare > free {
		return fmt.Sprintf("%d lots take %.1f GB on disk, %d bytes each, and %.1f GB are free", lots, float64(need)/1e9, bytesEach, float64(free)/1e9)
	}
	return ""
}

// datasetDir is where the kept data set of so many lots is; "" where there is none.
func datasetDir(lots int) (string, error) {
	found, err := filepath.Glob(filepath.Join(cacheDir, fmt.Sprintf("lots-%d-*", lots)))
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// size is how many bytes the files below a folder have.
func size(dir string) (sum int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // PostgreSQL dropped it meanwhile
		}
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}
