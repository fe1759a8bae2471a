-- name: SitesByIDs :many
SELECT * FROM site WHERE id = ANY(@ids::integer[]) ORDER BY id;

-- name: SiteByCode :one
SELECT * FROM site WHERE code = @code;

-- name: Sites :many
SELECT * FROM site ORDER BY code;

-- name: SiteIDs :many
-- All of them, for what this program does at each site by itself.
SELECT id FROM site ORDER BY id;

-- name: SiteHeads :many
SELECT h.site_id, h.event_sequence
FROM site_head h JOIN site s ON s.id = h.site_id
WHERE sqlc.narg('code')::text IS NULL OR s.code = sqlc.narg('code')
ORDER BY h.site_id;

-- name: InsertSite :one
WITH new AS (
    INSERT INTO site (code, name, time_zone, gln, address, approval_number)
    VALUES (@code, @name, @time_zone, @gln, @address, @approval_number)
    RETURNING id
), head AS (
    INSERT INTO site_head (site_id) SELECT id FROM new
)
SELECT id FROM new;

-- name: LockSite :exec
-- One at a time in a site, until the transaction ends: for what could close a cycle in the genealogy, or has to find what
-- another has just written. Statements after it see what was committed while it waited (READ COMMITTED).
SELECT pg_advisory_xact_lock(hashtext('site'), @site_id::integer);
