package pgembed

import (
	"maps"
	"slices"
)

// defaultSettings suit one application on a small machine (two cores, 2 GB and more). Durability stays as PostgreSQL ships
// it: what was committed survives a power cut.
func defaultSettings() map[string]string {
	return map[string]string{
		// The working set of a million lots, about 1 GB, is cached by the system; this part of it needs no system call.
		"shared_buffers": "256MB",
		// The genealogy's sorts and hash tables spill to disk at the default of 4 MB.
		"work_mem": "16MB",
		// Index builds on a bulk load.
		"maintenance_work_mem": "128MB",
		// Folders live on solid state disks, where a random page costs about what a sequential one does; the default of 4
		// makes the planner scan whole tables.
		"random_page_cost": "1.1",
		// The planner guesses a recursive query's rows far too high, and compiles for 100 ms and more what runs in 10.
		"jit": "off",
		// Nothing replicates from an embedded server, and COPY into a table made in the same transaction then skips the log.
		"wal_level":       "minimal",
		"max_wal_senders": "0",
		// A day belongs to a site, whose time zone the application knows; the server's must not depend on the machine.
		"timezone":     "UTC",
		"log_timezone": "UTC",
		// A statement's error goes to who sent it, and only there: it can quote data.
		"log_min_messages": "log",
		"log_checkpoints":  "off",
		"log_line_prefix":  "",
	}
}

// arguments are those of the program postgres: settings replace the defaults, and the fixed ones come last, since a server
// that listened elsewhere would break the package's promise.
func arguments(data, port string, settings map[string]string) []string {
	all := defaultSettings()
	maps.Copy(all, settings)
	maps.Copy(all, map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    port,
		"unix_socket_directories": "",
		"logging_collector":       "off",
		"log_destination":         "stderr",
	})
	args := []string{"-D", data}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}
