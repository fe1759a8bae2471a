-- name: AlertsByIDs :many
SELECT * FROM alert WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: AlertsPage :many
SELECT a.* FROM alert a
WHERE (sqlc.narg('site')::text IS NULL OR a.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('kinds')::text[] IS NULL OR a.kind::text = ANY(sqlc.narg('kinds')))
  AND (sqlc.narg('severities')::text[] IS NULL OR a.severity::text = ANY(sqlc.narg('severities')))
  AND (sqlc.narg('acknowledged')::boolean IS NULL OR (a.acknowledged_at IS NOT NULL) = sqlc.narg('acknowledged'))
  AND (sqlc.narg('lot')::text IS NULL OR a.lot_id IN (SELECT l.id FROM lot l WHERE l.code = sqlc.narg('lot') OR l.gs1_key = sqlc.narg('lot_gs1_key')::text))
  AND (sqlc.narg('raised_from')::timestamptz IS NULL OR a.raised_at >= sqlc.narg('raised_from'))
  AND (sqlc.narg('raised_before')::timestamptz IS NULL OR a.raised_at < sqlc.narg('raised_before'))
  AND (sqlc.narg('after')::uuid IS NULL OR a.id < sqlc.narg('after'))
ORDER BY a.id DESC
LIMIT @size;

-- name: CountAlerts :one
SELECT count(*) FROM alert a
WHERE (sqlc.narg('site')::text IS NULL OR a.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('kinds')::text[] IS NULL OR a.kind::text = ANY(sqlc.narg('kinds')))
  AND (sqlc.narg('severities')::text[] IS NULL OR a.severity::text = ANY(sqlc.narg('severities')))
  AND (sqlc.narg('acknowledged')::boolean IS NULL OR (a.acknowledged_at IS NOT NULL) = sqlc.narg('acknowledged'))
  AND (sqlc.narg('lot')::text IS NULL OR a.lot_id IN (SELECT l.id FROM lot l WHERE l.code = sqlc.narg('lot') OR l.gs1_key = sqlc.narg('lot_gs1_key')::text))
  AND (sqlc.narg('raised_from')::timestamptz IS NULL OR a.raised_at >= sqlc.narg('raised_from'))
  AND (sqlc.narg('raised_before')::timestamptz IS NULL OR a.raised_at < sqlc.narg('raised_before'));

-- name: AlertsPageByRuns :many
SELECT a.* FROM unnest(@run_ids::uuid[]) AS k(run_id)
CROSS JOIN LATERAL (
    SELECT * FROM alert q
    WHERE q.run_id = k.run_id AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
    ORDER BY q.id LIMIT @size
) a
ORDER BY a.run_id, a.id;

-- name: CountAlertsByRuns :many
SELECT run_id::uuid AS run_id, count(*) FROM alert WHERE run_id = ANY(@run_ids::uuid[]) GROUP BY run_id ORDER BY run_id;

-- name: RaiseAlerts :many
-- Those that are new, in the order given: one whose kind and subject are open already, or were told since it is so, is left out. Of subjects,
-- an empty one is none; of lots and runs, zeros are.
INSERT INTO alert (id, site_id, kind, severity, message, lot_id, run_id, subject, raised_at)
SELECT a.id, a.site_id, a.kind::alert_kind, a.severity::alert_severity, a.message,
       nullif(a.lot_id, '00000000-0000-0000-0000-000000000000'), nullif(a.run_id, '00000000-0000-0000-0000-000000000000'),
       nullif(a.subject, ''), @raised_at
FROM ROWS FROM (
    unnest(@ids::uuid[]), unnest(@site_ids::integer[]), unnest(@kinds::text[]), unnest(@severities::text[]), unnest(@messages::text[]),
    unnest(@lot_ids::uuid[]), unnest(@run_ids::uuid[]), unnest(@subjects::text[]), unnest(@since::timestamptz[])
) WITH ORDINALITY AS a (id, site_id, kind, severity, message, lot_id, run_id, subject, since, place)
WHERE NOT EXISTS (
    SELECT FROM alert told
    WHERE told.site_id = a.site_id AND told.kind = a.kind::alert_kind AND told.subject = nullif(a.subject, '') AND told.raised_at >= a.since
)
ORDER BY a.place
ON CONFLICT (site_id, kind, subject) WHERE acknowledged_at IS NULL AND subject IS NOT NULL DO NOTHING
RETURNING *;

-- name: AcknowledgeAlerts :many
-- Those that nobody had acknowledged. Clocks of replicas differ a little: none is acknowledged before it was raised.
UPDATE alert SET acknowledged_at = greatest(raised_at, @acknowledged_at::timestamptz), acknowledged_by = @acknowledged_by
WHERE id IN (SELECT a.id FROM alert a WHERE a.id = ANY(@ids::uuid[]) ORDER BY a.id FOR UPDATE) AND acknowledged_at IS NULL
RETURNING *;
