-- name: HoldsByLots :many
SELECT * FROM hold WHERE lot_id = ANY(@lot_ids::uuid[]) ORDER BY lot_id, id;

-- name: ExposedLots :many
-- Those of the lots that are exposed now.
SELECT DISTINCT lot_id FROM exposure WHERE lot_id = ANY(@lot_ids::uuid[]) AND ended_at IS NULL ORDER BY lot_id;

-- name: ExposuresByLots :many
SELECT e.* FROM unnest(@lot_ids::uuid[]) AS k(lot_id)
CROSS JOIN LATERAL (
    SELECT * FROM exposure x WHERE x.lot_id = k.lot_id AND x.ended_at IS NULL
    ORDER BY x.exposed_at, x.cause_id LIMIT @size
) e
ORDER BY e.lot_id, e.exposed_at, e.cause_id;

-- name: ExposeChildren :exec
-- Lots that have got parents are exposed by what stops these (an open hold, or one that ended in rejection) or exposes
-- them, and so is all that was made of the lots.
WITH RECURSIVE cause AS (
    SELECT g.child_id, g.site_id, h.id AS cause_id, h.lot_id AS cause_lot_id, h.site_id AS cause_site_id,
           CASE WHEN h.ended_at IS NULL THEN 'HOLD' ELSE 'REJECTED' END::exposure_reason AS reason
    FROM lot_genealogy g JOIN hold h ON h.lot_id = g.parent_id AND h.site_id = g.parent_site_id
    WHERE g.child_id = ANY(@lot_ids::uuid[]) AND (h.ended_at IS NULL OR h.outcome = 'REJECTED')
    UNION
    SELECT g.child_id, g.site_id, x.cause_id, x.cause_lot_id, x.cause_site_id, x.reason
    FROM lot_genealogy g JOIN exposure x ON x.lot_id = g.parent_id AND x.site_id = g.parent_site_id AND x.ended_at IS NULL
    WHERE g.child_id = ANY(@lot_ids::uuid[])
), exposed AS (
    SELECT c.child_id AS lot_id, c.site_id, c.cause_id, c.cause_lot_id, c.cause_site_id, c.reason FROM cause c
    UNION
    SELECT g.child_id, g.site_id, e.cause_id, e.cause_lot_id, e.cause_site_id, e.reason
    FROM exposed e JOIN lot_genealogy g ON g.parent_id = e.lot_id AND g.parent_site_id = e.site_id
)
INSERT INTO exposure (lot_id, cause_id, site_id, cause_lot_id, cause_site_id, reason, exposed_at)
SELECT e.lot_id, e.cause_id, e.site_id, e.cause_lot_id, e.cause_site_id, e.reason, @exposed_at::timestamptz FROM exposed e
ON CONFLICT DO NOTHING;
