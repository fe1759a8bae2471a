-- name: DecisionsByIDs :many
SELECT * FROM qc_decision WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: DecisionsPageByLots :many
SELECT d.* FROM unnest(@lot_ids::uuid[]) AS k(lot_id)
CROSS JOIN LATERAL (
    SELECT * FROM qc_decision q
    WHERE q.lot_id = k.lot_id AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
    ORDER BY q.id LIMIT @size
) d
ORDER BY d.lot_id, d.id;

-- name: CountDecisionsByLots :many
SELECT lot_id::uuid AS lot_id, count(*) FROM qc_decision WHERE lot_id = ANY(@lot_ids::uuid[]) GROUP BY lot_id ORDER BY lot_id;

-- name: DecisionsPageByRuns :many
SELECT d.* FROM unnest(@run_ids::uuid[]) AS k(run_id)
CROSS JOIN LATERAL (
    SELECT * FROM qc_decision q
    WHERE q.run_id = k.run_id AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
    ORDER BY q.id LIMIT @size
) d
ORDER BY d.run_id, d.id;

-- name: CountDecisionsByRuns :many
SELECT run_id::uuid AS run_id, count(*) FROM qc_decision WHERE run_id = ANY(@run_ids::uuid[]) GROUP BY run_id ORDER BY run_id;
