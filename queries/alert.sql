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

-- name: InsertAlert :exec
INSERT INTO alert (id, site_id, kind, severity, message, lot_id, run_id, raised_at)
VALUES (@id, @site_id, @kind, @severity, @message, @lot_id, @run_id, @raised_at);
