package db

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// auditChain is no sqlc query, which would hold all rows at once: a log has millions. JSON comes as text, so that its bytes
// are those that were stored. The id decides between rows that claim the same number.
const auditChain = `-- name: AuditChain :iter
SELECT id, site_id, sequence, occurred_at, user_id, token_id, program, address, request_id, action, subject_kind, subject_id,
       subject_label, before::text, after::text, reason, signature_id, prev_hash, hash
FROM audit_event WHERE site_id = $1 ORDER BY sequence, id`

// AuditChain reads a site's whole log in the order of its chain. The event is overwritten at each step.
func AuditChain(ctx context.Context, tx DBTX, site int32) iter.Seq2[*AuditEvent, error] {
	return func(yield func(*AuditEvent, error) bool) {
		rows, err := tx.Query(ctx, auditChain, site)
		if err != nil {
			yield(nil, fmt.Errorf("read the audit log: %w", err))
			return
		}
		defer rows.Close()
		var e AuditEvent
		var before, after []byte
		dest := []any{
			&e.ID, &e.SiteID, &e.Sequence, &e.OccurredAt, &e.UserID, &e.TokenID, &e.Program, &e.Address, &e.RequestID, &e.Action,
			&e.SubjectKind, &e.SubjectID, &e.SubjectLabel, &before, &after, &e.Reason, &e.SignatureID, &e.PrevHash, &e.Hash,
		}
		for rows.Next() {
			if err := rows.Scan(dest...); err != nil {
				yield(nil, fmt.Errorf("read the audit log: %w", err))
				return
			}
			e.Before, e.After = json.RawMessage(before), json.RawMessage(after)
			if !yield(&e, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read the audit log: %w", err))
		}
	}
}
