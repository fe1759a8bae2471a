// Package db is the only door to PostgreSQL: sqlc's queries, and by hand the pool, the transaction helper, the mapping of
// constraint violations to faults, and the trace of what ran.
package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
)

// enums are the schema's enum types. Their OIDs differ in each database: known to a connection, they travel as binary, and
// COPY can write them.
var enums = []string{
	"role", "scenario_status", "lot_role", "gate_kind", "gate_mode", "run_status", "lot_status", "lot_source",
	"transformation_kind", "qc_outcome", "hold_outcome", "exposure_reason", "alert_kind", "alert_severity",
	"location_kind", "equipment_kind", "deviation_severity", "deviation_disposition", "deviation_status", "recall_kind",
}

// Open connects a pool to a migrated database. tracer sees each statement; nil for none.
func Open(ctx context.Context, url string, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fault.BadInput("DATABASE_URL", "%v", err)
	}
	cfg.ConnConfig.Tracer = tracer
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		registerUUID(conn.TypeMap())
		quantity.RegisterTypes(conn.TypeMap())
		return registerEnums(ctx, conn)
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return pool, nil
}

// registerEnums looks the enums up by name. pgx's own LoadTypes asks for whatever types may consist of: that takes
// PostgreSQL 300 ms for each new connection, and this 5.
func registerEnums(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, "SELECT oid, typname FROM pg_type WHERE typname = ANY($1) AND typtype = 'e'", pgx.QueryExecModeExec, enums)
	if err != nil {
		return fmt.Errorf("look up the schema's enum types: %w", err)
	}
	var (
		oid  uint32
		name string
		n    int
	)
	_, err = pgx.ForEachRow(rows, []any{&oid, &name}, func() error {
		conn.TypeMap().RegisterType(&pgtype.Type{Name: name, OID: oid, Codec: &pgtype.EnumCodec{}})
		n++
		return nil
	})
	if err == nil && n != len(enums) {
		err = fmt.Errorf("there are %d of %d: is the database migrated?", n, len(enums))
	}
	if err != nil {
		return fmt.Errorf("look up the schema's enum types: %w", err)
	}
	return nil
}
