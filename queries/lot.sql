-- name: LotsByIDs :many
SELECT * FROM lot WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: LotsByCode :many
-- An outside lot may be known by one code at several sites.
SELECT * FROM lot WHERE code = @code ORDER BY site_id, id;

-- name: LotsByGS1Key :many
-- All spellings of a GS1 key have one gs1_key.
SELECT * FROM lot WHERE gs1_key = @gs1_key::text ORDER BY site_id, id;

-- name: LotRowsByIDs :many
-- The narrow row that large flat lists are written from: at 7,000 lots a third of the time of reading whole lots.
SELECT l.id, l.site_id, l.code, t.code AS lot_type, l.status, l.weight_kg, l.temperature_c, l.occurred_at, l.held
FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE l.id = ANY(@ids::uuid[]); -- no ORDER BY: the caller has the order

-- name: LotWeightsByIDs :many
SELECT id, lot_type_id, weight_kg FROM lot WHERE id = ANY(@ids::uuid[]); -- no ORDER BY: the caller has the order

-- name: LotsPage :many
-- Newest first. Planned anew at each call (db.Adhoc): filters that are null and the direction not asked for fold away.
SELECT l.* FROM lot l
WHERE (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
  AND (sqlc.narg('after')::uuid IS NULL OR l.id < sqlc.narg('after'))
  AND (sqlc.narg('before')::uuid IS NULL OR l.id > sqlc.narg('before'))
ORDER BY CASE WHEN @backward::boolean THEN l.id END, CASE WHEN NOT @backward::boolean THEN l.id END DESC
LIMIT @size;

-- name: MatchingLots :many
-- Those of some lots that match: the same conditions as LotsPage.
SELECT l.id FROM lot l
WHERE l.id = ANY(@ids::uuid[])
  AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
ORDER BY l.id;

-- name: CountLots :one
-- The same conditions as LotsPage.
SELECT count(*) FROM lot l
WHERE (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
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
      AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
      AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
      AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
      AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
      AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
      AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
      AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
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
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
GROUP BY l.run_id ORDER BY l.run_id;

-- name: LotsByCodesOrKeys :many
-- Those of a site that have one of these codes, or in another spelling one of these GS1 keys.
SELECT id, code, gs1_key, source FROM lot
WHERE site_id = @site_id AND (code = ANY(@codes::text[]) OR gs1_key = ANY(@gs1_keys::text[]))
ORDER BY id;
