-- name: LotsByIDs :many
SELECT * FROM lot WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: LotsByCode :many
-- An outside lot may be known by one code at several sites, and by several spellings of one GS1 key.
SELECT l.* FROM lot l
WHERE (l.code = @code OR l.gs1_key = sqlc.narg('gs1_key'))
  AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
ORDER BY l.site_id, l.id;

-- name: LotRowsByIDs :many
-- The narrow row that large flat lists are written from: a tenth of the time of reading whole lots.
SELECT id, site_id, code, lot_type_id, status, source, weight_kg, remaining_kg, temperature_c, quantity, unit, occurred_at, registered_at, held
FROM lot WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: LotsPage :many
-- Newest first. Planned anew at each call (db.Adhoc): filters that are null and the direction not asked for fold away.
SELECT l.* FROM lot l
WHERE (sqlc.narg('ids')::uuid[] IS NULL OR l.id = ANY(sqlc.narg('ids')))
  AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id = (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_pattern')::text IS NULL OR l.code LIKE sqlc.narg('code_pattern'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text))
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
  AND (sqlc.narg('after')::uuid IS NULL OR l.id < sqlc.narg('after'))
  AND (sqlc.narg('before')::uuid IS NULL OR l.id > sqlc.narg('before'))
ORDER BY CASE WHEN @backward::boolean THEN l.id END, CASE WHEN NOT @backward::boolean THEN l.id END DESC
LIMIT @size;

-- name: CountLots :one
-- The same conditions as LotsPage.
SELECT count(*) FROM lot l
WHERE (sqlc.narg('ids')::uuid[] IS NULL OR l.id = ANY(sqlc.narg('ids')))
  AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id = (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_pattern')::text IS NULL OR l.code LIKE sqlc.narg('code_pattern'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text))
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'));

-- name: LotsPageByRuns :many
-- One page of each run's lots, newest first: the same conditions as LotsPage.
SELECT m.* FROM unnest(@run_ids::uuid[]) AS k(run_id)
CROSS JOIN LATERAL (
    SELECT * FROM lot l
    WHERE l.run_id = k.run_id
      AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
      AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
      AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
      AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
      AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
      AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
      AND (sqlc.narg('code_pattern')::text IS NULL OR l.code LIKE sqlc.narg('code_pattern'))
      AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text))
      AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
      AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
      AND (sqlc.narg('after')::uuid IS NULL OR l.id < sqlc.narg('after'))
    ORDER BY l.id DESC LIMIT @size
) m
ORDER BY m.run_id, m.id DESC;

-- name: CountLotsByRuns :many
-- The same conditions as LotsPage.
SELECT l.run_id::uuid AS run_id, count(*) FROM lot l
WHERE l.run_id = ANY(@run_ids::uuid[])
  AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_pattern')::text IS NULL OR l.code LIKE sqlc.narg('code_pattern'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text))
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
GROUP BY l.run_id ORDER BY l.run_id;
