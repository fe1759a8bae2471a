-- name: DeviationsByIDs :many
SELECT * FROM deviation WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: DeviationByCode :one
SELECT * FROM deviation WHERE code = @code;

-- name: DeviationsPage :many
-- Newest first. Planned anew at each call (db.Adhoc): filters that are null fold away.
SELECT d.* FROM deviation d
WHERE (sqlc.narg('site')::text IS NULL OR d.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR d.status::text = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('severities')::text[] IS NULL OR d.severity::text = ANY(sqlc.narg('severities')))
  AND (sqlc.narg('overdue')::boolean IS NULL OR (d.closed_at IS NULL AND d.due_at < @now) = sqlc.narg('overdue'))
  AND (sqlc.narg('gate_number')::numeric IS NULL OR d.gate_id IN (SELECT g.id FROM qc_gate g WHERE g.number = sqlc.narg('gate_number')))
  AND (sqlc.narg('run')::text IS NULL OR d.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot')::text IS NULL OR d.id IN (
      SELECT h.deviation_id FROM hold h JOIN lot l ON l.id = h.lot_id AND l.site_id = h.site_id
      WHERE l.code = sqlc.narg('lot') OR l.gs1_key = sqlc.narg('lot_gs1_key')::text
  ))
  AND (sqlc.narg('after')::uuid IS NULL OR d.id < sqlc.narg('after'))
ORDER BY d.id DESC
LIMIT @size;

-- name: CountDeviations :one
-- The same conditions as DeviationsPage.
SELECT count(*) FROM deviation d
WHERE (sqlc.narg('site')::text IS NULL OR d.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR d.status::text = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('severities')::text[] IS NULL OR d.severity::text = ANY(sqlc.narg('severities')))
  AND (sqlc.narg('overdue')::boolean IS NULL OR (d.closed_at IS NULL AND d.due_at < @now) = sqlc.narg('overdue'))
  AND (sqlc.narg('gate_number')::numeric IS NULL OR d.gate_id IN (SELECT g.id FROM qc_gate g WHERE g.number = sqlc.narg('gate_number')))
  AND (sqlc.narg('run')::text IS NULL OR d.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot')::text IS NULL OR d.id IN (
      SELECT h.deviation_id FROM hold h JOIN lot l ON l.id = h.lot_id AND l.site_id = h.site_id
      WHERE l.code = sqlc.narg('lot') OR l.gs1_key = sqlc.narg('lot_gs1_key')::text
  ));

-- name: DeviationsPageByRuns :many
SELECT d.* FROM unnest(@run_ids::uuid[]) AS k(run_id)
CROSS JOIN LATERAL (
    SELECT * FROM deviation q
    WHERE q.run_id = k.run_id AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
    ORDER BY q.id LIMIT @size
) d
ORDER BY d.run_id, d.id;

-- name: CountDeviationsByRuns :many
SELECT run_id::uuid AS run_id, count(*) FROM deviation WHERE run_id = ANY(@run_ids::uuid[]) GROUP BY run_id ORDER BY run_id;

-- name: DeviationsPageByLots :many
-- A lot may have been held several times for one.
SELECT p.lot_id::uuid AS lot_id, sqlc.embed(d)
FROM (
    SELECT k.lot_id, x.id FROM unnest(@lot_ids::uuid[]) AS k(lot_id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT h.deviation_id AS id FROM hold h
        WHERE h.lot_id = k.lot_id AND h.deviation_id IS NOT NULL AND (sqlc.narg('after')::uuid IS NULL OR h.deviation_id > sqlc.narg('after'))
        ORDER BY 1 LIMIT @size
    ) x
) p
JOIN deviation d ON d.id = p.id
ORDER BY p.lot_id, d.id;

-- name: CountDeviationsByLots :many
SELECT lot_id, count(DISTINCT deviation_id) FROM hold
WHERE lot_id = ANY(@lot_ids::uuid[]) AND deviation_id IS NOT NULL
GROUP BY lot_id ORDER BY lot_id;

-- name: LotsPageByDeviations :many
SELECT p.deviation_id::uuid AS deviation_id, sqlc.embed(l)
FROM (
    SELECT k.deviation_id, x.id FROM unnest(@deviation_ids::uuid[]) AS k(deviation_id)
    CROSS JOIN LATERAL (
        SELECT DISTINCT h.lot_id AS id FROM hold h
        WHERE h.deviation_id = k.deviation_id AND (sqlc.narg('after')::uuid IS NULL OR h.lot_id > sqlc.narg('after'))
        ORDER BY 1 LIMIT @size
    ) x
) p
JOIN lot l ON l.id = p.id
ORDER BY p.deviation_id, l.id;

-- name: CountLotsByDeviations :many
SELECT deviation_id::uuid AS deviation_id, count(DISTINCT lot_id) FROM hold
WHERE deviation_id = ANY(@deviation_ids::uuid[])
GROUP BY deviation_id ORDER BY deviation_id;

-- name: DecisionsByDeviations :many
-- The first opened it; the others correct it.
SELECT * FROM qc_decision WHERE deviation_id = ANY(@deviation_ids::uuid[]) ORDER BY deviation_id, id;

-- name: InsertDeviation :exec
INSERT INTO deviation (id, site_id, code, severity, description, gate_id, run_id, opened_at, opened_by, due_at)
VALUES (@id, @site_id, @code, @severity, @description, @gate_id, @run_id, @opened_at, @opened_by, @due_at);

-- name: DeviationForChange :one
-- Locked until the transaction ends.
SELECT * FROM deviation WHERE id = @id AND site_id = @site_id FOR NO KEY UPDATE;

-- name: UpdateDeviation :exec
-- All that changes while it is open. What was verified is what was written then.
UPDATE deviation
SET due_at = @due_at, responsible_id = @responsible_id, cause = @cause, corrective_action = @corrective_action, disposition = @disposition,
    described_at = @described_at, described_by = @described_by::uuid[], verification = @verification, verified_at = @verified_at, verified_by = @verified_by
WHERE id = @id AND site_id = @site_id AND closed_at IS NULL;

-- name: CloseDeviation :exec
UPDATE deviation SET closed_at = @closed_at, closed_by = @closed_by, close_reason = @close_reason, signature_id = @signature_id
WHERE id = @id AND site_id = @site_id AND closed_at IS NULL;

-- name: DecidedInDeviation :one
-- Whether somebody made one of its decisions.
SELECT EXISTS (SELECT FROM qc_decision WHERE deviation_id = @id::uuid AND site_id = @site_id AND decided_by = @user_id);

-- name: SetDispositions :many
-- What becomes of some lots of a deviation where that isn't what becomes of the others. Gives those that are its lots.
UPDATE hold h SET disposition = v.disposition::deviation_disposition
FROM (SELECT unnest(@lot_ids::uuid[]) AS lot_id, unnest(@dispositions::text[]) AS disposition) v
WHERE h.deviation_id = @deviation_id::uuid AND h.site_id = @site_id AND h.lot_id = v.lot_id
RETURNING h.lot_id;

-- name: FatesInDeviation :many
-- What has become of each lot of a deviation: how the last of its holds ended, and by what kinds of transformations it was used since.
SELECT l.code, l.status, h.outcome, h.disposition,
    EXISTS (SELECT FROM hold o WHERE o.deviation_id = h.deviation_id AND o.lot_id = h.lot_id AND o.ended_at IS NULL) AS held,
    ARRAY(
        SELECT DISTINCT t.kind::text FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL AND t.recorded_at >= @since
    )::text[] AS used_by
FROM (
    SELECT DISTINCT ON (x.lot_id) x.* FROM hold x WHERE x.deviation_id = @deviation_id::uuid AND x.site_id = @site_id ORDER BY x.lot_id, x.id DESC
) h
JOIN lot l ON l.id = h.lot_id AND l.site_id = h.site_id
ORDER BY l.code;

-- name: OverdueDeviations :many
SELECT * FROM deviation WHERE site_id = @site_id AND closed_at IS NULL AND due_at < @now ORDER BY due_at, id;

-- name: RoleAt :one
-- What somebody is at a site who may sign in.
SELECT m.role FROM membership m JOIN app_user u ON u.id = m.user_id WHERE m.user_id = @user_id AND m.site_id = @site_id AND u.active;
