-- name: PartnersByIDs :many
SELECT * FROM partner WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: PartnersPage :many
SELECT p.* FROM partner p JOIN site s ON s.id = p.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('search')::text IS NULL OR p.name ILIKE '%' || sqlc.narg('search') || '%' OR p.gln = sqlc.narg('search') OR p.identifier = sqlc.narg('search'))
  AND (sqlc.narg('after')::uuid IS NULL OR p.id > sqlc.narg('after'))
ORDER BY p.id
LIMIT @size;

-- name: CountPartners :one
SELECT count(*) FROM partner p JOIN site s ON s.id = p.site_id
WHERE (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
  AND (sqlc.narg('search')::text IS NULL OR p.name ILIKE '%' || sqlc.narg('search') || '%' OR p.gln = sqlc.narg('search') OR p.identifier = sqlc.narg('search'));

-- name: InsertPartner :one
INSERT INTO partner (id, site_id, name, gln, identifier, address)
VALUES (@id, @site_id, @name, @gln, @identifier, @address)
RETURNING *;
