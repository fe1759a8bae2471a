-- name: AppendAuditEvents :exec
-- The site's next events, in the order given: their numbers and hashes follow from the head's, which stays locked until the
-- transaction ends. One statement for any number, since nobody else writes at the site meanwhile, and without an answer. FOR UPDATE
-- reads what was committed while it waited.
WITH last AS (
    SELECT s.site_id, s.audit_sequence, s.audit_hash FROM site_head s WHERE s.site_id = @site_id FOR UPDATE
), chain AS MATERIALIZED (
    SELECT g.*, l.site_id, l.audit_hash, l.audit_sequence + g.place AS sequence,
           audit_chain(l.audit_hash, int8send(l.audit_sequence + g.place) || g.digest) OVER (ORDER BY g.place) AS hash
    FROM last l, (
        SELECT generate_series(1, cardinality(@ids::uuid[])) AS place, unnest(@ids::uuid[]) AS id, unnest(@actions::text[]) AS action,
               unnest(@subject_kinds::text[]) AS subject_kind, unnest(@subject_ids::uuid[]) AS subject_id, unnest(@subject_labels::text[]) AS subject_label,
               unnest(@befores::text[]) AS before, unnest(@afters::text[]) AS after, unnest(@reasons::text[]) AS reason,
               unnest(@signature_ids::uuid[]) AS signature_id, unnest(@digests::bytea[]) AS digest
    ) g
), head AS (
    UPDATE site_head h SET audit_sequence = c.sequence, audit_hash = c.hash
    FROM chain c WHERE h.site_id = c.site_id AND c.place = cardinality(@ids::uuid[])
), appended AS (
    INSERT INTO audit_event (id, site_id, sequence, occurred_at, user_id, token_id, program, address, request_id, action,
                             subject_kind, subject_id, subject_label, before, after, reason, signature_id, prev_hash, hash)
    SELECT c.id, c.site_id, c.sequence, @occurred_at, @user_id, @token_id, @program, @address, @request_id, c.action,
           c.subject_kind, c.subject_id, c.subject_label, nullif(c.before, '')::json, nullif(c.after, '')::json, nullif(c.reason, ''),
           nullif(c.signature_id, '00000000-0000-0000-0000-000000000000'), lag(c.hash, 1, c.audit_hash) OVER (ORDER BY c.place), c.hash
    FROM chain c
    RETURNING 1
)
SELECT insist((SELECT count(*) FROM appended) = cardinality(@ids::uuid[]), 'a site without a head');

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
