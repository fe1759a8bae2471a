-- Recursion with UNION over (id, marker) visits each lot once, in the order of its shortest depth: one round's working
-- table is one level. Carrying the depth itself would visit a lot at each of its depths, and recursing over links instead
-- costs half as much again at 7,000 lots. Where a level ends is told by one marker row a round: a lot's row has marker 0,
-- the row that closes level n has marker n + 1. It is handed on while the round still found lots (width > 1), and it counts
-- the levels for max_depth. It begins as the last row and stays it, since a correlated LATERAL with OFFSET 0 can only be a
-- nested loop, which keeps the order. An ORDER BY outside would lose it. One array carries all ids, each level closed by the
-- marker's nil: a row a lot would cost both sides as much as finding a tenth of them.
--
-- Behind the row with the array come the columns of LotRowsByIDs of the nearest @most lots, by depth and then by id: the first
-- page of a list that is written straight then needs no second statement. Joined to the recursion they would take a third
-- longer, as each lot is then sought alone. Where there are more, only as many levels as hold them are looked at (near): the nil
-- that closes the last of these stands behind the root, @most lots and as many nils as there can be. db/lot_walk.go reads both.

-- name: AncestorLevels :many
WITH RECURSIVE kin (id, marker) AS (
    SELECT @root_id::uuid AS id, 0::integer AS marker
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000'::uuid AS id, 1::integer AS marker
    UNION
    SELECT coalesce(g.parent_id, k.id), CASE WHEN k.marker > 0 THEN k.marker + 1 ELSE 0 END
    FROM (SELECT kin.id, kin.marker, count(*) OVER () AS width, max(kin.marker) OVER () AS level FROM kin) k
    LEFT JOIN LATERAL (SELECT x.parent_id FROM lot_genealogy x WHERE k.marker = 0 AND x.child_id = k.id OFFSET 0) g ON true
    WHERE k.width > 1 AND k.level <= @max_depth::integer AND (k.marker > 0 OR g.parent_id IS NOT NULL)
), walk AS MATERIALIZED (
    SELECT array_agg(kin.id)::uuid[] AS ids, count(*) FILTER (WHERE kin.marker = 0) - 1 AS lots, max(kin.marker) + 1 + @most::integer AS place FROM kin -- no ORDER BY
), near AS (
    SELECT unnest(walk.ids[:array_position(walk.ids, '00000000-0000-0000-0000-000000000000', walk.place)])::uuid AS id FROM walk
), page AS (
    SELECT CASE WHEN walk.lots <= @most::integer THEN walk.ids ELSE (
        SELECT array_agg(nearest.id) FROM (
            SELECT k.id FROM (SELECT near.id, count(*) FILTER (WHERE near.id = '00000000-0000-0000-0000-000000000000') OVER (ROWS UNBOUNDED PRECEDING) AS level FROM near) k
            WHERE k.id <> '00000000-0000-0000-0000-000000000000' ORDER BY k.level, k.id LIMIT 1 + @most::integer
        ) nearest
    ) END::uuid[] AS ids FROM walk
)
SELECT walk.ids, NULL::uuid AS id, NULL::integer AS site_id, NULL::text AS code, NULL::text AS lot_type, NULL::lot_status AS status,
    NULL::numeric AS weight_kg, NULL::numeric AS temperature_c, NULL::timestamptz AS occurred_at, NULL::boolean AS held
FROM walk
UNION ALL
SELECT NULL, l.id, l.site_id, l.code, t.code, l.status, l.weight_kg, l.temperature_c, l.occurred_at, l.held
FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE l.id = ANY((SELECT page.ids FROM page)::uuid[]) AND l.id <> @root_id;

-- name: DescendantLevels :many
WITH RECURSIVE kin (id, marker) AS (
    SELECT @root_id::uuid AS id, 0::integer AS marker
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000'::uuid AS id, 1::integer AS marker
    UNION
    SELECT coalesce(g.child_id, k.id), CASE WHEN k.marker > 0 THEN k.marker + 1 ELSE 0 END
    FROM (SELECT kin.id, kin.marker, count(*) OVER () AS width, max(kin.marker) OVER () AS level FROM kin) k
    LEFT JOIN LATERAL (SELECT x.child_id FROM lot_genealogy x WHERE k.marker = 0 AND x.parent_id = k.id OFFSET 0) g ON true
    WHERE k.width > 1 AND k.level <= @max_depth::integer AND (k.marker > 0 OR g.child_id IS NOT NULL)
), walk AS MATERIALIZED (
    SELECT array_agg(kin.id)::uuid[] AS ids, count(*) FILTER (WHERE kin.marker = 0) - 1 AS lots, max(kin.marker) + 1 + @most::integer AS place FROM kin -- no ORDER BY
), near AS (
    SELECT unnest(walk.ids[:array_position(walk.ids, '00000000-0000-0000-0000-000000000000', walk.place)])::uuid AS id FROM walk
), page AS (
    SELECT CASE WHEN walk.lots <= @most::integer THEN walk.ids ELSE (
        SELECT array_agg(nearest.id) FROM (
            SELECT k.id FROM (SELECT near.id, count(*) FILTER (WHERE near.id = '00000000-0000-0000-0000-000000000000') OVER (ROWS UNBOUNDED PRECEDING) AS level FROM near) k
            WHERE k.id <> '00000000-0000-0000-0000-000000000000' ORDER BY k.level, k.id LIMIT 1 + @most::integer
        ) nearest
    ) END::uuid[] AS ids FROM walk
)
SELECT walk.ids, NULL::uuid AS id, NULL::integer AS site_id, NULL::text AS code, NULL::text AS lot_type, NULL::lot_status AS status,
    NULL::numeric AS weight_kg, NULL::numeric AS temperature_c, NULL::timestamptz AS occurred_at, NULL::boolean AS held
FROM walk
UNION ALL
SELECT NULL, l.id, l.site_id, l.code, t.code, l.status, l.weight_kg, l.temperature_c, l.occurred_at, l.held
FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE l.id = ANY((SELECT page.ids FROM page)::uuid[]) AND l.id <> @root_id;

-- Of many roots at once: the window sorts each root's marker behind its lots. Behind a SELECT the planner can't see how many
-- roots there are, so one plan serves all calls: planning anew at each, it would spend 0.4 ms, as much as finding 60 lots.
-- A quarter slower than for one root, which therefore has a statement of its own.

-- name: AncestorLevelsOfMany :many
WITH RECURSIVE kin (root_id, id, marker) AS (
    SELECT r.id::uuid AS root_id, r.id::uuid AS id, 0::integer AS marker FROM unnest((SELECT @root_ids::uuid[])) AS r(id)
    UNION ALL
    SELECT r.id::uuid AS root_id, '00000000-0000-0000-0000-000000000000'::uuid AS id, 1::integer AS marker FROM unnest((SELECT @root_ids::uuid[])) AS r(id)
    UNION
    SELECT k.root_id, coalesce(g.parent_id, k.id), CASE WHEN k.marker > 0 THEN k.marker + 1 ELSE 0 END
    FROM (
        SELECT kin.root_id, kin.id, kin.marker, count(*) OVER round AS width, max(kin.marker) OVER round AS level
        FROM kin
        WINDOW round AS (PARTITION BY kin.root_id ORDER BY kin.marker ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) k
    LEFT JOIN LATERAL (SELECT x.parent_id FROM lot_genealogy x WHERE k.marker = 0 AND x.child_id = k.id OFFSET 0) g ON true
    WHERE k.width > 1 AND k.level <= @max_depth::integer AND (k.marker > 0 OR g.parent_id IS NOT NULL)
)
SELECT kin.root_id::uuid AS root_id, kin.id::uuid AS id FROM kin; -- no ORDER BY

-- name: DescendantLevelsOfMany :many
WITH RECURSIVE kin (root_id, id, marker) AS (
    SELECT r.id::uuid AS root_id, r.id::uuid AS id, 0::integer AS marker FROM unnest((SELECT @root_ids::uuid[])) AS r(id)
    UNION ALL
    SELECT r.id::uuid AS root_id, '00000000-0000-0000-0000-000000000000'::uuid AS id, 1::integer AS marker FROM unnest((SELECT @root_ids::uuid[])) AS r(id)
    UNION
    SELECT k.root_id, coalesce(g.child_id, k.id), CASE WHEN k.marker > 0 THEN k.marker + 1 ELSE 0 END
    FROM (
        SELECT kin.root_id, kin.id, kin.marker, count(*) OVER round AS width, max(kin.marker) OVER round AS level
        FROM kin
        WINDOW round AS (PARTITION BY kin.root_id ORDER BY kin.marker ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) k
    LEFT JOIN LATERAL (SELECT x.child_id FROM lot_genealogy x WHERE k.marker = 0 AND x.parent_id = k.id OFFSET 0) g ON true
    WHERE k.width > 1 AND k.level <= @max_depth::integer AND (k.marker > 0 OR g.child_id IS NOT NULL)
)
SELECT kin.root_id::uuid AS root_id, kin.id::uuid AS id FROM kin; -- no ORDER BY

-- name: GenealogyNow :one
-- What a snapshot sees of the transactions of which server.
SELECT pg_current_snapshot()::text AS at, genealogy_store() AS store;

-- name: LotsRemade :many
-- What was made by transformations that may have changed since another snapshot, at most size: all lots whose links to what they were made of may
-- be others.
SELECT DISTINCT o.lot_id
FROM transformations_changed_since(@known_at::text, @size) AS c(id, site_id)
JOIN transformation_output o ON o.transformation_id = c.id AND o.site_id = c.site_id
LIMIT @size;

-- name: LotsAltered :many
-- The lots of which what replicas keep in memory may have changed since another snapshot, at most size.
SELECT c.id::uuid AS id FROM lots_changed_since(@known_at::text, @size) AS c(id);

-- name: GenealogyChanges :one
-- What a replica that knew all at the snapshot @known_at can't know (docs/adr/0020): the lots that were made, or used, by transformations
-- which have changed since, and those that were altered. What it knows of other lots holds at this instant. Where 200 or more have changed, or
-- it was another history of transactions, none are named: links, or facts, aren't counted. Behind a table the planner can't see the snapshot, so one
-- plan serves all calls: planned anew at each, as it would be, it took 1.2 ms instead of 0.1.
WITH since AS MATERIALIZED (
    SELECT @known_at::text AS at, @known_in::text AS store
), changed AS MATERIALIZED (
    SELECT c.id, c.site_id FROM since CROSS JOIN LATERAL transformations_changed_since(since.at, 200) AS c(id, site_id)
), altered AS MATERIALIZED (
    SELECT c.id FROM since CROSS JOIN LATERAL lots_changed_since(since.at, 200) AS c(id)
), counted AS MATERIALIZED (
    SELECT genealogy_store() = since.store AND (SELECT count(*) FROM changed) < 200 AS links, genealogy_store() = since.store AND (SELECT count(*) FROM altered) < 200 AS facts
    FROM since
)
SELECT counted.links::boolean AS links_counted, counted.facts::boolean AS facts_counted,
    ARRAY(
        SELECT o.lot_id FROM changed c
        CROSS JOIN LATERAL (SELECT x.lot_id FROM transformation_output x WHERE x.transformation_id = c.id AND x.site_id = c.site_id OFFSET 0) o
        WHERE counted.links
    )::uuid[] AS made,
    ARRAY(
        SELECT s.lot_id FROM changed c
        CROSS JOIN LATERAL (SELECT x.lot_id FROM transformation_source x WHERE x.transformation_id = c.id AND x.site_id = c.site_id OFFSET 0) s
        WHERE counted.links
    )::uuid[] AS used,
    ARRAY(SELECT altered.id FROM altered WHERE counted.facts)::uuid[] AS altered
FROM counted;

-- name: AllLinks :many
SELECT child_id, parent_id, site_id, parent_site_id FROM lot_genealogy; -- no ORDER BY: as they lie

-- name: AllLotFacts :many
SELECT id, number, lot_type_id, occurred_at, weight_kg, temperature_c, code FROM lot; -- no ORDER BY: as they lie

-- name: LotFacts :many
SELECT id, number, lot_type_id, occurred_at, weight_kg, temperature_c, code FROM lot WHERE id = ANY(@ids::uuid[]);

-- name: AllLotTypeCodes :many
SELECT id, code FROM lot_type; -- no ORDER BY: each by its id

-- name: LinksByChildren :many
SELECT child_id, parent_id, transformation_id, site_id, parent_site_id FROM lot_genealogy
WHERE child_id = ANY(@child_ids::uuid[])
ORDER BY child_id, parent_id, transformation_id;

-- name: LinksByParents :many
SELECT child_id, parent_id, transformation_id, site_id, parent_site_id FROM lot_genealogy
WHERE parent_id = ANY(@parent_ids::uuid[])
ORDER BY parent_id, child_id, transformation_id;

-- name: ParentLinksByChildren :many
-- One step back of many lots: at most size links of each.
SELECT g.child_id, g.parent_id, g.transformation_id, g.site_id, g.parent_site_id FROM unnest(@child_ids::uuid[]) AS k(lot_id)
CROSS JOIN LATERAL (
    SELECT * FROM lot_genealogy x WHERE x.child_id = k.lot_id ORDER BY x.parent_id, x.transformation_id LIMIT @size
) g
ORDER BY g.child_id, g.parent_id, g.transformation_id;

-- name: ChildLinksByParents :many
-- One step forward of many lots: at most size links of each.
SELECT g.child_id, g.parent_id, g.transformation_id, g.site_id, g.parent_site_id FROM unnest(@parent_ids::uuid[]) AS k(lot_id)
CROSS JOIN LATERAL (
    SELECT * FROM lot_genealogy x WHERE x.parent_id = k.lot_id ORDER BY x.child_id, x.transformation_id LIMIT @size
) g
ORDER BY g.parent_id, g.child_id, g.transformation_id;

-- name: AncestorLinksAsOf :many
-- The links as they were known at a time: from the transformations recorded by then and not yet voided.
WITH RECURSIVE link (child_id, parent_id, transformation_id, site_id, parent_site_id) AS (
    SELECT o.lot_id AS child_id, i.lot_id AS parent_id, t.id AS transformation_id, o.site_id AS site_id, i.lot_site_id AS parent_site_id
    FROM transformation_output o
    JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
    JOIN transformation_source i ON i.transformation_id = t.id AND i.site_id = t.site_id
    WHERE o.lot_id = @lot_id AND i.lot_id <> o.lot_id AND t.recorded_at <= @as_of AND (t.voided_at IS NULL OR t.voided_at > @as_of)
    UNION
    SELECT o.lot_id, i.lot_id, t.id, o.site_id, i.lot_site_id
    FROM link
    JOIN transformation_output o ON o.lot_id = link.parent_id
    JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
    JOIN transformation_source i ON i.transformation_id = t.id AND i.site_id = t.site_id
    WHERE i.lot_id <> o.lot_id AND t.recorded_at <= @as_of AND (t.voided_at IS NULL OR t.voided_at > @as_of)
)
SELECT child_id, parent_id, transformation_id, site_id, parent_site_id FROM link ORDER BY child_id, parent_id, transformation_id;

-- name: DescendantLinksAsOf :many
WITH RECURSIVE link (child_id, parent_id, transformation_id, site_id, parent_site_id) AS (
    SELECT o.lot_id AS child_id, i.lot_id AS parent_id, t.id AS transformation_id, o.site_id AS site_id, i.lot_site_id AS parent_site_id
    FROM transformation_source i
    JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
    JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
    WHERE i.lot_id = @lot_id AND i.lot_id <> o.lot_id AND t.recorded_at <= @as_of AND (t.voided_at IS NULL OR t.voided_at > @as_of)
    UNION
    SELECT o.lot_id, i.lot_id, t.id, o.site_id, i.lot_site_id
    FROM link
    JOIN transformation_source i ON i.lot_id = link.child_id
    JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
    JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
    WHERE i.lot_id <> o.lot_id AND t.recorded_at <= @as_of AND (t.voided_at IS NULL OR t.voided_at > @as_of)
)
SELECT child_id, parent_id, transformation_id, site_id, parent_site_id FROM link ORDER BY parent_id, child_id, transformation_id;

-- name: LotWeightsAsOf :many
-- What lots weighed at their birth as it was known at a time: what came out of the transformation that had made them by then. Without those that nothing
-- had made or several had, and those that weren't weighed.
SELECT o.lot_id, min(o.quantity_kg)::numeric(12, 3) AS weight_kg
FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
WHERE o.lot_id = ANY(@lot_ids::uuid[]) AND t.recorded_at <= @as_of AND (t.voided_at IS NULL OR t.voided_at > @as_of)
GROUP BY o.lot_id
HAVING count(*) = 1 AND count(o.quantity_kg) = 1; -- no ORDER BY: the caller has the order

-- name: LinksBelow :many
-- All links on the ways forward from lots, each once: where a new link could close a cycle.
WITH RECURSIVE below (id) AS (
    SELECT r.id::uuid AS id FROM unnest(@lot_ids::uuid[]) AS r(id)
    UNION
    SELECT g.child_id FROM below JOIN lot_genealogy g ON g.parent_id = below.id
)
SELECT DISTINCT g.parent_id, g.child_id FROM below JOIN lot_genealogy g ON g.parent_id = below.id ORDER BY g.parent_id, g.child_id;

-- name: AllergensIntroduced :many
-- The allergens of lots that no lot has of which they were made.
SELECT l.id AS lot_id, a.allergen::text AS allergen FROM lot l
CROSS JOIN LATERAL jsonb_array_elements_text(l.attributes -> 'allergens') AS a(allergen)
WHERE l.id = ANY(@lot_ids::uuid[]) AND l.attributes ? 'allergens' AND NOT EXISTS (
    SELECT FROM lot_genealogy g JOIN lot p ON p.id = g.parent_id AND p.site_id = g.parent_site_id
    WHERE g.child_id = l.id AND p.attributes -> 'allergens' ? a.allergen
)
ORDER BY l.id, a.allergen;

-- name: BestBeforeByLots :many
SELECT id, (attributes ->> 'bestBefore')::timestamptz AS best_before FROM lot
WHERE id = ANY(@lot_ids::uuid[]) AND attributes ? 'bestBefore'
ORDER BY id;
