// Package migrations holds the schema as goose migrations: numbered, embedded in the binary, each with its way back.
package migrations

import "embed"

// FS holds the migrations' files.
//
//go:embed *.sql
var FS embed.FS
