package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	ancestors = `
with recursive a(id) as (
    select g.parent_id from lot_genealogy g where g.child_id = $1
    union
    select g.parent_id from a join lot_genealogy g on g.child_id = a.id
)
select l.id::text, l.code, t.code, l.weight_kg::text, l.temperature_c::text
from a join lot l using (id) join lot_type t on t.id = l.lot_type_id`

	descendants = `
with recursive d(id) as (
    select g.child_id from lot_genealogy g where g.parent_id = $1
    union
    select g.child_id from d join lot_genealogy g on g.parent_id = d.id
)
select l.id::text, l.code, t.code, l.weight_kg::text, l.temperature_c::text
from d join lot l using (id) join lot_type t on t.id = l.lot_type_id`

	links = `
with recursive link(child_id, parent_id) as (
    select g.child_id, g.parent_id from lot_genealogy g where g.child_id = $1
    union
    select g.child_id, g.parent_id from link join lot_genealogy g on g.child_id = link.parent_id
)
select child_id, parent_id from link`

	lotsByIDs = `
select l.id::text, l.code, t.code, l.weight_kg::text, l.temperature_c::text
from lot l join lot_type t on t.id = l.lot_type_id where l.id = any($1)`
)

// question reads the answer about a lot.
type question func(ctx context.Context, pool *pgxpool.Pool, sites string, lot [16]byte) ([]byte, error)

// lots is the question for the lots that a query finds.
func lots(query string) question {
	return func(ctx context.Context, pool *pgxpool.Pool, sites string, lot [16]byte) (body []byte, err error) {
		err = inOne(ctx, pool, sites, query, lot, func(rows pgx.Rows) error {
			body, err = appendLots(make([]byte, 0, 1<<16), rows)
			return err
		})
		return body, err
	}
}

// inOne asks in a transaction of one round trip.
func inOne(ctx context.Context, pool *pgxpool.Pool, sites, query string, arg any, read func(pgx.Rows) error) error {
	batch := &pgx.Batch{}
	batch.Queue("begin")
	batch.Queue("select set_config('flowviz.sites', $1, true)", sites)
	batch.Queue(query, arg)
	batch.Queue("commit")
	results := pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }() // an error was returned, or is asked for below
	for range 2 {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := read(rows); err != nil {
		return err
	}
	rows.Close()
	return errors.Join(rows.Err(), results.Close())
}

func appendLots(buf []byte, rows pgx.Rows) ([]byte, error) {
	buf = append(buf, '[')
	var id, code, lotType, weight, temperature pgtype.Text
	for first := true; rows.Next(); first = false {
		if err := rows.Scan(&id, &code, &lotType, &weight, &temperature); err != nil {
			return nil, err
		}
		if !first {
			buf = append(buf, ',')
		}
		buf = appendString(append(buf, `{"id":`...), id)
		buf = appendString(append(buf, `,"code":`...), code)
		buf = appendString(append(buf, `,"lotType":`...), lotType)
		buf = appendString(append(buf, `,"weightKg":`...), weight)
		buf = appendString(append(buf, `,"temperatureC":`...), temperature)
		buf = append(buf, '}')
	}
	return append(buf, ']'), rows.Err()
}

// genealogy reads the links back from a lot, and then the lots at their ends.
func genealogy(ctx context.Context, pool *pgxpool.Pool, sites string, lot [16]byte) (body []byte, err error) {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, pool, options, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue("select set_config('flowviz.sites', $1, true)", sites)
		batch.Queue(links, lot)
		results := tx.SendBatch(ctx, batch)
		defer func() { _ = results.Close() }() // an error was returned, or is asked for below
		if _, err := results.Exec(); err != nil {
			return err
		}
		rows, err := results.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		body = append(make([]byte, 0, 1<<16), `{"links":[`...)
		ids, seen := [][16]byte{lot}, map[[16]byte]bool{lot: true}
		var child, parent [16]byte
		for first := true; rows.Next(); first = false {
			if err := rows.Scan(&child, &parent); err != nil {
				return err
			}
			if !first {
				body = append(body, ',')
			}
			body = fmt.Appendf(body, `{"child":"%x","parent":"%x"}`, child, parent)
			if !seen[parent] {
				seen[parent] = true
				ids = append(ids, parent)
			}
		}
		if err := errors.Join(rows.Err(), results.Close()); err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, lotsByIDs, ids); err != nil {
			return err
		}
		defer rows.Close()
		body, err = appendLots(append(body, `],"lots":`...), rows)
		body = append(body, '}')
		return err
	})
	return body, err
}

// steps is how deep the nested question goes.
const steps = 6

// nested is the query for the parents of a lot, and theirs, so many deep.
func nested(child string, left int) string {
	if left == 0 {
		return "null"
	}
	return fmt.Sprintf(`(select coalesce(json_agg(json_build_object('code', l%[1]d.code, 'parents', %[3]s)), '[]') from lot_genealogy g%[1]d
	join lot l%[1]d on l%[1]d.id = g%[1]d.parent_id where g%[1]d.child_id = %[2]s)`, left, child, nested(fmt.Sprintf("l%d.id", left), left-1))
}

func parents(ctx context.Context, pool *pgxpool.Pool, sites string, lot [16]byte) (body []byte, err error) {
	err = inOne(ctx, pool, sites, "select "+nested("$1", steps), lot, func(rows pgx.Rows) error {
		if rows.Next() {
			body = append([]byte(nil), rows.RawValues()[0]...)
		}
		return rows.Err()
	})
	return body, err
}
