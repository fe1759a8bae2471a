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
