package lab

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what the figures were measured on.
type Machine struct {
	CPU        string
	Cores      int
	MemoryGiB  float64
	Go         string // that the API was built with
	PostgreSQL string
	// LoadBefore is the 1-minute load average before: more than a little, and others were using the machine as well.
	LoadBefore float64
}

// DescribeMachine leaves out what can't be read.
func DescribeMachine(program string) Machine {
	m := Machine{CPU: procValue("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Go: runtime.Version()}
	if info, err := buildinfo.ReadFile(program); err == nil {
		m.Go = info.GoVersion
	}
	kib, _, _ := strings.Cut(procValue("/proc/meminfo", "MemTotal"), " ")
	if n, err := strconv.ParseFloat(kib, 64); err == nil {
		m.MemoryGiB = n / (1 << 20)
	}
	m.LoadBefore = Load()
	return m
}

// Load is the 1-minute load average; 0 where the kernel doesn't say.
func Load() float64 {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), " ")
	load, _ := strconv.ParseFloat(first, 64) // 0 where the kernel writes something else
	return load
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %.0f GiB memory; %s, PostgreSQL %s", m.CPU, m.Cores, m.MemoryGiB, m.Go, m.PostgreSQL)
}

// procValue is the first value of a name in a file of "name : value" lines.
func procValue(file, name string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
