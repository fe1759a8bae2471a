-- name: LocationsByIDs :many
SELECT * FROM location WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: LocationsPage :many
SELECT l.* FROM location l JOIN site s ON s.id = l.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('kinds')::text[] IS NULL OR l.kind::text = ANY(sqlc.narg('kinds')))
  AND (sqlc.narg('search')::text IS NULL OR l.name ILIKE sqlc.narg('name_pattern')::text OR l.code = sqlc.narg('search'))
  AND (sqlc.narg('lot_type')::text IS NULL OR sqlc.narg('lot_type') = ANY(l.lot_types))
  AND (sqlc.narg('ended')::boolean IS NULL OR (l.ended_at IS NOT NULL) = sqlc.narg('ended'))
  AND (sqlc.narg('after')::uuid IS NULL OR l.id > sqlc.narg('after'))
ORDER BY l.id
LIMIT @size;

-- name: CountLocations :one
-- The same conditions as LocationsPage.
SELECT count(*) FROM location l JOIN site s ON s.id = l.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('kinds')::text[] IS NULL OR l.kind::text = ANY(sqlc.narg('kinds')))
  AND (sqlc.narg('search')::text IS NULL OR l.name ILIKE sqlc.narg('name_pattern')::text OR l.code = sqlc.narg('search'))
  AND (sqlc.narg('lot_type')::text IS NULL OR sqlc.narg('lot_type') = ANY(l.lot_types))
  AND (sqlc.narg('ended')::boolean IS NULL OR (l.ended_at IS NOT NULL) = sqlc.narg('ended'));

-- name: InsertLocation :one
INSERT INTO location (id, site_id, code, name, kind, lot_types, capacity_kg, temperature_min_c, temperature_max_c)
VALUES (@id, @site_id, @code, @name, @kind, @lot_types, @capacity_kg, @temperature_min_c, @temperature_max_c)
RETURNING *;

-- name: LocationForChange :one
-- Locked until the transaction ends: who changes it, ends it or places lots there does so alone.
SELECT * FROM location WHERE id = @id AND site_id = @site_id FOR NO KEY UPDATE;

-- name: LocationsByCodesForChange :many
-- Locked in the order of their ids.
SELECT * FROM location WHERE code = ANY(@codes::text[]) AND site_id = @site_id ORDER BY id FOR NO KEY UPDATE;

-- name: LocationsByIDsForChange :many
-- Locked in the order of their ids.
SELECT * FROM location WHERE id = ANY(@ids::uuid[]) AND site_id = @site_id ORDER BY id FOR NO KEY UPDATE;

-- name: UpdateLocation :one
UPDATE location
SET name = @name, lot_types = @lot_types, capacity_kg = @capacity_kg, temperature_min_c = @temperature_min_c,
    temperature_max_c = @temperature_max_c, ended_at = @ended_at
WHERE id = @id AND site_id = @site_id
RETURNING *;

-- name: UnknownLotTypes :many
-- Codes that no scenario has.
SELECT c.code::text AS code FROM unnest(@codes::text[]) WITH ORDINALITY AS c(code, n)
WHERE NOT EXISTS (SELECT FROM lot_type t WHERE t.code = c.code)
ORDER BY c.n;

-- name: UsedKgByLocations :many
SELECT l.location_id::uuid AS location_id, sum(l.remaining_kg)::numeric AS used_kg FROM lot l
WHERE l.location_id = ANY(@location_ids::uuid[]) AND l.remaining_kg > 0
GROUP BY l.location_id ORDER BY l.location_id;

-- name: KgAtLocations :many
-- Kilograms of all lots that lie at each location but some lots. After LocationsByCodesForChange: then nobody else places any.
SELECT l.location_id::uuid AS location_id, sum(l.remaining_kg)::numeric AS kg FROM lot l
WHERE l.location_id = ANY(@location_ids::uuid[]) AND l.remaining_kg > 0 AND l.id <> ALL(@but::uuid[])
GROUP BY l.location_id ORDER BY l.location_id;

-- name: LotTypesAtLocation :many
-- Codes of the types of which lots lie there.
SELECT t.code FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE l.location_id = @location_id::uuid
GROUP BY t.code ORDER BY t.code;

-- name: LotsForPlacing :many
-- Locked until the transaction ends, so that none of them ends meanwhile.
SELECT sqlc.embed(l), t.code AS lot_type FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE l.id = ANY(@ids::uuid[]) AND l.site_id = @site_id
ORDER BY l.id
FOR NO KEY UPDATE OF l;

-- name: PlaceLots :exec
UPDATE lot SET location_id = @location_id::uuid WHERE id = ANY(@ids::uuid[]) AND site_id = @site_id;

-- name: LotsPageByLocations :many
-- One page of the lots that lie at each location, newest first.
SELECT m.* FROM unnest(@location_ids::uuid[]) AS k(location_id)
CROSS JOIN LATERAL (
    SELECT * FROM lot l
    WHERE l.location_id = k.location_id AND (sqlc.narg('after')::uuid IS NULL OR l.id < sqlc.narg('after'))
    ORDER BY l.id DESC LIMIT @size
) m
ORDER BY m.location_id, m.id DESC;

-- name: CountLotsByLocations :many
SELECT l.location_id::uuid AS location_id, count(*) FROM lot l
WHERE l.location_id = ANY(@location_ids::uuid[])
GROUP BY l.location_id ORDER BY l.location_id;
