package db

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// StatementName is the name that a query carries in queries/, from the comment that sqlc leaves at its head; "" for SQL
// that has none.
func StatementName(sql string) string {
	rest, ok := strings.CutPrefix(sql, "-- name: ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, " ")
	return name
}

// Recorder is a pgx.QueryTracer that tells of each named statement as it starts. It must be safe for concurrent use.
type Recorder func(ctx context.Context, name string)

// TraceQueryStart implements pgx.QueryTracer.
func (r Recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if name := StatementName(data.SQL); name != "" {
		r(ctx, name)
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (Recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (Recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (r Recorder) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	if name := StatementName(data.SQL); name != "" {
		r(ctx, name)
	}
}

// TraceBatchEnd implements pgx.BatchTracer.
func (Recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
