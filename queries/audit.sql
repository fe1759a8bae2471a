-- name: AppendAuditEvent :execrows
-- The site's next event: its number and hash follow from the head's, which stays locked until the transaction ends. One
-- statement, since nobody else writes at the site meanwhile. FOR UPDATE reads what was committed while it waited.
WITH last AS (
    SELECT s.site_id, s.audit_sequence, s.audit_hash FROM site_head s WHERE s.site_id = @site_id FOR UPDATE
), head AS (
    UPDATE site_head h
    SET audit_sequence = l.audit_sequence + 1,
        audit_hash = sha256(l.audit_hash || int8send(l.audit_sequence + 1) || @content::bytea)
    FROM last l WHERE h.site_id = l.site_id
    RETURNING h.site_id, h.audit_sequence, l.audit_hash AS prev_hash, h.audit_hash
)
INSERT INTO audit_event (id, site_id, sequence, occurred_at, user_id, token_id, program, address, request_id, action,
                         subject_kind, subject_id, subject_label, before, after, reason, signature_id, prev_hash, hash)
SELECT @id, h.site_id, h.audit_sequence, @occurred_at, @user_id, @token_id, @program, @address, @request_id, @action,
       @subject_kind, @subject_id, @subject_label, @before, @after, @reason, @signature_id, h.prev_hash, h.audit_hash
FROM head h;

-- name: AuditEventsByIDs :many
SELECT * FROM audit_event WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: AuditEventsPage :many
-- Newest first.
SELECT a.* FROM audit_event a JOIN site s ON s.id = a.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('subject')::uuid IS NULL OR a.subject_id = sqlc.narg('subject'))
  AND (sqlc.narg('subject_kind')::text IS NULL OR a.subject_kind = sqlc.narg('subject_kind'))
  AND (sqlc.narg('subject_site')::integer IS NULL OR a.site_id = sqlc.narg('subject_site'))
  AND (sqlc.narg('actor')::uuid IS NULL OR a.user_id = sqlc.narg('actor'))
  AND (sqlc.narg('actions')::text[] IS NULL OR a.action = ANY(sqlc.narg('actions')::text[]))
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR a.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR a.occurred_at < sqlc.narg('occurred_before'))
  AND (sqlc.narg('after')::uuid IS NULL OR a.id < sqlc.narg('after'))
ORDER BY a.id DESC
LIMIT @size;

-- name: CountAuditEvents :one
SELECT count(*) FROM audit_event a JOIN site s ON s.id = a.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('subject')::uuid IS NULL OR a.subject_id = sqlc.narg('subject'))
  AND (sqlc.narg('subject_kind')::text IS NULL OR a.subject_kind = sqlc.narg('subject_kind'))
  AND (sqlc.narg('subject_site')::integer IS NULL OR a.site_id = sqlc.narg('subject_site'))
  AND (sqlc.narg('actor')::uuid IS NULL OR a.user_id = sqlc.narg('actor'))
  AND (sqlc.narg('actions')::text[] IS NULL OR a.action = ANY(sqlc.narg('actions')::text[]))
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR a.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR a.occurred_at < sqlc.narg('occurred_before'));

-- name: AuditHeads :many
-- Where the logs of these sites stand.
SELECT h.site_id, s.code, h.audit_sequence, h.audit_hash
FROM site_head h JOIN site s ON s.id = h.site_id
WHERE h.site_id = ANY(@sites::integer[])
ORDER BY h.site_id;

-- name: AuditHash :one
SELECT hash FROM audit_event WHERE site_id = @site_id AND sequence = @sequence;
