-- name: SitesByIDs :many
SELECT * FROM site WHERE id = ANY(@ids::integer[]) ORDER BY id;

-- name: SiteByCode :one
SELECT * FROM site WHERE code = @code;

-- name: Sites :many
SELECT * FROM site ORDER BY code;

-- name: SiteHeads :many
SELECT h.site_id, h.event_sequence
FROM site_head h JOIN site s ON s.id = h.site_id
WHERE sqlc.narg('code')::text IS NULL OR s.code = sqlc.narg('code')
ORDER BY h.site_id;

-- name: InsertSite :one
WITH new AS (
    INSERT INTO site (code, name, time_zone, gln, address, approval_number, company_prefix)
    VALUES (@code, @name, @time_zone, @gln, @address, @approval_number, @company_prefix)
    RETURNING id
), head AS (
    INSERT INTO site_head (site_id) SELECT id FROM new
)
SELECT id FROM new;

-- name: CreateSite :one
-- As the app, which may not insert one itself: the user of the transaction's scope becomes its ADMIN, and the scope grows by it.
SELECT create_site(@code, @name, @time_zone)::integer AS id;

-- name: SiteForChange :one
-- Locked until the transaction ends.
SELECT * FROM site WHERE code = @code FOR NO KEY UPDATE;

-- name: UpdateSite :one
UPDATE site
SET name = @name, time_zone = @time_zone, production_day_start = @production_day_start, gln = @gln, address = @address,
    approval_number = @approval_number, company_prefix = @company_prefix, max_lot_kg = @max_lot_kg
WHERE id = @id
RETURNING *;

-- name: EndSite :exec
UPDATE site SET ended_at = @ended_at WHERE id = @id;

-- name: OpenRunCodes :many
-- Of the runs at a site that aren't at their end.
SELECT code FROM run WHERE site_id = @site_id AND status IN ('IDLE', 'RUNNING', 'HOLD') ORDER BY code;

-- name: AllSiteIDs :many
-- For programs alone, before they have named their sites.
SELECT id::integer AS id FROM all_site_ids() AS s(id) ORDER BY id;

-- name: WidenScope :many
-- From here on the transaction sees, and writes at, all sites.
WITH each_site AS MATERIALIZED (SELECT s.id FROM all_site_ids() AS s(id)),
     widened AS MATERIALIZED (SELECT set_config('flowviz.sites', (SELECT array_agg(id)::text FROM each_site), true))
SELECT s.id::integer AS id FROM each_site s, widened ORDER BY s.id;
