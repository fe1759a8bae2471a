package main

import (
	"context"
	_ "embed"
	"encoding/binary"
	"strings"
	"text/template"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/internal/relay"
)

//go:embed stock.sql
var stockSQL string

// What the lots of the stock are, as stock.sql numbers them.
const (
	deboned = 2
	held    = 3
)

// stock puts what is worked with into the data set's database.
func (o options) stock(ctx context.Context, owner *pgxpool.Pool) error {
	t, err := template.New("stock.sql").Parse(stockSQL)
	if err != nil {
		return err
	}
	var sql strings.Builder
	if err := t.Execute(&sql, map[string]int{"Pool": pool, "Descendants": o.descendants}); err != nil {
		return err
	}
	if err := pgx.BeginFunc(ctx, owner, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql.String())
		return err
	}); err != nil {
		return err
	}
	_, err = owner.Exec(ctx, "VACUUM (ANALYZE) lot, transformation, lot_genealogy")
	return err
}

// lotID is a lot of the stock, as bench_id in stock.sql makes its key.
func lotID(kind byte, site int32, n int) string {
	id := uuid.UUID{6: 0x70, 8: 0x80}
	id[3] = kind
	binary.BigEndian.PutUint16(id[10:], uint16(site))
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return relay.ID{Kind: relay.Lot, Site: site, UUID: id}.String()
}
