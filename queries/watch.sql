-- name: RunsToWatch :many
-- A site's runs that run, or that ended well after an instant, with when each last registered a lot, or made one that it had announced.
SELECT sqlc.embed(r), l.at AS last_lot_at
FROM run r
LEFT JOIN line_lot l ON l.site_id = r.site_id AND l.id = (
    SELECT x.id FROM (
        (SELECT o.id, o.registered_at AS at FROM lot o WHERE o.run_id = r.id AND o.site_id = r.site_id AND o.source <> 'AUTO' ORDER BY o.id DESC LIMIT 1)
        UNION ALL
        SELECT o.id, made_at(o) FROM lot o WHERE o.run_id = r.id AND o.site_id = r.site_id AND o.source = 'AUTO'
    ) x
    ORDER BY x.at DESC LIMIT 1
)
WHERE r.site_id = @site_id AND r.started_at IS NOT NULL
  AND (r.status = 'RUNNING' OR r.status IN ('COMPLETED', 'ARCHIVED') AND r.ended_at > @ended_after)
ORDER BY r.id;

-- name: LineChecks :many
-- For each pair of a run and a gate that checks its line, in the order given: the last check, and when the first and the last lot was registered of
-- what the gate is for, or made where its run had announced it. Lots that the program made and nobody measured were not on the line yet.
SELECT c.checked_at AS last_check, f.at AS first_lot, l.at AS last_lot
FROM ROWS FROM (unnest(@run_ids::uuid[]), unnest(@gate_ids::uuid[])) WITH ORDINALITY AS k (run_id, gate_id, place)
JOIN qc_gate g ON g.id = k.gate_id
CROSS JOIN LATERAL (SELECT array_agg(t.lot_type_id) AS types FROM qc_gate_lot_type t WHERE t.gate_id = g.id) a
LEFT JOIN qc_decision c ON c.site_id = @site_id AND c.id = (
    SELECT d.id FROM qc_decision d
    WHERE d.run_id = k.run_id AND d.gate_id = k.gate_id AND d.site_id = @site_id AND d.lot_id IS NULL
    ORDER BY d.checked_at DESC LIMIT 1
)
LEFT JOIN line_lot f ON f.site_id = @site_id AND f.id = (
    SELECT x.id FROM (
        (SELECT o.id, o.registered_at AS at FROM lot o
         WHERE o.run_id = k.run_id AND o.site_id = @site_id AND o.source <> 'AUTO'
           AND CASE WHEN a.types IS NULL THEN o.phase_id = g.phase_id ELSE o.lot_type_id = ANY(a.types) END
         ORDER BY o.id LIMIT 1)
        UNION ALL
        SELECT o.id, made_at(o) FROM lot o
        WHERE o.run_id = k.run_id AND o.site_id = @site_id AND o.source = 'AUTO' AND num_nonnulls(o.weight_kg, o.quantity) > 0
          AND CASE WHEN a.types IS NULL THEN o.phase_id = g.phase_id ELSE o.lot_type_id = ANY(a.types) END
    ) x
    ORDER BY x.at LIMIT 1
)
LEFT JOIN line_lot l ON l.site_id = @site_id AND l.id = (
    SELECT x.id FROM (
        (SELECT o.id, o.registered_at AS at FROM lot o
         WHERE o.run_id = k.run_id AND o.site_id = @site_id AND o.source <> 'AUTO'
           AND CASE WHEN a.types IS NULL THEN o.phase_id = g.phase_id ELSE o.lot_type_id = ANY(a.types) END
         ORDER BY o.id DESC LIMIT 1)
        UNION ALL
        SELECT o.id, made_at(o) FROM lot o
        WHERE o.run_id = k.run_id AND o.site_id = @site_id AND o.source = 'AUTO' AND num_nonnulls(o.weight_kg, o.quantity) > 0
          AND CASE WHEN a.types IS NULL THEN o.phase_id = g.phase_id ELSE o.lot_type_id = ANY(a.types) END
    ) x
    ORDER BY x.at DESC LIMIT 1
)
ORDER BY k.place;

-- name: Changeovers :many
-- For each pair of a run and a gate that checks its line: when the first lot was registered, or made where it was announced, that is of another product
-- than the one before it, where no check was made since that one. Lots of an unknown product tell nothing. Pairs without such a lot are left out.
SELECT k.run_id::uuid AS run_id, k.gate_id::uuid AS gate_id, c.changed_at::timestamptz AS changed_at
FROM ROWS FROM (unnest(@run_ids::uuid[]), unnest(@gate_ids::uuid[])) AS k (run_id, gate_id)
CROSS JOIN LATERAL (
    SELECT min(p.at) AS changed_at
    FROM (
        SELECT o.at, o.product, lag(o.product) OVER w AS before, lag(o.at) OVER w AS since
        FROM (
            SELECT l.id, coalesce(l.product_id::text, l.attributes ->> 'sku') AS product,
                   CASE WHEN l.source = 'AUTO' THEN made_at(l) ELSE l.registered_at END AS at
            FROM lot l
            WHERE l.run_id = k.run_id AND l.site_id = @site_id AND (l.source <> 'AUTO' OR num_nonnulls(l.weight_kg, l.quantity) > 0)
              AND l.lot_type_id IN (SELECT t.lot_type_id FROM qc_gate_lot_type t WHERE t.gate_id = k.gate_id)
        ) o
        WHERE o.product IS NOT NULL
        WINDOW w AS (ORDER BY o.at, o.id)
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
