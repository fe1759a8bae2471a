package db

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"
)

// auditChain is no sqlc query, which would hold all rows at once: a log has millions. JSON comes as text, so that its bytes
// are those that were stored. The id decides between rows that claim the same number.
const auditChain = `-- name: AuditChain :iter
SELECT a.id, a.site_id, a.sequence, a.occurred_at, a.user_id, a.token_id, a.program, a.address, a.request_id, a.action, a.subject_kind,
       a.subject_id, a.subject_label, a.before::text, a.after::text, a.reason, a.signature_id, a.prev_hash, a.hash,
       s.user_id, s.meaning, s.content_hash, s.signed_at
FROM audit_event a LEFT JOIN signature s ON s.id = a.signature_id
WHERE a.site_id = $1 ORDER BY a.sequence, a.id`

// ChainedEvent is an event with all that its hash covers.
type ChainedEvent struct {
	AuditEvent

	Signature *Signature // by which a person confirmed it; nil for none, and for one that isn't there any more
}

// AuditChain reads a site's whole log in the order of its chain. The event is overwritten at each step.
func AuditChain(ctx context.Context, tx DBTX, site int32) iter.Seq2[*ChainedEvent, error] {
	return func(yield func(*ChainedEvent, error) bool) {
		rows, err := tx.Query(ctx, auditChain, site)
		if err != nil {
			yield(nil, fmt.Errorf("read the audit log: %w", err))
			return
		}
		defer rows.Close()
		var e ChainedEvent
		var before, after []byte
		var signer *uuid.UUID
		var meaning *string
		var content []byte
		var signedAt *time.Time
		dest := []any{
			&e.ID, &e.SiteID, &e.Sequence, &e.OccurredAt, &e.UserID, &e.TokenID, &e.Program, &e.Address, &e.RequestID, &e.Action,
			&e.SubjectKind, &e.SubjectID, &e.SubjectLabel, &before, &after, &e.Reason, &e.SignatureID, &e.PrevHash, &e.Hash,
			&signer, &meaning, &content, &signedAt,
		}
		for rows.Next() {
			if err := rows.Scan(dest...); err != nil {
				yield(nil, fmt.Errorf("read the audit log: %w", err))
				return
			}
			e.Before, e.After = json.RawMessage(before), json.RawMessage(after)
			e.Signature = nil
			if signer != nil {
				e.Signature = &Signature{ID: *e.SignatureID, UserID: *signer, Meaning: *meaning, ContentHash: content, SignedAt: *signedAt}
			}
			if !yield(&e, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read the audit log: %w", err))
		}
	}
}
