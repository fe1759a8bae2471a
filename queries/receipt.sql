-- name: SeeSitesBelow :many
-- Some sites and all that received from them, directly or over others: from here on the transaction sees, and writes at, these too.
WITH below AS MATERIALIZED (SELECT s.id FROM sites_below(@sites::integer[]) AS s(id)),
     seen AS MATERIALIZED (
         SELECT set_config('flowviz.sites', array_agg(u.id)::text, true)
         FROM (SELECT below.id FROM below UNION SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])) u(id)
     )
SELECT b.id::integer AS id FROM below b, seen ORDER BY b.id;

-- name: SitesOfPartners :many
-- Which other sites of the company partners are: those that have their GLN.
SELECT p.id AS partner_id, s.id, s.code FROM partner p JOIN site s ON s.gln = p.gln AND s.id <> p.site_id
WHERE p.id = ANY(@partner_ids::uuid[]) AND p.site_id = @site_id
ORDER BY p.id, s.id;

-- name: LotsShippedTo :many
-- What a site has shipped of lots to another one: to a partner with the GLN of that.
SELECT l.id, l.code, l.gs1_key, coalesce(sum(i.quantity_kg), 0)::numeric AS kg, coalesce(sum(i.quantity), 0)::numeric AS pieces
FROM lot l
JOIN transformation_input i ON i.lot_id = l.id AND i.site_id = l.site_id
JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id AND t.kind = 'SHIP' AND t.voided_at IS NULL
JOIN partner p ON p.id = t.partner_id AND p.site_id = t.site_id
JOIN site here ON here.gln = p.gln AND here.id = @to_site
WHERE l.site_id = @from_site AND (l.code = ANY(@codes::text[]) OR l.gs1_key = ANY(@gs1_keys::text[]))
GROUP BY l.id, l.site_id
ORDER BY l.id;

-- name: ReceivedOfLots :many
-- What a site has received of lots of another. After their rows are locked: then nobody else receives of them.
SELECT r.lot_id, coalesce(sum(r.quantity_kg), 0)::numeric AS kg, coalesce(sum(r.quantity), 0)::numeric AS pieces
FROM receipt r JOIN transformation t ON t.id = r.transformation_id AND t.site_id = r.site_id AND t.voided_at IS NULL
WHERE r.lot_id = ANY(@lot_ids::uuid[]) AND r.site_id = @site_id
GROUP BY r.lot_id ORDER BY r.lot_id;

-- name: InsertReceipts :exec
-- What transformations that are there took of lots of other sites, and the pairs that this implies, from a JSON array of rows.
WITH came AS (
    INSERT INTO receipt (transformation_id, site_id, lot_id, lot_site_id, quantity_kg, quantity, unit)
    SELECT r.transformation_id, @site_id, r.lot_id, r.lot_site_id, r.quantity_kg, r.quantity, r.unit
    FROM jsonb_to_recordset(@receipts::jsonb) AS r (transformation_id uuid, lot_id uuid, lot_site_id integer, quantity_kg numeric, quantity numeric, unit text)
    RETURNING transformation_id, lot_id, lot_site_id
)
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
SELECT o.lot_id, c.lot_id, c.transformation_id, @site_id, c.lot_site_id
FROM came c JOIN transformation_output o ON o.transformation_id = c.transformation_id AND o.site_id = @site_id;

-- name: ReceiptsByTransformations :many
SELECT * FROM receipt WHERE transformation_id = ANY(@transformation_ids::uuid[]) ORDER BY transformation_id, lot_id;

-- name: ReceivedElsewhere :many
-- Which lots of a shipment another site has received.
SELECT DISTINCT l.code FROM transformation_input i
JOIN receipt r ON r.lot_id = i.lot_id AND r.lot_site_id = i.site_id
JOIN transformation t ON t.id = r.transformation_id AND t.site_id = r.site_id AND t.voided_at IS NULL
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
WHERE i.transformation_id = @transformation_id AND i.site_id = @site_id
ORDER BY l.code;

-- name: ExposedBorders :many
-- The lots through which causes came to other sites: exposed to them, as is a parent at another site, or the parent is the cause.
SELECT DISTINCT e.site_id, e.cause_id, e.lot_id, l.code FROM exposure e
JOIN lot_genealogy g ON g.child_id = e.lot_id AND g.site_id = e.site_id AND g.parent_site_id <> g.site_id
JOIN lot l ON l.id = e.lot_id AND l.site_id = e.site_id
WHERE e.cause_id = ANY(@cause_ids::uuid[]) AND e.ended_at IS NULL
  AND (g.parent_id = e.cause_lot_id OR EXISTS (SELECT FROM exposure p WHERE p.lot_id = g.parent_id AND p.cause_id = e.cause_id))
ORDER BY e.site_id, e.cause_id, e.lot_id;

-- name: BordersOfCauses :many
-- Where a cause came in that its reader doesn't see: of a lot and what it is made of, what is exposed to the cause and has no parent that
-- is, as far as the reader sees.
WITH RECURSIVE up (lot_id, cause_id, id) AS (
    SELECT k.lot_id, k.cause_id, k.lot_id FROM (SELECT unnest(@lot_ids::uuid[]) AS lot_id, unnest(@cause_ids::uuid[]) AS cause_id) k
    UNION
    SELECT up.lot_id, up.cause_id, g.parent_id
    FROM up
    JOIN lot_genealogy g ON g.child_id = up.id
    JOIN exposure x ON x.lot_id = g.parent_id AND x.site_id = g.parent_site_id AND x.cause_id = up.cause_id
)
SELECT DISTINCT ON (up.lot_id, up.cause_id) up.lot_id::uuid AS lot_id, up.cause_id::uuid AS cause_id, l.id AS border_id, l.site_id AS border_site_id
FROM up JOIN lot l ON l.id = up.id
WHERE NOT EXISTS (
    SELECT FROM lot_genealogy g JOIN exposure x ON x.lot_id = g.parent_id AND x.site_id = g.parent_site_id AND x.cause_id = up.cause_id
    WHERE g.child_id = up.id
)
ORDER BY up.lot_id, up.cause_id, l.id;
