-- name: EquipmentByIDs :many
SELECT * FROM equipment WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: EquipmentByLocations :many
SELECT * FROM equipment WHERE location_id = ANY(@location_ids::uuid[]) AND ended_at IS NULL ORDER BY location_id, id;

-- name: EquipmentPage :many
SELECT e.* FROM equipment e JOIN site s ON s.id = e.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('kinds')::text[] IS NULL OR e.kind::text = ANY(sqlc.narg('kinds')))
  AND (sqlc.narg('search')::text IS NULL OR e.name ILIKE sqlc.narg('name_pattern')::text OR e.code = sqlc.narg('search'))
  AND (sqlc.narg('phase')::integer IS NULL OR sqlc.narg('phase') = ANY(e.phases))
  AND (sqlc.narg('ended')::boolean IS NULL OR (e.ended_at IS NOT NULL) = sqlc.narg('ended'))
  AND (sqlc.narg('after')::uuid IS NULL OR e.id > sqlc.narg('after'))
ORDER BY e.id
LIMIT @size;

-- name: CountEquipment :one
-- The same conditions as EquipmentPage.
SELECT count(*) FROM equipment e JOIN site s ON s.id = e.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('kinds')::text[] IS NULL OR e.kind::text = ANY(sqlc.narg('kinds')))
  AND (sqlc.narg('search')::text IS NULL OR e.name ILIKE sqlc.narg('name_pattern')::text OR e.code = sqlc.narg('search'))
  AND (sqlc.narg('phase')::integer IS NULL OR sqlc.narg('phase') = ANY(e.phases))
  AND (sqlc.narg('ended')::boolean IS NULL OR (e.ended_at IS NOT NULL) = sqlc.narg('ended'));

-- name: InsertEquipment :one
INSERT INTO equipment (id, site_id, code, name, kind, location_id, phases)
VALUES (@id, @site_id, @code, @name, @kind, @location_id, @phases)
RETURNING *;

-- name: EquipmentForChange :one
-- Locked until the transaction ends.
SELECT * FROM equipment WHERE id = @id AND site_id = @site_id FOR NO KEY UPDATE;

-- name: UpdateEquipment :one
UPDATE equipment
SET name = @name, kind = @kind, location_id = @location_id, phases = @phases, ended_at = @ended_at
WHERE id = @id AND site_id = @site_id
RETURNING *;

-- name: EquipmentByCodes :many
-- Equipment of a site by its codes, also what has ended.
SELECT * FROM equipment WHERE code = ANY(@codes::text[]) AND site_id = @site_id ORDER BY code;

-- name: HasEquipment :one
-- Whether a site has ever listed any.
SELECT EXISTS (SELECT FROM equipment WHERE site_id = @site_id);
