-- name: PartnersByIDs :many
SELECT * FROM partner WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: PartnersPage :many
SELECT p.* FROM partner p JOIN site s ON s.id = p.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('search')::text IS NULL OR p.name ILIKE sqlc.narg('name_pattern')::text OR p.gln = sqlc.narg('gln')::text OR p.identifier = sqlc.narg('search'))
  AND (sqlc.narg('ended')::boolean IS NULL OR (p.ended_at IS NOT NULL) = sqlc.narg('ended'))
  AND (sqlc.narg('after')::uuid IS NULL OR p.id > sqlc.narg('after'))
ORDER BY p.id
LIMIT @size;

-- name: CountPartners :one
SELECT count(*) FROM partner p JOIN site s ON s.id = p.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('search')::text IS NULL OR p.name ILIKE sqlc.narg('name_pattern')::text OR p.gln = sqlc.narg('gln')::text OR p.identifier = sqlc.narg('search'))
  AND (sqlc.narg('ended')::boolean IS NULL OR (p.ended_at IS NOT NULL) = sqlc.narg('ended'));

-- name: InsertPartner :one
INSERT INTO partner (id, site_id, name, gln, identifier, address)
VALUES (@id, @site_id, @name, @gln, @identifier, @address)
RETURNING *;

-- name: PartnerForChange :one
-- Locked until the transaction ends.
SELECT * FROM partner WHERE id = @id AND site_id = @site_id FOR NO KEY UPDATE;

-- name: UpdatePartner :one
UPDATE partner SET name = @name, gln = @gln, identifier = @identifier, address = @address, ended_at = @ended_at
WHERE id = @id AND site_id = @site_id
RETURNING *;

-- name: PartnersByNames :many
-- Those of a site that have one of these GLNs or identifiers.
SELECT * FROM partner
WHERE site_id = @site_id AND (gln = ANY(@glns::text[]) OR identifier = ANY(@identifiers::text[]))
ORDER BY id;

-- name: CompletePartners :exec
-- What a document knows of partners, where nobody said it before. A partner that has its identifier for a name gets one.
UPDATE partner p
SET name = CASE WHEN p.name IN (left(p.identifier, 200), p.gln) AND v.name <> '' THEN v.name ELSE p.name END,
    address = coalesce(p.address, nullif(v.address, ''))
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@names::text[]) AS name, unnest(@addresses::text[]) AS address) v
WHERE p.id = v.id AND p.site_id = @site_id;
