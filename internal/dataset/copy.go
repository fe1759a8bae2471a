package dataset

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"flowviz/internal/quantity"
)

// rows are rows of one table in COPY's binary form (PostgreSQL's manual, COPY, "Binary Format"). pgx's own CopyFrom can't
// ask for FREEZE, and holds each value in an interface; this way, encoding a million lots with all that belongs to them
// takes less than 2 s of processor time.
type rows struct {
	table, columns string
	width          int
	numeric        pgtype.EncodePlan
	buf            []byte
	count          int
	err            error
}

const (
	binaryHeader  = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" // signature, flags, no extension
	binaryTrailer = "\xff\xff"
)

// numericPlan is how decimals are written.
func numericPlan(m *pgtype.Map) pgtype.EncodePlan {
	return m.PlanEncode(pgtype.NumericOID, pgtype.BinaryFormatCode, quantity.Decimal{})
}

// newRows begins with the columns' names, separated by commas.
func newRows(numeric pgtype.EncodePlan, table, columns string) *rows {
	return &rows{
		table: table, columns: columns, width: bytes.Count([]byte(columns), []byte(",")) + 1,
		numeric: numeric, buf: []byte(binaryHeader),
	}
}

// row begins a row: a value for each column follows, in their order.
func (r *rows) row() *rows {
	r.buf = binary.BigEndian.AppendUint16(r.buf, uint16(r.width))
	r.count++
	return r
}

func (r *rows) id(id uuid.UUID) *rows {
	r.buf = append(r.length(len(id)), id[:]...)
	return r
}

func (r *rows) integer(n int32) *rows {
	r.buf = binary.BigEndian.AppendUint32(r.length(4), uint32(n))
	return r
}

func (r *rows) truth(is bool) *rows {
	value := byte(0)
	if is {
		value = 1
	}
	r.buf = append(r.length(1), value)
	return r
}

// text is also an enum's form.
func (r *rows) text(s string) *rows {
	r.buf = append(r.length(len(s)), s...)
	return r
}

// time is microseconds since 2000.
func (r *rows) time(t time.Time) *rows {
	const epoch = 946_684_800_000_000
	r.buf = binary.BigEndian.AppendUint64(r.length(8), uint64(t.UnixMicro()-epoch))
	return r
}

func (r *rows) decimal(d quantity.Decimal) *rows {
	start := len(r.buf)
	r.length(0)
	buf, err := r.numeric.Encode(d, r.buf)
	if err != nil {
		r.err = err
		return r
	}
	binary.BigEndian.PutUint32(buf[start:], uint32(len(buf)-start-4))
	r.buf = buf
	return r
}

// length begins a value of so many bytes.
func (r *rows) length(n int) []byte {
	r.buf = binary.BigEndian.AppendUint32(r.buf, uint32(n))
	return r.buf
}

// copy sends the rows. FREEZE marks them as visible to all, which a vacuum would have to do else by writing each page
// again; PostgreSQL allows it since this transaction truncated the table.
func (r *rows) copy(ctx context.Context, tx pgx.Tx) error {
	if r.err != nil {
		return fmt.Errorf("encode rows of %s: %w", r.table, r.err)
	}
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary, FREEZE)", r.table, r.columns)
	_, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(append(r.buf, binaryTrailer...)), sql)
	return err
}
