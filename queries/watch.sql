-- name: RunsToWatch :many
-- A site's runs that run, or that ended well after an instant, with when each last registered a lot.
SELECT sqlc.embed(r), l.registered_at AS last_lot_at
FROM run r
LEFT JOIN lot l ON l.site_id = r.site_id
    AND l.id = (SELECT o.id FROM lot o WHERE o.run_id = r.id AND o.site_id = r.site_id ORDER BY o.id DESC LIMIT 1)
WHERE r.site_id = @site_id AND r.started_at IS NOT NULL
  AND (r.status = 'RUNNING' OR r.status IN ('COMPLETED', 'ARCHIVED') AND r.ended_at > @ended_after)
ORDER BY r.id;

-- name: LineChecks :many
-- For each pair of a run and a gate that checks its line, in the order given: the last check, and the first and last registration of
-- what the gate is for. Lots that the program made and nobody measured were not on the line yet.
SELECT c.checked_at AS last_check, f.registered_at AS first_lot, l.registered_at AS last_lot
FROM ROWS FROM (unnest(@run_ids::uuid[]), unnest(@gate_ids::uuid[])) WITH ORDINALITY AS k (run_id, gate_id, place)
JOIN qc_gate g ON g.id = k.gate_id
LEFT JOIN qc_decision c ON c.site_id = @site_id AND c.id = (
    SELECT d.id FROM qc_decision d
    WHERE d.run_id = k.run_id AND d.gate_id = k.gate_id AND d.site_id = @site_id AND d.lot_id IS NULL
    ORDER BY d.checked_at DESC LIMIT 1
)
LEFT JOIN lot f ON f.site_id = @site_id AND f.id = (
    SELECT o.id FROM lot o
    WHERE o.run_id = k.run_id AND o.site_id = @site_id AND (o.source <> 'AUTO' OR num_nonnulls(o.weight_kg, o.quantity) > 0)
      AND (o.lot_type_id IN (SELECT t.lot_type_id FROM qc_gate_lot_type t WHERE t.gate_id = k.gate_id)
           OR o.phase_id = g.phase_id AND NOT EXISTS (SELECT FROM qc_gate_lot_type t WHERE t.gate_id = k.gate_id))
    ORDER BY o.id LIMIT 1
)
LEFT JOIN lot l ON l.site_id = @site_id AND l.id = (
    SELECT o.id FROM lot o
    WHERE o.run_id = k.run_id AND o.site_id = @site_id AND (o.source <> 'AUTO' OR num_nonnulls(o.weight_kg, o.quantity) > 0)
      AND (o.lot_type_id IN (SELECT t.lot_type_id FROM qc_gate_lot_type t WHERE t.gate_id = k.gate_id)
           OR o.phase_id = g.phase_id AND NOT EXISTS (SELECT FROM qc_gate_lot_type t WHERE t.gate_id = k.gate_id))
    ORDER BY o.id DESC LIMIT 1
)
ORDER BY k.place;

-- name: Changeovers :many
-- For each pair of a run and a gate that checks its line: when the first lot was registered that is of another product than the one before it, where
-- no check was made since that one. Lots of an unknown product tell nothing. Pairs without such a lot are left out.
SELECT k.run_id::uuid AS run_id, k.gate_id::uuid AS gate_id, c.changed_at::timestamptz AS changed_at
FROM ROWS FROM (unnest(@run_ids::uuid[]), unnest(@gate_ids::uuid[])) AS k (run_id, gate_id)
CROSS JOIN LATERAL (
    SELECT min(p.registered_at) AS changed_at
    FROM (
        SELECT o.registered_at, o.product, lag(o.product) OVER w AS before, lag(o.registered_at) OVER w AS since
        FROM (
            SELECT l.id, l.registered_at, coalesce(l.product_id::text, l.attributes ->> 'sku') AS product
            FROM lot l
            WHERE l.run_id = k.run_id AND l.site_id = @site_id AND (l.source <> 'AUTO' OR num_nonnulls(l.weight_kg, l.quantity) > 0)
              AND l.lot_type_id IN (SELECT t.lot_type_id FROM qc_gate_lot_type t WHERE t.gate_id = k.gate_id)
        ) o
        WHERE o.product IS NOT NULL
        WINDOW w AS (ORDER BY o.id)
    ) p
    WHERE p.product <> p.before AND NOT EXISTS (
        SELECT FROM qc_decision d
        WHERE d.run_id = k.run_id AND d.gate_id = k.gate_id AND d.site_id = @site_id AND d.lot_id IS NULL AND d.checked_at >= p.since
    )
) c
WHERE c.changed_at IS NOT NULL
ORDER BY k.run_id, k.gate_id;

-- name: DecisionsAfter :one
-- A site's decisions that stand, made after an instant about checks after it: a correction of an older check is none of these.
SELECT count(*) AS made, count(*) FILTER (WHERE d.decision = 'FAIL') AS failed
FROM qc_decision d
WHERE d.site_id = @site_id AND d.decided_at > @after AND d.checked_at > @after
  AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id);

-- name: ForgetEvents :one
SELECT forget_events(@site_id, @before);
